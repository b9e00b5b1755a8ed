"""The environment variables that Assay reads."""

from __future__ import annotations

from collections.abc import Mapping

from generators.reference.markdown import cell, code, table

VARIABLES: Mapping[str, str] = {
    "ASSAY_CACHE": "Folder of what is kept between runs, instead of `.cache/assay` in the project. "
    "It can be deleted at any time, and shared by projects.",
    "ASSAY_CHECKPOINTS": "Folders to look for files in besides `checkpoints/`, separated as in `PATH`.",
    "ASSAY_COMPILE": "`1` also compares the compiled network, which takes minutes on a CPU.",
    "ASSAY_DEVICE": "`cpu` or `cuda`: where networks run. Without it, CUDA where it works.",
    "ASSAY_EXECUTOR": "Where many files are read: `inline`, `processes[:N]` or `dask://host:port`, as `--executor`.",
    "ASSAY_HUMAN36M": "Folder of the Human3.6M data set, for `assay accuracy`.",
    "ASSAY_OFFLINE": "`1` opens no connection: what needs one ends with exit code 4.",
    "ASSAY_PDF": "`1` prints the report of each language as PDF while the site is built, where Chromium is there.",
    "ASSAY_PINNED_URL": "Address with `{commit}` in it, where the site of each commit is kept; links of issues and "
    "exports lead there.",
    "ASSAY_PROBES": "Folder of your own images that networks are shown, instead of `docs/assets/probes`.",
    "ASSAY_SITE_URL": "Address of the published site; it goes before `site_url` of `mkdocs.yml`.",
    "ASSAY_TIMEOUT": "How many seconds a server may be silent; 30 without it.",
}
"""What each of Assay's own does. A test finds one without."""

OTHERS: Mapping[str, str] = {
    "CUDA_VISIBLE_DEVICES": "Cards that torch may use.",
    "GH_HOST, GH_TOKEN": "Host and login of `gh`, for `--post` and `--comment`.",
    "HF_ENDPOINT, HF_TOKEN": "Address of the hub, and login for what isn't public there.",
    "HTTPS_PROXY, NO_PROXY": "Proxies, as in other programs.",
    "SOURCE_DATE_EPOCH": "Date of a build, in seconds since 1970, for builds that are the same byte for byte.",
}
"""Those of others that matter."""


def environment_reference() -> str:
    """Return the table of the environment variables."""
    rows = [(code(name), cell(meaning)) for name, meaning in VARIABLES.items()]
    rows += [(", ".join(code(n) for n in name.split(", ")), cell(meaning)) for name, meaning in OTHERS.items()]
    return table(("Variable", "What it does"), rows)

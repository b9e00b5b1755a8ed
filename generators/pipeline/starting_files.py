"""The texts of a new investigation: what lies in ``generators/starting/``, with its values filled in.

Some are the person's from then on (:func:`own_files`, report and prose); the
others are the frame that Assay keeps up to date (:func:`frame_files`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from generators.errors import StartError
from generators.model.lock import LockEntry
from generators.pipeline.locking.adding import UNKNOWN_VARIANT
from generators.pipeline.starting_subject import Publisher
from generators.render.report_texts import fill
from generators.shipped import PACKAGE, shipped

FOLDER = PACKAGE / "starting"
PROSE_PAGE = "investigation.md"
SITE_FRAME = "mkdocs.yml"
CONSTRAINTS = "constraints.txt"
WORKFLOWS = ("pages.yml", "upstream.yml", "verdict-comment.yml", "verdicts.yml")
STEPS = ("check-pins", "comment-verdicts", "list-upstream", "pin-site", "propose-listings", "verdicts")
STEPS_FOLDER = ".ci"
_OWN = {
    "README.md": "README.md",
    "checkpoints.lock": "checkpoints.lock",
    "gitignore": ".gitignore",
}
_MKDOCS = {
    "hooks.py.txt": "docs/mkdocs/hooks.py",
    "pages.py.txt": "docs/mkdocs/pages.py",
}
_INSTALL = ".venv/bin/pip install --disable-pip-version-check"


def _light(extras: str) -> str:
    """Return the lines of a workflow that install Assay without what it doesn't need there: torch is large."""
    take = f"sed 's/\\[site,evaluate,fetch\\]/{extras}/' requirements.txt >requirements-light.txt"
    return f"{take}\n          {_INSTALL} -r requirements-light.txt"


_ELSEWHERE = (
    ("python3 run.py setup", "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"),
    ("python3 run.py build", ".venv/bin/mkdocs build --strict"),
    (f'{_INSTALL} -c constraints.txt -e ".[fetch]"', _light("[fetch]")),
    (f"{_INSTALL} -c constraints.txt -e .", _light("")),
    ("constraints.txt\n            pyproject.toml", "constraints.txt\n            requirements.txt"),
    ("'generators/**', 'constraints.txt'", "'requirements.txt', 'constraints.txt'"),
)
"""How a workflow of Assay's own repository reads in a project that installs Assay."""


def own_files(values: Mapping[str, str], origin: str) -> Iterator[tuple[str, str]]:
    """Yield path and content of files that belong to the person, but for report and prose.

    Args:
        values: By name.
        origin: What pip installs Assay from; empty: nobody can tell.
    """
    for name, place in _OWN.items():
        yield place, fill(_read(name), values)
    name = "requirements.txt" if origin else "requirements-unknown.txt"
    yield "requirements.txt", fill(_read(name), {"origin": origin})


def frame_files(title: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield path and content of the files that follow from Assay's version.

    Args:
        title: Of the site.
        language: Its default one.
    """
    yield SITE_FRAME, site_frame(shipped(SITE_FRAME).read_text(encoding="utf-8"), title, language)
    yield CONSTRAINTS, _constraints()
    for name, place in _MKDOCS.items():
        yield place, _read(name)
    yield from workflow_files()


def workflow_files() -> Iterator[tuple[str, str]]:
    """Yield path and content of the workflows and of the scripts that they run: Assay's own, in a project elsewhere."""
    for name in WORKFLOWS:
        text = (shipped("workflows") / name).read_text(encoding="utf-8")
        for own, other in _ELSEWHERE:
            text = text.replace(own, other)
        yield f".github/workflows/{name}", text
    for name in STEPS:
        yield f"{STEPS_FOLDER}/{name}", (shipped("steps") / name).read_text(encoding="utf-8")


def report_text(title: str, publisher: Publisher | None, entry: LockEntry | None) -> str:
    """Return the report's file: with a claim about the file where somebody says which network it is."""
    claimant = "PUBLISHER" if publisher is not None else "OWN"
    is_said = entry is not None and entry.variant != UNKNOWN_VARIANT
    file_claim = ""
    if entry is not None:
        about = {"id": entry.id, "variant": entry.variant, "claimant": claimant}
        file_claim = fill(_read("file_claim.toml" if is_said else "example_claim.toml"), about)
    values = {
        "title": title,
        "publisher": _publisher(publisher),
        "file_claim": file_claim,
        "last": "2" if is_said else "1",
    }
    return fill(_read("report.toml"), values)


def lock_control(variant: str) -> str:
    """Return what the lock says of a control that would fit an entry."""
    return fill(_read("control.lock"), {"variant": variant})


def prose(language: str) -> str:
    """Return the page that a person fills in."""
    return _read(language, PROSE_PAGE)


def site_frame(text: str, title: str, language: str) -> str:
    """Return the ``mkdocs.yml`` of a project elsewhere: Assay's own, with the places of another project.

    Raises:
        StartError: Assay's own has no such line any more, which its tests would tell.
    """
    for line, other in (
        ("site_name: Assay", f"site_name: {json.dumps(title, ensure_ascii=False)}"),
        ("docs_dir: docs/en", f"docs_dir: docs/{language}"),
        ("  custom_dir: docs/theme\n", ""),
        ("  language: en", f"  language: {language}"),
        ("  - generators/hooks.py", "  - docs/mkdocs/hooks.py"),
        ("        - generators/pages.py", "        - docs/mkdocs/pages.py"),
        ("  - generators\n", ""),
        (" Navigation, languages and generated pages come from generators/hooks.py and generators/pages.py.", ""),
    ):
        if text.count(line) != 1:
            raise StartError("unfit-frame", f"mkdocs.yml of Assay has no single line {line.strip()!r}")
        text = text.replace(line, other)
    return text


def _publisher(publisher: Publisher | None) -> str:
    if publisher is None:
        return ""
    # names and addresses of places may have any letter: as TOML writes them
    values = {"title": json.dumps(publisher.title), "address": json.dumps(publisher.address)}
    return fill(_read("publisher.toml"), values)


def _constraints() -> str:
    """Return the exact versions that Assay is tested with, without the head that says how Assay renews them."""
    lines = shipped(CONSTRAINTS).read_text(encoding="utf-8").splitlines(keepends=True)
    return _read("constraints-head.txt") + "".join(line for line in lines if not line.startswith("#"))


def _read(*names: str) -> str:
    return FOLDER.joinpath(*names).read_text(encoding="utf-8")

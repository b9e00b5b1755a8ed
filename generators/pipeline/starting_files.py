"""The texts of a new investigation: what lies in ``generators/starting/``, with its values filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from generators.errors import StartError
from generators.model.lock import LockEntry
from generators.pipeline.locking.adding import UNKNOWN_VARIANT
from generators.render.report_texts import fill
from generators.shipped import PACKAGE, shipped

FOLDER = PACKAGE / "starting"
PROSE_PAGE = "investigation.md"
_PLACES = {
    "README.md": "README.md",
    "checkpoints.lock": "checkpoints.lock",
    "gitignore": ".gitignore",
    "hooks.py.txt": "docs/mkdocs/hooks.py",
    "pages.py.txt": "docs/mkdocs/pages.py",
    "requirements.txt": "requirements.txt",
}
WORKFLOWS = ("pages.yml", "upstream.yml", "verdict-comment.yml", "verdicts.yml")
STEPS = ("check-pins", "comment-verdicts", "list-upstream", "pin-site", "propose-listings", "verdicts")
STEPS_FOLDER = ".ci"
_ELSEWHERE = (
    ("python3 run.py setup", "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"),
    ("python3 run.py build", ".venv/bin/mkdocs build --strict"),
    ('-c constraints.txt -e ".[fetch]"', "-r requirements.txt"),
    ("-c constraints.txt -e .", "-r requirements.txt"),
    ("-c constraints.txt playwright", "playwright"),
    ("|\n            constraints.txt\n            pyproject.toml", "requirements.txt"),
    ("'generators/**', 'constraints.txt'", "'requirements.txt'"),
    ("Set up what lists, without what runs networks", "Set up"),
    ("Set up what asks, without what runs networks", "Set up"),
    ("Set up what reads a report, without what runs networks", "Set up"),
)
"""How a workflow of Assay's own repository reads in a project that installs Assay."""


def starting_file(*names: str) -> Path:
    """Return the path of a text, below the folder of them."""
    return FOLDER.joinpath(*names)


def plain_files(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield path and content of each file that depends on nothing but the values."""
    for name, place in _PLACES.items():
        yield place, fill(_read(name), values)
    yield "mkdocs.yml", site_frame(shipped("mkdocs.yml").read_text(encoding="utf-8"), values)


def workflow_files() -> Iterator[tuple[str, str]]:
    """Yield path and content of the workflows and of the scripts that they run: Assay's own, in a project elsewhere."""
    for name in WORKFLOWS:
        text = (shipped("workflows") / name).read_text(encoding="utf-8")
        for own, other in _ELSEWHERE:
            text = text.replace(own, other)
        yield f".github/workflows/{name}", text
    for name in STEPS:
        yield f"{STEPS_FOLDER}/{name}", (shipped("steps") / name).read_text(encoding="utf-8")


def report_text(values: Mapping[str, str], entry: LockEntry | None) -> str:
    """Return the report's file, with a claim about the file where something is said of it."""
    is_said = entry is not None and entry.variant != UNKNOWN_VARIANT
    claimant = "PUBLISHER" if values["repository"] else "OWN"
    file_claim = ""
    if entry is not None and is_said:
        file_claim = fill(_read("file_claim.toml"), {"id": entry.id, "variant": entry.variant, "claimant": claimant})
    publisher = fill(_read("publisher.toml"), values) if values["repository"] else ""
    further = {"publisher": publisher, "file_claim": file_claim, "last": "2" if is_said else "1"}
    return fill(_read("report.toml"), {**values, **further})


def lock_control(variant: str) -> str:
    """Return what the lock says of a control that would fit an entry."""
    return fill(_read("control.lock"), {"variant": variant})


def site_frame(text: str, values: Mapping[str, str]) -> str:
    """Return the ``mkdocs.yml`` of a project elsewhere: Assay's own, with the places of another project.

    Raises:
        StartError: Assay's own has no such line any more, which its tests would tell.
    """
    language = values["language"]
    for line, other in (
        ("site_name: Assay", f"site_name: {json.dumps(values['title'], ensure_ascii=False)}"),
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


def _read(name: str) -> str:
    return starting_file(name).read_text(encoding="utf-8")

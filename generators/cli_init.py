"""The commands of someone who begins: ``init`` makes an investigation, ``texts`` keeps its sentences complete."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from generators.cli_parts import LANGUAGES, Commands, add_command, add_project, ask, complain, open_project, write
from generators.exit_codes import SOURCE_CODES, ExitCode

if TYPE_CHECKING:
    from generators.pipeline.starting import Started

_INIT = """\
Writes a lock, a report with worked examples, its sentences, prose to fill in, the site's frame, and a workflow that
publishes it on GitHub Pages. `mkdocs build --strict` works at once in what it makes.

SOURCE is one file: an address (`assay list --help` has the forms; it is looked at, not downloaded), or a file of this
machine, which is read and copied to checkpoints/. Without it one question is asked; --yes asks none.

The folder has to be empty or new (a .git folder may be in it). Nothing is ever overwritten: run again, it says what is
there and changes nothing."""
_TEXTS = """\
What a report says of its own (its question, claims, checks and sources) stands in docs/locales/LANGUAGE/report.po, one
file for each language that has prose below docs/. --update adds what is missing, empty, and keeps what is there."""
_TO_PUBLISH = "to publish it: say in requirements.txt where Assay comes from"
_QUESTION = "Which file is to be investigated? An address or a path; empty for none yet: "


def _add_init(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "init",
        "Start a new investigation in an empty folder.",
        _INIT,
        "assay init pose-files --repository owner/name",
        "assay init pose-files --source hf:owner/name@0123abc:model.safetensors",
        "assay init . --source ~/Downloads/model.pth --languages es,en --yes",
        exits={
            ExitCode.DONE: "made",
            ExitCode.UNUSABLE: "wrong usage, or a folder that isn't empty",
            ExitCode.UNREADABLE: "",
            **dict.fromkeys(SOURCE_CODES, ""),
        },
    )
    command.add_argument("folder", metavar="FOLDER", nargs="?", default=".", help="where (default: here)")
    command.add_argument("--source", default=None, help="file to investigate, see above")
    command.add_argument("--title", default="", help="of the site (default: from repository or folder)")
    command.add_argument("--repository", metavar="OWNER/NAME", default="", help="who published the file, on GitHub")
    command.add_argument(
        "--languages",
        default=",".join(LANGUAGES),
        help="of the site, the default one first (default: %(default)s)",
    )
    command.add_argument("--yes", action="store_true", help="ask nothing")
    command.set_defaults(run=_init)


def _add_texts(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "texts",
        "Check the sentences of the report, in each language.",
        _TEXTS,
        "assay texts",
        "assay texts --update",
        exits={
            ExitCode.DONE: "complete",
            ExitCode.NOT_SO: "something is missing or wrong, with file, line and remedy",
            ExitCode.UNUSABLE: "",
        },
    )
    command.add_argument("--update", action="store_true", help="add what is missing")
    add_project(command)
    command.set_defaults(run=_texts)


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {"init": _add_init, "texts": _add_texts}
"""The commands, by name."""


def _init(options: argparse.Namespace) -> int:
    from generators.pipeline.starting import NewInvestigation, check_empty, start_investigation

    folder = Path(options.folder)
    check_empty(folder.resolve())
    wanted = NewInvestigation(
        folder=folder,
        title=options.title,
        source=ask(_QUESTION) if options.source is None and not options.yes else options.source or "",
        repository=options.repository,
        languages=tuple(language.strip() for language in options.languages.split(",")),
    )
    started = start_investigation(wanted)
    write("".join(f"{line}\n" for line in _told(started, options.folder)).encode())
    return 0


def _told(started: Started, folder: str) -> list[str]:
    lines = [f"{folder}: {len(started.files)} files", *(f"  {name}" for name in started.files)]
    if started.entry is not None:
        lines.append(f"under investigation: {started.entry.id}, said to be {started.entry.variant}")
    step = [] if folder == "." else [f"  cd {folder}"]
    return [*lines, "next:", *step, "  mkdocs serve", _TO_PUBLISH]


def _texts(options: argparse.Namespace) -> int:
    from generators.pipeline.texts import check_texts, complete_texts

    project = open_project(options)
    if options.update:
        write("".join(f"{path}\n" for path in complete_texts(project)).encode())
    problems = check_texts(project)
    for problem in problems:
        complain(problem.diagnostics())
    return ExitCode.NOT_SO if problems else ExitCode.DONE

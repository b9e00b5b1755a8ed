"""The commands of someone who begins: ``init`` makes an investigation, ``texts`` keeps its sentences complete."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from generators.cli_parts import LANGUAGES, Commands, add_command, add_project, ask, complain, open_project, write
from generators.errors import StartError
from generators.exit_codes import SOURCE_CODES, ExitCode

if TYPE_CHECKING:
    from generators.pipeline.starting import Started
    from generators.pipeline.starting_subject import Found

_INIT = """\
Writes a lock, a report with a worked example, its sentences, prose to fill in, the site's frame, and workflows that
publish it on GitHub Pages. `mkdocs build --strict` works at once in what it makes.

SOURCE is what is to be investigated, one of
  owner/name                a repository of GitHub, or its address: named as the publisher, and not looked at
  hf:owner/name@revision    a place that lists files (`assay list --help` has all forms): what it lists is kept
  hf:owner/name@main:path   the address of one file: looked at, not downloaded
  ~/Downloads/model.pth     a file of this machine: read, and copied to checkpoints/
Without it one question is asked, where somebody can answer; --yes asks none.

The folder has to be empty or new. A .git folder may be in it, and what a host puts into a new repository: README.md,
LICENSE and .gitattributes stay as they are, .gitignore gets more lines. Nothing is ever overwritten: run again, it
says what is there and changes nothing.

--renew is for a folder that this command made: with another version of Assay, it brings workflows, their scripts,
constraints.txt and mkdocs.yml up to date. What you changed stays; where Assay changed it too, you are shown both."""
_TEXTS = """\
What a report says of its own (its question, claims, checks and sources) stands in docs/locales/LANGUAGE/report.po, one
file for each language that has prose below docs/. --update adds what is missing, empty, and keeps what is there."""
_QUESTION = "What is to be investigated? A repository (owner/name), an address, or a file here; empty for none yet: "


def _add_init(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "init",
        "Start a new investigation in an empty folder.",
        _INIT,
        "assay init pose-files --source owner/name",
        "assay init pose-files --source hf:owner/name@0123abc:model.safetensors",
        "assay init . --source ~/Downloads/model.pth --repository owner/name --languages es,en --yes",
        "assay init pose-files --renew",
        exits={
            ExitCode.DONE: "made, or up to date",
            ExitCode.NOT_SO: "with --renew: something differs that is yours to decide",
            ExitCode.UNUSABLE: "wrong usage, or a folder that isn't empty",
            ExitCode.UNREADABLE: "",
            **dict.fromkeys(SOURCE_CODES, ""),
        },
    )
    command.add_argument("folder", metavar="FOLDER", nargs="?", default=".", help="where (default: here)")
    command.add_argument("--source", default=None, help="what is to be investigated, see above")
    command.add_argument("--title", default="", help="of the site (default: from repository or folder)")
    command.add_argument(
        "--repository",
        metavar="OWNER/NAME",
        default="",
        help="who published the file, on GitHub (default: as SOURCE says)",
    )
    command.add_argument(
        "--variant", default="", help="architecture that the publisher says the file is (default: nobody says)"
    )
    command.add_argument(
        "--languages",
        default=",".join(LANGUAGES),
        help="of the site, the default one first (default: %(default)s)",
    )
    command.add_argument("--yes", action="store_true", help="ask nothing")
    command.add_argument("--renew", action="store_true", help="bring Assay's files in FOLDER up to date, see above")
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
    if options.renew:
        return _renew(options)
    from generators.pipeline.starting import check_empty, start_investigation
    from generators.pipeline.starting_wishes import NewInvestigation

    folder = Path(options.folder)
    check_empty(folder.resolve())
    asks = options.source is None and not options.yes and not options.repository
    wanted = NewInvestigation(
        folder=folder,
        title=options.title,
        source=ask(_QUESTION) if asks else options.source or "",
        repository=options.repository,
        variant=options.variant,
        languages=tuple(language.strip().lower() for language in options.languages.split(",")),
    )
    started = start_investigation(wanted)
    write("".join(f"{line}\n" for line in _told(started, options.folder)).encode())
    return 0


def _told(started: Started, folder: str) -> Iterator[str]:
    yield f"{folder}: {len(started.files)} files"
    yield from (f"  {name}" for name in started.files)
    if started.kept:
        yield f"as they were: {', '.join(started.kept)}"
    yield from _told_of_found(started.found)
    yield "next:"
    if folder != ".":
        yield f"  cd {shlex.quote(folder)}"
    yield "  mkdocs serve"
    if not started.has_origin:
        yield "to publish it: say in requirements.txt where Assay comes from"


def _told_of_found(found: Found) -> Iterator[str]:
    if found.entry is not None:
        yield f"under investigation: {found.entry.id}"
        if found.identified:
            yield f"  by its tensors: {found.identified}; what its publisher says of it is a claim for the report"
    if found.listing is not None:
        yield f"listed there: {len(found.listing.files)} files; `assay add ADDRESS` takes one up"


def _renew(options: argparse.Namespace) -> int:
    from generators.pipeline.renewing import renew_frame

    if options.source is not None or options.title or options.repository or options.variant:
        raise StartError("not-new", "--renew takes a folder and nothing else", remedy="`assay add` adds a file")
    changes = renew_frame(Path(options.folder))
    lines = [f"{change.path}: {change.change}\n{change.difference}" for change in changes]
    write("".join(lines).encode())
    return ExitCode.NOT_SO if any(change.difference for change in changes) else ExitCode.DONE


def _texts(options: argparse.Namespace) -> int:
    from generators.pipeline.texts import check_texts, complete_texts

    project = open_project(options)
    if options.update:
        write("".join(f"{path}\n" for path in complete_texts(project)).encode())
    problems = check_texts(project)
    for problem in problems:
        complain(problem.diagnostics())
    return ExitCode.NOT_SO if problems else ExitCode.DONE

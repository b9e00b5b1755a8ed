"""What the commands share: how their help looks, and how they speak."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from generators.exit_codes import ExitCode, exit_code_lines
from generators.render.markup import terminal_text

if TYPE_CHECKING:
    from generators.model.lock import ControlEntry, LockEntry
    from generators.pipeline.project import Project

EntryT = TypeVar("EntryT", bound="LockEntry | ControlEntry")

LANGUAGES = ("en", "es", "ko")

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_command(
    commands: Commands[argparse.ArgumentParser],
    name: str,
    summary: str,
    details: str,
    *lines: str,
    exits: Mapping[ExitCode, str],
) -> argparse.ArgumentParser:
    """Add a command whose help teaches.

    Args:
        commands: Those that it joins.
        name: Of the command.
        summary: What it does, in a sentence.
        details: The rest of it.
        lines: What people write.
        exits: How it ends; a code that means here what it means everywhere has no words.
    """
    return commands.add_parser(
        name,
        help=summary,
        description=f"{summary}\n\n{details}\n\n{exit_code_lines(exits)}",
        epilog=examples(*lines),
        formatter_class=help_formatter,
    )


def help_formatter(prog: str) -> argparse.HelpFormatter:
    """Return a formatter as wide as the terminal."""
    # argparse asks shutil for the width, at every option; importing that takes longer than parsing the command line
    try:
        columns = os.get_terminal_size().columns
    except OSError:
        columns = 80
    return argparse.RawDescriptionHelpFormatter(prog, width=columns - 2)


def examples(*commands: str) -> str:
    """Return the examples of a help."""
    return "\n".join(["Examples:", *(f"  {command}" for command in commands)])


def add_project(command: argparse.ArgumentParser) -> None:
    """Add the option that names the project."""
    command.add_argument(
        "-C", "--project", metavar="FOLDER", default=".", help="folder that holds checkpoints.lock (default: here)"
    )


def add_json(command: argparse.ArgumentParser) -> None:
    """Add the option that asks for JSON."""
    command.add_argument("--json", action="store_true", help="print JSON on standard output, nothing else")


def add_language(command: argparse.ArgumentParser) -> None:
    """Add the option that names the language."""
    command.add_argument(
        "-l", "--language", choices=LANGUAGES, default="en", help="language of the sentences (default: en)"
    )


def add_executor(command: argparse.ArgumentParser) -> None:
    """Add the option that says where work on many files is done."""
    command.add_argument(
        "--executor",
        metavar="WHERE",
        default="",
        help="inline, processes[:N] or dask://host:port (default: ASSAY_EXECUTOR, else as the work suggests)",
    )


def serve_project(
    command: argparse.ArgumentParser, run: Callable[[argparse.Namespace], int], **defaults: object
) -> None:
    """Add the options that commands about a project share: its folder, JSON, language; and say what runs.

    Args:
        command: The command, with the options of its own.
        run: What runs; it returns the exit code.
        defaults: Values that no option sets.
    """
    add_project(command)
    add_json(command)
    add_language(command)
    command.set_defaults(run=run, **defaults)


def open_project(options: argparse.Namespace) -> Project:
    """Open the project that the options name."""
    from pathlib import Path

    from generators.pipeline import project

    return project.open_project(Path(options.project))


def named_entries(ids: Iterable[str], among: Sequence[EntryT], project: Project) -> tuple[EntryT, ...]:
    """Return the entries with these ids, each once.

    Args:
        ids: As a person named them.
        among: The project's entries that may be meant.
        project: Their project.

    Raises:
        LockError: There is no such entry.
    """
    from generators.errors import LockError

    known = {entry.id: entry for entry in among}
    chosen = dict.fromkeys(ids)
    for name in chosen:
        if name not in known:
            raise LockError(
                "no-such-entry",
                f"{name!r} is no {'checkpoint' if among is project.lock.checkpoints else 'entry'} of the lock",
                where=str(project.lock.path),
                remedy=f"there are {', '.join(known)}" if known else "add one with `assay add`",
            )
    return tuple(known[name] for name in chosen)


def chosen_checkpoints(ids: Sequence[str], project: Project) -> tuple[LockEntry, ...]:
    """Return the checkpoints with these ids; all where none is given.

    Raises:
        LockError: There is no such checkpoint.
    """
    return named_entries(ids, project.lock.checkpoints, project) if ids else project.lock.checkpoints


def ask(question: str) -> str:
    """Ask a person, on standard error; where nobody can answer, or somebody ends the input, the answer is empty."""
    if sys.stdin is None or not sys.stdin.isatty():
        return ""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def agreed(question: str) -> bool:
    """Ask whether to go on; without an answer, the answer is no."""
    return ask(f"{question} [y/N] ").lower() in {"y", "yes"}


def write(data: bytes) -> None:
    """Write to standard output, as UTF-8 where it takes that, else with escapes."""
    encoding = sys.stdout.encoding or "utf-8"
    if encoding.lower().replace("-", "") != "utf8":
        data = data.decode().encode(encoding, "backslashreplace")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def show_progress(*, quiet: bool) -> None:
    """Let the log's messages appear on standard error."""
    import logging

    from rich.console import Console
    from rich.logging import RichHandler

    logger = logging.getLogger("generators")
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.addHandler(RichHandler(console=Console(stderr=True), show_path=False, show_time=False, show_level=False))


def tell(text: str) -> None:
    """Say something on standard error that is no error; the text may be hostile."""
    from rich.console import Console

    Console(stderr=True, soft_wrap=True, emoji=False, markup=False).print(terminal_text(text), highlight=False)


def complain(text: str) -> None:
    """Say on standard error what went wrong; the text may be hostile."""
    from rich.console import Console
    from rich.text import Text

    first, *more = (terminal_text(line.strip()) for line in text.splitlines())
    lines = "\n".join([first, *(f"  {line}" for line in more)])
    Console(stderr=True, soft_wrap=True).print(Text.assemble(("error:", "bold red"), f" {lines}"), highlight=False)

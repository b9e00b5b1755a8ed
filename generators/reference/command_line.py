"""The commands, from the parser that reads them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from generators.cli import command_parser
from generators.exit_codes import MEANINGS
from generators.reference.markdown import anchor, cell, code, fenced, heading, table, words

WIDTH = 88
_INDENTED = re.compile(r"^ {2,}\S")


def command_line_reference() -> str:
    """Return the reference of every command, and of how they end."""
    parser = command_parser()
    commands = list(_commands(parser))
    rows = [(f"[`assay {name}`](#{anchor(name)})", cell(_summary(command))) for name, command in commands]
    parts = [
        table(("Command", "What it does"), rows),
        heading(2, "Exit codes", "exit-codes"),
        words("What a code means of every command; each one's own section says it more closely.") + "\n",
        exit_code_table(),
    ]
    for name, command in commands:
        parts += _command(f"assay {name}", anchor(name), command, level=2)
    return "\n".join(parts)


def exit_code_table() -> str:
    """Return what each exit code means, whichever command ends with it."""
    rows = [(code(str(number.value)), cell(meaning)) for number, meaning in MEANINGS.items()]
    return table(("Code", "Meaning"), rows)


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no public way to ask
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - likewise
            yield from sorted(action.choices.items())


def _command(name: str, anchor_id: str, command: argparse.ArgumentParser, level: int) -> Iterator[str]:
    yield heading(level, code(name), anchor_id)
    yield from _told(command.description or "")
    command.formatter_class = lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=WIDTH)
    yield fenced(command.format_usage().removeprefix("usage: ").replace("\n       ", "\n"), "text")
    rows = [(_shown(action), cell(_help(action))) for action in command._actions if _is_told(action)]  # noqa: SLF001
    yield table(("Argument", "Meaning"), rows)
    if command.epilog:
        yield fenced("\n".join(f"$ {line.strip()}" for line in command.epilog.splitlines()[1:]), "console")
    for part, inner in _commands(command):
        yield from _command(f"{name} {part}", f"{anchor_id}-{anchor(part)}", inner, level + 1)


def _summary(command: argparse.ArgumentParser) -> str:
    return (command.description or "").split("\n\n")[0]


def _told(description: str) -> Iterator[str]:
    """Yield a description's paragraphs; what is indented in one is a block of its own."""
    for paragraph in description.split("\n\n"):
        lines = paragraph.splitlines()
        plain = [line for line in lines if not _INDENTED.match(line)]
        shown = [line for line in lines if _INDENTED.match(line)]
        if not shown:
            yield words(paragraph) + "\n"
            continue
        first = lines.index(shown[0])
        yield words("\n".join(lines[:first])) + "\n"
        yield fenced("\n".join(shown), "text")
        rest = [line for line in plain if lines.index(line) > first]
        if rest:
            yield words("\n".join(rest)) + "\n"


def _is_told(action: argparse.Action) -> bool:
    return action.help != argparse.SUPPRESS and not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001


def _shown(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return code(metavar)
    takes = action.nargs != 0 and not isinstance(action, argparse.BooleanOptionalAction)
    if action.choices and not isinstance(action.metavar, str):
        metavar = "{" + ",".join(str(choice) for choice in action.choices) + "}"
    return ", ".join(code(f"{option} {metavar}" if takes else option) for option in action.option_strings)


def _help(action: argparse.Action) -> str:
    return (action.help or "") % {"default": action.default, "prog": "assay"}

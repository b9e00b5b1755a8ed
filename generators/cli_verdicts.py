"""The command that says what a change does to the verdicts: ``verdicts``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from generators.cli_parts import (
    Commands,
    add_command,
    add_language,
    add_project,
    show_progress,
    write,
)
from generators.exit_codes import SOURCE_CODES, ExitCode

if TYPE_CHECKING:
    from generators.model.changes import VerdictChanges

_VERDICTS = """\
Judges this checkout, or takes a report that was built (--from), and holds it against another report: that of the base
branch, the published site's evidence/report.json (--against), or else what docs/evidence/history/ recorded last.

Networks aren't run anew: evaluations count as far as they are kept in the cache.

--comment OWNER/REPO#7 keeps one comment with the result on a pull request, through the `gh` command and its login: it
is found again, changed where the result is another, and left alone where it isn't. OWNER/REPO@COMMIT means the open
pull requests whose newest commit that is; there may be none."""


def _add_verdicts(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "verdicts",
        "Show which verdicts a change would flip.",
        _VERDICTS,
        "assay verdicts",
        "assay verdicts --against ../base/site/evidence/report.json --markdown",
        "assay verdicts --from site/evidence/report.json --against base.json --exit-code",
        "assay verdicts --from head.json --against base.json --comment owner/name#7",
        exits={
            ExitCode.DONE: "told",
            ExitCode.NOT_SO: "with --exit-code, verdicts change",
            ExitCode.UNUSABLE: "wrong usage, a wrong lock, or no such report",
            **dict.fromkeys(SOURCE_CODES, ""),
        },
    )
    command.add_argument("--from", dest="later", metavar="FILE", help="report that was built (default: judge this one)")
    command.add_argument("--against", metavar="FILE", help="report to hold it against (default: the last record)")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print GitHub Markdown, at most 60,000 bytes")
    form.add_argument("--json", action="store_true", help="print JSON on standard output, nothing else")
    command.add_argument("--exit-code", action="store_true", help="exit with 1 where verdicts change")
    command.add_argument("--comment", metavar="OWNER/REPO#N", help="keep a comment with it on a pull request")
    add_project(command)
    add_language(command)
    command.set_defaults(run=_verdicts)


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {"verdicts": _add_verdicts}
"""The commands, by name."""


def _verdicts(options: argparse.Namespace) -> int:
    from generators.pipeline.recording.verdict_changes import find_changes

    show_progress(quiet=options.json or options.markdown)
    changes = find_changes(
        Path(options.project),
        later=Path(options.later) if options.later else None,
        against=Path(options.against) if options.against else None,
    )
    _tell(changes, options)
    if options.comment:
        _comment(changes, options)
    return ExitCode.NOT_SO if options.exit_code and changes.flips else ExitCode.DONE


def _tell(changes: VerdictChanges, options: argparse.Namespace) -> None:
    if options.json:
        from generators.store import encode

        write(encode(changes))
        return
    from generators.render.terminal_changes import show_changes
    from generators.render.verdict_changes import markdown_changes

    if options.markdown:
        write(markdown_changes(changes, options.language).encode())
        return
    from rich.console import Console

    show_changes(changes, options.language, Console())


def _comment(changes: VerdictChanges, options: argparse.Namespace) -> None:
    """Keep the comment.

    Raises:
        SourceError: That can't be done.
    """
    from rich.console import Console

    from generators.render.verdict_changes import markdown_changes
    from generators.sources.github_comments import parse_target, upsert_comment

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    repo, numbers = parse_target(options.comment)
    for number in numbers:
        done = upsert_comment(repo, number, markdown_changes(changes, options.language), "verdicts")
        console.print(f"{repo}#{number}: {done}", markup=False)
    if not numbers:
        console.print(f"{repo}: no open pull request has that commit", markup=False)

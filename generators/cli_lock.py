"""The commands for the life of the lock: ``lock``, ``diff``, ``update``, ``gc``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from generators.cli_parts import (
    Commands,
    add_command,
    agreed,
    chosen_checkpoints,
    complain,
    named_entries,
    open_project,
    serve_project,
    show_progress,
    tell,
    write,
)
from generators.cli_progress import show_download
from generators.errors import ContainerError
from generators.exit_codes import SOURCE_CODES, ExitCode

if TYPE_CHECKING:
    from generators.model.pinning import StaleEntry
    from generators.model.updating import Update
    from generators.pipeline.project import Project

_LOCK = """\
Reads the files that are here and writes what they are into checkpoints.lock, as [checkpoint.resolved] behind each
entry: where the file came from (a hub's revision as its commit), exact size, SHA-256, digest of the weights, and what
was asked for at that time. Your own keys, comments and order stay: change those, never the resolved table. A file that
isn't whole, that your own keys contradict, or that is a control's stand-in isn't pinned, and the reason is told.

With --check nothing is written: the lock and its report are read, and what was resolved is held against what is asked
for and, where files are here, against those. A file that is here and was never pinned is told, and is no error."""

_DIFF = """\
A and B are each a file; an entry, whose file is here; ID@REVISION, what was recorded of an entry at a git revision;
or JSON: a record of docs/evidence/, report.json or one entry's JSON of a built site, a line of `assay inspect --json`.
With A alone, an entry, its record is compared with its file.

Tells which tensors were added, removed, renamed (the same content, or the same shape at the same place) and changed,
and how far: distance in proportion to the first tensor's norm, largest difference of an element, cosine, share of
elements that changed. Of a record, mean and deviation alone are known, and the distance is the least that it can be.
Then what else is another: container, keys, identification, training counters, findings; of two reports, the verdicts.
torch isn't needed."""
_UPDATE = """\
Asks the entry's sources, as you wrote them, what they have now (`@main` may lead to another commit than it did): by
digest, by the listing of its release or record, by size, and where none of them tells, by the file's index. What is
another, or may be, is fetched beside the old file. Then it shows the difference as `assay diff` does, and which
verdicts would flip, from a view of the project with the new file in its place. Nothing is replaced until you say so,
or --yes does. The old file stays below checkpoints/.replaced/ until `assay gc`; the lock's resolved table is written
anew. What you demand by sha256 or size_bytes, no update gets around."""
_GC = """\
Removes from the cache what wasn't used for a while (its keys are digests, so that only the time of the last use, kept
to a day, can tell), what killed processes left, and controls of older code; unfinished downloads that no entry goes on
with; files that `assay update` replaced or that weren't taken. An entry's file is never touched, and what goes from
the cache is computed again when it is asked for. Records of ids that the lock hasn't are named; they go with --records.

Nothing is removed while another process fetches or writes the lock."""
_UNITS = {"h": 3600, "d": 86_400}
MAX_AGE_DIGITS = 6

_REMEDIES = {
    "sources-changed": "run `assay fetch` and `assay lock`, or take the change of the sources back",
    "size-contradicts": "correct size_bytes, or run `assay lock`, which resolves it anew from the file",
    "sha256-contradicts": "correct sha256, or run `assay lock`, which resolves it anew from the file",
    "weights-contradict": "correct weights_digest, or run `assay lock`, which resolves it anew from the file",
    "file-differs": "`assay diff ID` tells how it differs; put the right file there, or run `assay lock`",
    "unpinned": "run `assay lock`",
}
_WHAT = {
    "sources-changed": "was resolved from other sources ({resolved}) than it asks for ({asked})",
    "size-contradicts": "asks for {asked} bytes and was resolved to {resolved}",
    "sha256-contradicts": "asks for the SHA-256 {asked} and was resolved to {resolved}",
    "weights-contradict": "asks for the weights {asked} and was resolved to {resolved}",
    "file-differs": "was resolved to {resolved}, but the file that is here is {asked}",
    "unpinned": "its file is here and not pinned ({asked})",
}


def _add_lock(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "lock",
        "Pin the files that are here, or check the lock and the report that it names.",
        _LOCK,
        "assay lock",
        "assay lock convnextpose-m",
        "assay lock --check",
        "assay lock --check --project ../other",
        exits={
            ExitCode.DONE: "pinned, or right",
            ExitCode.NOT_SO: "a file couldn't be pinned, or the lock is stale",
            ExitCode.UNUSABLE: "the lock or its report is wrong, with file, line and remedy",
            ExitCode.UNREACHABLE: "another process is at it",
            ExitCode.MACHINE: "",
        },
    )
    command.add_argument("ids", metavar="ID", nargs="*", help="entries of checkpoints.lock (default: all)")
    command.add_argument("--check", action="store_true", help="write nothing; a stale lock is an error")
    serve_project(command, _lock)


def _add_diff(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "diff",
        "Show how two checkpoints, or two states of one, differ.",
        _DIFF,
        "assay diff old.pth new.pth",
        "assay diff convnextpose-m",
        "assay diff convnextpose-m@v1.0 convnextpose-m",
        "assay diff site-before/evidence/report.json site/evidence/report.json",
        exits={
            ExitCode.DONE: "the same",
            ExitCode.NOT_SO: "they differ",
            ExitCode.UNUSABLE: "wrong usage, a wrong lock or record, or nothing that can be compared",
            ExitCode.UNREADABLE: "",
        },
    )
    command.add_argument("first", metavar="A", help="file, entry of checkpoints.lock, ID@REVISION, or JSON")
    command.add_argument("second", metavar="B", nargs="?", default="", help="likewise; without it, A is an entry")
    serve_project(command, _diff)


def _add_update(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "update",
        "Look whether upstream has another file, show what changes with it, and take it.",
        _UPDATE,
        "assay update convnextpose-m",
        "assay update convnextpose-m --check",
        "assay update convnextpose-m --yes --json",
        exits={
            ExitCode.DONE: "upstream is the same, or the new file was taken",
            ExitCode.NOT_SO: "upstream has another, or may have, and it wasn't taken",
            ExitCode.UNUSABLE: "",
            ExitCode.UNREADABLE: "",
            **dict.fromkeys(SOURCE_CODES, ""),
        },
    )
    command.add_argument("id", metavar="ID", help="entry of checkpoints.lock")
    how = command.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="only ask the sources; fetch nothing")
    how.add_argument("--dry-run", action="store_true", help="fetch and compare, but replace and write nothing")
    how.add_argument("--yes", action="store_true", help="replace without asking")
    command.add_argument(
        "--verdicts",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="judge the report with the new file, which runs its network (default: yes)",
    )
    serve_project(command, _update, asked=False)


def _add_gc(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "gc",
        "Remove what nothing needs any more.",
        _GC,
        "assay gc --dry-run",
        "assay gc --older-than 7d",
        "assay gc --older-than 0d --records",
        exits={
            ExitCode.DONE: "done",
            ExitCode.UNUSABLE: "",
            ExitCode.UNREACHABLE: "another process is at it",
            ExitCode.MACHINE: "",
        },
    )
    command.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    command.add_argument(
        "--older-than",
        metavar="AGE",
        type=_age,
        default=30 * 86_400.0,
        help="age from which kept results, replaced and untaken files go: 12h, 30d (default: 30d)",
    )
    command.add_argument("--records", action="store_true", help="also records of ids that the lock hasn't")
    serve_project(command, _gc)


def _age(text: str) -> float:
    """Return an age in seconds."""
    number, unit = text[:-1], text[-1:]
    if not number.isascii() or not number.isdigit() or unit not in _UNITS or len(number) > MAX_AGE_DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no age: a whole number and h or d, for example 30d")
    return float(int(number) * _UNITS[unit])


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {
    "lock": _add_lock,
    "diff": _add_diff,
    "update": _add_update,
    "gc": _add_gc,
}
"""The commands, by name."""


def _lock(options: argparse.Namespace) -> int:
    project = open_project(options)
    show_progress(quiet=options.json)
    return _check(project, options) if options.check else _pin(project, options)


def _check(project: Project, options: argparse.Namespace) -> int:
    from generators.pipeline.locking.pinning import find_stale

    chosen = {entry.id for entry in chosen_checkpoints(options.ids, project)}
    stale = [one for one in find_stale(project) if one.id in chosen]
    for one in stale:
        _tell_stale(one, project)
    faults = sum(one.fault != "unpinned" for one in stale)
    if options.json:
        from generators.store import encode_line

        for one in stale:
            write(encode_line(one))
        return ExitCode.NOT_SO if faults else ExitCode.DONE
    counts = f"checkpoints: {len(project.lock.checkpoints)}, controls: {len(project.lock.controls)}"
    if faults:
        write(f"{project.lock.path}: stale ({counts})\n".encode())
        return ExitCode.NOT_SO
    write(f"{project.lock.path}: right ({counts}, claims: {len(project.report.claims)})\n".encode())
    return 0


def _tell_stale(one: StaleEntry, project: Project) -> None:
    what = _WHAT[one.fault].format(asked=one.asked, resolved=one.resolved)
    text = f"{project.lock.path}:{one.line}: {one.id}: {what} [lock.{one.fault}]"
    if one.fault == "unpinned":
        tell(f"{text}; {_REMEDIES[one.fault]}")
        return
    complain(f"{text}\n  what to do: {_REMEDIES[one.fault].replace('ID', one.id)}")


def _pin(project: Project, options: argparse.Namespace) -> int:
    from generators.pipeline.locking.pinning import pin_entries
    from generators.store import encode_line

    outcomes = pin_entries(chosen_checkpoints(options.ids, project), project)
    for one in outcomes if options.json else ():
        write(encode_line(one))
    if not options.json:
        from rich.console import Console

        from generators.render.locking import show_pins

        show_pins(outcomes, options.language, Console())
    return ExitCode.NOT_SO if any(one.state == "refused" for one in outcomes) else ExitCode.DONE


def _diff(options: argparse.Namespace) -> int:
    from pathlib import Path

    from generators.pipeline.states import compare_names

    show_progress(quiet=options.json)
    with _reading():
        found = compare_names(options.first, options.second, Path(options.project))
    if options.json:
        from generators.store import encode

        write(encode(found))
    else:
        from rich.console import Console

        from generators.render.differences import show_difference

        show_difference(found, options.language, Console())
    return ExitCode.DONE if found.same else ExitCode.NOT_SO


def _update(options: argparse.Namespace) -> int:
    from generators.pipeline.locking.updating import Plan, update_entry
    from generators.store import encode_line

    project = open_project(options)
    (entry,) = named_entries([options.id], project.lock.checkpoints, project)
    show_progress(quiet=options.json)
    with _reading(), ExitStack() as stack:
        progress = stack.enter_context(show_download(entry.id, quiet=options.json))

        def decide(found: Update) -> bool:
            stack.close()  # a question and a progress bar don't share a line
            return _decide(found, options)

        plan = Plan(fetch=not options.check, judge=options.verdicts, decide=decide)
        update = update_entry(entry, project, plan, progress)
    for fault in update.upstream.faults:
        complain(f"{entry.id}: {fault.told}")
    if options.json:
        write(encode_line(update))
    else:
        from rich.console import Console

        from generators.render.locking import show_update

        show_update(update, options.language, Console(), known=options.asked)
    return _update_code(update)


@contextmanager
def _reading() -> Iterator[None]:
    """Let what the system refuses meanwhile be told as a file that can't be read.

    Raises:
        ContainerError: It refused something.
    """
    try:
        yield
    except OSError as problem:
        raise ContainerError(
            "unreadable",
            problem.strerror or str(problem),
            where=str(problem.filename or ""),
            remedy="see that it is there, and that you may read it",
        ) from problem


def _update_code(update: Update) -> ExitCode:
    from generators.sources.faults import exit_code_of

    if update.state == "unreachable":
        return max((exit_code_of(fault.code) for fault in update.upstream.faults), default=ExitCode.NOT_SO)
    if update.state in {"same", "pinned", "replaced"} or (
        update.state == "not-here" and update.upstream.state == "same"
    ):
        return ExitCode.DONE
    return ExitCode.NOT_SO


def _decide(found: Update, options: argparse.Namespace) -> bool:
    """Show what an update would change, and return whether it is wanted."""
    if options.dry_run or options.check:
        return False
    if found.state == "same" or options.yes:
        return True
    if options.json or not sys.stdin.isatty():
        return False
    from rich.console import Console

    from generators.render.locking import show_offer

    options.asked = True
    show_offer(found, options.language, Console(stderr=True))
    return agreed("Replace the file?")


def _gc(options: argparse.Namespace) -> int:
    from generators.pipeline.locking.sweeping import SweepRequest, sweep
    from generators.store import encode

    project = open_project(options)
    request = SweepRequest(older_than_seconds=options.older_than, dry_run=options.dry_run, records=options.records)
    found = sweep(project, request)
    if options.json:
        write(encode(found))
    else:
        from rich.console import Console

        from generators.render.locking import show_sweep

        show_sweep(found, options.language, Console())
    return 0

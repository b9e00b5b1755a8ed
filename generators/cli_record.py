"""The command that keeps evidence in the project: ``record``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from generators.cli_parts import (
    Commands,
    add_command,
    complain,
    named_entries,
    open_project,
    serve_project,
    show_progress,
    write,
)
from generators.exit_codes import ExitCode

if TYPE_CHECKING:
    from generators.model.evidence import SubjectEvidence
    from generators.model.recorded import RecordOutcome, Refusal

_RECORD = """\
Reads the files that are here, as a build does, and writes what was read to docs/evidence/ID.json: digests and
statistics of each tensor, identification, what the network did, accuracy where it was measured; with date, device,
versions of libraries and digests of Assay's code. Commit it: a clone without the files then shows full pages, marked
"recorded", and a build with the files is held against it.

The same bytes, code, libraries and device give the same record, byte for byte: where nothing but the date, times or
memory would change, the record stays as it is. A row of a table stands on one line, so that a diff shows what changed.

The verdicts go to docs/evidence/history/, where one of them, its reason, or what it rests on is another than before:
with what changed (file, lock, code, library, device, claim).

Refused: a file that isn't the lock's, a control in its place, a damaged file that the lock doesn't pin by its digest,
and a record that would lose what the network did because it can't run here. While such a file lies in an entry's place,
the verdicts aren't recorded either.

A build finds drift where a file says otherwise than its record. With the same SHA-256, another digest, identification
or statement is an error; figures may differ by 1e-9 (statistics), 1e-4 (from weights) or 1e-3 (of what was run), more
where another device or library explains it. Times and memory never count."""
_REFUSALS: Mapping[Refusal, tuple[str, str]] = {
    "not-here": ("its file is not here", "run `assay fetch {id}`, or put the file into checkpoints/{id}/"),
    "another-file": (
        "the file in its place is not the one that checkpoints.lock names",
        "run `assay verify {id}`; then fetch the right file, or correct the lock",
    ),
    "a-control": ("the file in its place is a control, which Assay built itself", "put the published file there"),
    "damaged": (
        "the file is damaged: some of its bytes are missing or not what they were written as",
        "fetch it again; if it is published like this, pin its sha256 in checkpoints.lock",
    ),
    "unreadable": ("the file can't be read as a checkpoint", "run `assay inspect` on it to see why"),
    "file-refused": (
        "the verdicts of this build rest on a file that can't be recorded: {changed}",
        "see what `assay record {changed}` says of it",
    ),
    "would-lose": (
        "its network can't run here, and the record would lose what it did elsewhere",
        "install what `assay evaluate {id}` asks for, or delete the record first",
    ),
}


def _add_record(commands: Commands[argparse.ArgumentParser]) -> None:
    command = add_command(
        commands,
        "record",
        "Keep evidence and verdicts in the project.",
        _RECORD,
        "assay record",
        "assay record convnextpose-m convnextpose-s",
        "assay record --check || echo 'run assay record and commit docs/evidence/'",
        "assay record --json | jq .state",
        exits={
            ExitCode.DONE: "recorded, or unchanged",
            ExitCode.NOT_SO: "an entry was refused, or a named one isn't here; with --check, something would change",
            ExitCode.UNUSABLE: "",
            ExitCode.UNREACHABLE: "another process is at it",
            ExitCode.MACHINE: "",
        },
    )
    command.add_argument(
        "ids", metavar="ID", nargs="*", help="entries of checkpoints.lock (default: checkpoints whose file is here)"
    )
    command.add_argument("--controls", action="store_true", help="record the controls, too")
    command.add_argument("--check", action="store_true", help="write nothing; exit with 1 where something would change")
    serve_project(command, _record)


ADDERS: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {"record": _add_record}
"""The commands, by name."""


def _record(options: argparse.Namespace) -> int:
    from generators.pipeline.evidence.report import collect_project
    from generators.pipeline.recording.history import record_verdicts
    from generators.pipeline.recording.writing import record_entries
    from generators.sources.exclusive import RECORDERS, exclusively
    from generators.sources.local import CHECKPOINTS

    project = open_project(options)
    named_entries(options.ids, project.lock.entries, project)  # an unknown one is told before minutes of work
    show_progress(quiet=options.json)
    evidence = collect_project(project)
    chosen = [subject for subject in evidence.subjects if _is_chosen(subject, options)]
    outcomes: list[RecordOutcome] = []
    with nullcontext() if options.check else exclusively(project.root / CHECKPOINTS, RECORDERS):
        for outcome in record_entries(chosen, project, named=bool(options.ids), check=options.check):
            outcomes.append(outcome)
            _tell(outcome, options)
        outcomes.append(record_verdicts(evidence, project, check=options.check))
        _tell(outcomes[-1], options)
    amiss = {"refused", "new", "changed"} if options.check else {"refused"}
    return ExitCode.NOT_SO if any(outcome.state in amiss for outcome in outcomes) else ExitCode.DONE


def _is_chosen(subject: SubjectEvidence, options: argparse.Namespace) -> bool:
    if subject.id in options.ids:
        return True
    return options.controls if subject.role == "control" else not options.ids


def _tell(outcome: RecordOutcome, options: argparse.Namespace) -> None:
    if outcome.reason and outcome.state == "refused":
        named = {"id": outcome.id, "changed": " ".join(outcome.changed)}
        what, remedy = (text.format(**named) for text in _REFUSALS[outcome.reason])
        complain(f"{outcome.id}: {what} [record.{outcome.reason}]\n  what to do: {remedy}")
    if options.json:
        from generators.store import encode_line

        write(encode_line(outcome))
        return
    from generators.render.record_lines import outcome_line

    write(f"{outcome_line(outcome, options.language, check=options.check)}\n".encode())

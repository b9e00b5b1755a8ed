"""What a person names to be compared: a file, an entry, its record (of a git revision too), or a site's JSON."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from generators.errors import AssayError, ContainerError, StoreError
from generators.git import run_git
from generators.judge.flips import claim_states, find_flips
from generators.model.difference import Difference
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.history import ClaimState
from generators.model.inspection import Inspection
from generators.model.lock import Artifact, ControlEntry, LockEntry
from generators.model.recorded import RecordedSubject
from generators.pipeline.differences.comparing import compare_checkpoints
from generators.pipeline.differences.pair_readers import Compared
from generators.pipeline.evidence.records import find_record, require_usable
from generators.pipeline.evidence.subjects import find_entry_file
from generators.pipeline.files.identifying import identify_file
from generators.pipeline.files.reading import inspect_file, read_fingerprint
from generators.pipeline.project import RECORDED, Project, open_project
from generators.store import decode, malformed_record

MAX_JSON_BYTES = 1 << 28
"""Of evidence as JSON; the largest report of a site has some MB."""
REMEDY = "name a file, an entry of checkpoints.lock, ID@REVISION, or JSON that `assay record` or a site's build wrote"

OTHER_REVISION = "name another revision, or check that one out with the Assay of its time"


class State(Struct, frozen=True, kw_only=True):
    """What a name stands for.

    Attributes:
        label: The name.
        checkpoints: By lock id; a file alone is under the empty id.
        claims: Verdicts, of a report; None of anything else.
    """

    label: str
    checkpoints: dict[str, Compared]
    claims: tuple[ClaimState, ...] | None = None


def compare_names(first: str, second: str, root: Path) -> Difference:
    """Compare what two names stand for; with an empty second, an entry's record with its file.

    Args:
        first: File, entry, ``ID@REVISION``, or JSON.
        second: Likewise.
        root: Of the project that entries are of.

    Returns:
        What differs, tensor by tensor and of the whole.

    Raises:
        AssayError: A name stands for nothing that can be compared.
        OSError: A file can't be read.
    """
    if not second:
        return compare_states(_record_of(first, root), _state_of_entry(first, root))
    return compare_states(find_state(first, root), find_state(second, root))


def compare_states(first: State, second: State) -> Difference:
    """Compare the checkpoints and the verdicts of two states.

    Raises:
        StoreError: One file stands against many checkpoints.
    """
    for one, other in ((first, second), (second, first)):
        if "" in one.checkpoints and len(other.checkpoints) != 1:
            raise StoreError(
                "several-checkpoints",
                "holds several checkpoints, or none, and can't be compared with one file",
                where=other.label,
                remedy="name one entry of it: docs/evidence/ID.json, or evidence/ID.json of a site",
            )
    flips = () if first.claims is None or second.claims is None else tuple(find_flips(first.claims, second.claims))
    if len(first.checkpoints) == len(second.checkpoints) == 1 and None in (first.claims, second.claims):
        ((ours_id, ours),), ((theirs_id, theirs),) = first.checkpoints.items(), second.checkpoints.items()
        both = [(ours_id or theirs_id, ours, theirs)]
        alone: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    else:
        shared = [name for name in first.checkpoints if name in second.checkpoints]
        both = [(name, first.checkpoints[name], second.checkpoints[name]) for name in shared]
        alone = (
            tuple(name for name in first.checkpoints if name not in second.checkpoints),
            tuple(name for name in second.checkpoints if name not in first.checkpoints),
        )
    found = tuple(compare_checkpoints(*one) for one in both)
    same = all(one.same for one in found) and not any((*alone, flips))
    return Difference(same=same, checkpoints=found, first_alone=alone[0], second_alone=alone[1], flips=flips)


def find_state(name: str, root: Path) -> State:
    """Return what a name stands for; a file that is there wins over an entry of the same name.

    Raises:
        AssayError: Nothing that can be compared.
    """
    path = Path(name)
    if path.is_file():
        if path.suffix == ".json" and path.stat().st_size <= MAX_JSON_BYTES:
            found = parse_state(path.read_bytes(), name)
            if found is not None:
                return found
        return State(label=name, checkpoints={"": _file(path, name)})
    entry_id, at, revision = name.partition("@")
    if at:
        return _record_at(entry_id, root, revision)
    if not (root / "checkpoints.lock").is_file():
        raise StoreError("no-such-state", "there is no such file, and no project here", where=name, remedy=REMEDY)
    return _state_of_entry(name, root)


def parse_state(data: bytes, label: str) -> State | None:
    """Return what JSON that Assay wrote holds; None where it is none."""
    record = decode(data, RecordedSubject)
    if record is not None:
        return _of_subjects((record.subject,), label, record.recorded_at)
    report = decode(data, ReportEvidence)
    if report is not None:
        found = _of_subjects(report.subjects, label, report.build.date)
        return State(label=label, checkpoints=found.checkpoints, claims=claim_states(report.verdicts))
    subject = decode(data, SubjectEvidence)
    if subject is not None:
        return _of_subjects((subject,), label, subject.provenance.recorded_at)
    inspection = decode(data, Inspection)
    if inspection is not None:
        known = Compared(label=label, fingerprint=inspection, identification=inspection.identification)
        return State(label=label, checkpoints={"": known})
    return None


def _of_subjects(subjects: tuple[SubjectEvidence, ...], label: str, recorded_at: str) -> State:
    return State(label=label, checkpoints=dict(_known(subjects, label, recorded_at)))


def _known(subjects: tuple[SubjectEvidence, ...], label: str, recorded_at: str) -> Iterator[tuple[str, Compared]]:
    for subject in subjects:
        if subject.fingerprint is not None:
            yield (
                subject.id,
                Compared(
                    label=label,
                    fingerprint=subject.fingerprint,
                    identification=subject.identification,
                    recorded_at=recorded_at,
                ),
            )


def _file(path: Path, label: str) -> Compared:
    found = inspect_file(path)
    return _known_format(Compared(label=label, fingerprint=found, identification=found.identification, path=path))


def _known_format(compared: Compared) -> Compared:
    """Return a file in which something could be read: of two others, nothing can be said to be the same.

    Raises:
        ContainerError: It is of no known format.
    """
    if compared.fingerprint.container.format == "unknown":
        raise ContainerError(
            "unknown-format",
            "this is no checkpoint of a known format, and no JSON that Assay wrote",
            where=compared.label,
            remedy="run `assay inspect` on it to see what it is",
        )
    return compared


def compare_ready(path: Path, label: str, project: Project) -> Compared:
    """Return a file of a project, read or taken from the cache.

    Raises:
        ContainerError: It can't be opened, or changes while it is read.
        OSError: It can't be read.
    """
    fingerprint = read_fingerprint(path, project.cache, label)
    identification = identify_file(fingerprint, project.cache)
    return Compared(label=label, fingerprint=fingerprint, identification=identification, path=path)


def _state_of_entry(entry_id: str, root: Path) -> State:
    project = open_project(root)
    entry = _entry(entry_id, project)
    found = find_entry_file(entry, project)
    if not isinstance(found, Artifact):
        raise StoreError(
            "not-here",
            f"the file of {entry_id!r} isn't here ({found.reason})",
            where=str(project.lock.path),
            remedy=f"run `assay fetch {entry_id}`, or compare its records: {entry_id}@REVISION",
        )
    return State(label=entry_id, checkpoints={entry_id: _known_format(compare_ready(found.path, entry_id, project))})


def _entry(entry_id: str, project: Project) -> LockEntry | ControlEntry:
    found = next((entry for entry in project.lock.entries if entry.id == entry_id), None)
    if found is None:
        raise StoreError(
            "no-such-state",
            f"{entry_id!r} is neither a file nor an entry of the lock",
            where=str(project.lock.path),
            remedy=REMEDY,
        )
    return found


def _record_of(entry_id: str, root: Path) -> State:
    """Return what is recorded of an entry.

    Raises:
        AssayError: There is no such entry, nothing is recorded of it, or its record can't be used.
    """
    project = open_project(root)
    _entry(entry_id, project)
    path = RECORDED / f"{entry_id}.json"
    record = find_record(entry_id, project)
    if record is None:
        raise _nothing_recorded(entry_id, path.as_posix())
    return _of_subjects((record.subject,), path.as_posix(), record.recorded_at)


def _record_at(entry_id: str, root: Path, revision: str) -> State:
    """Return what was recorded of an entry at a git revision; the lock of today need not have it.

    Raises:
        AssayError: There is no such revision, nothing is recorded there, or the record can't be used.
    """
    label = f"{entry_id}@{revision}"
    data = _show(root, f"{RECORDED.as_posix()}/{entry_id}.json", revision)
    if data is None:
        raise _nothing_recorded(entry_id, label)
    record = decode(data, RecordedSubject)
    if record is None:
        raise malformed_record("it is no record of this Assay", Path(label), OTHER_REVISION)
    record = require_usable(record, entry_id, Path(label), OTHER_REVISION)
    return _of_subjects((record.subject,), label, record.recorded_at)


def _nothing_recorded(entry_id: str, where: str) -> StoreError:
    return StoreError(
        "nothing-recorded",
        f"nothing is recorded of {entry_id!r}",
        where=where,
        remedy="run `assay record` where the file is, and commit what it writes",
    )


def _show(root: Path, path: str, revision: str) -> bytes | None:
    """Return a file as it was at a git revision; None where it wasn't there.

    Raises:
        AssayError: git isn't here, or there is no such revision.
    """
    if revision.startswith("-"):
        raise AssayError("no-such-revision", "this is no revision", where=revision, remedy="name a commit or a branch")
    try:
        known = run_git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        shown = run_git(root, "show", f"{revision}:./{path}")
    except OSError:
        raise AssayError(
            "no-git", "git is not installed", where=revision, remedy="install it, or compare files"
        ) from None
    except subprocess.TimeoutExpired:
        raise AssayError("git-hangs", "git doesn't answer", where=revision, remedy="look at the repository") from None
    if known.returncode:
        raise AssayError(
            "no-such-revision",
            "the project is in no git repository, or that has no such revision",
            where=revision,
            remedy="name a commit, a tag or a branch",
        )
    return None if shown.returncode else shown.stdout

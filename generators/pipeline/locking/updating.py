"""An entry's file held against its sources, and the new one put in its place: nothing is lost whenever this is killed.

The new file comes to ``checkpoints/.incoming/ID/`` and stays there until it is taken. The old one gets a second name
below ``checkpoints/.replaced/ID/`` before the new one takes its first; `assay gc` removes it. The lock is written last:
a kill before that leaves a file that isn't the resolved one, which `assay lock --check` tells and the next update sees.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generators.judge.flips import claim_states, find_flips
from generators.lock_edit import import_tomlkit
from generators.model.fingerprint import Fingerprint
from generators.model.history import VerdictFlip
from generators.model.lock import Artifact, LockEntry, SourceAddress
from generators.model.updating import Update, Upstream
from generators.pipeline.differences.comparing import compare_checkpoints
from generators.pipeline.differences.pair_readers import Compared
from generators.pipeline.evidence.report import collect_project
from generators.pipeline.locking.fetching import keep_note, recognise_page
from generators.pipeline.locking.pinning import is_settled, judge_file, resolve_file, write_all
from generators.pipeline.locking.upstream import KnownFile, look_upstream
from generators.pipeline.project import Project
from generators.pipeline.states import compare_ready
from generators.sources import find_artifact
from generators.sources.addresses import resolved_source, split_hub
from generators.sources.download import Fetched, Progress, Wanted, download
from generators.sources.exclusive import exclusively
from generators.sources.faults import storage_fault
from generators.sources.local import CHECKPOINTS
from generators.sources.resolving import open_remote

log = logging.getLogger("generators.pipeline")

INCOMING = ".incoming"
REPLACED = ".replaced"
DIGEST_DIGITS = 12
"""Of the SHA-256, in the name of the folder that a replaced file is kept in."""


class Plan(Struct, frozen=True, kw_only=True):
    """How far an update goes.

    Attributes:
        fetch: Whether the new file is fetched, or the sources are only asked.
        judge: Whether verdicts are judged with the new file.
        decide: Is shown what was found, and says whether the old file is replaced.
    """

    fetch: bool
    judge: bool
    decide: Callable[[Update], bool]


class _New(Struct, frozen=True, kw_only=True):
    """The file that came."""

    path: Path
    source: SourceAddress
    fetched: Fetched
    compared: Compared


def update_entry(entry: LockEntry, project: Project, plan: Plan, progress: Progress) -> Update:
    """Look at an entry's sources again, and take the file that they have now where it is another and wanted.

    Raises:
        SourceError: The new file can't be had, or isn't what the entry's own keys demand.
        LockError: The lock can't be written.
        ContainerError: A file changes while it is read.
        OSError: A file can't be read.
    """
    import_tomlkit()
    with exclusively(project.root / CHECKPOINTS, entry.id):
        found = find_artifact(entry, project.root, project.environment)
        old = compare_ready(found.path, entry.id, project) if isinstance(found, Artifact) else None
        upstream, source = look_upstream(entry, _known(entry, old))
        if source is None:
            return Update(id=entry.id, state="unreachable", upstream=upstream)
        if old is None or not isinstance(found, Artifact):
            return Update(id=entry.id, state="not-here", upstream=upstream)
        if upstream.state == "same":
            return _kept(entry, project, old.fingerprint, upstream, resolved_source(source, upstream.commit), plan)
        if not plan.fetch:
            return Update(id=entry.id, state="available", upstream=upstream)
        new = _fetch_beside(entry, project, source, upstream.digest, progress)
        if new.fetched.sha256 == old.fingerprint.file.sha256:
            _drop(new.path)
            told = replace(upstream, state="same", basis="digest", digest=f"sha256:{new.fetched.sha256}")
            return _kept(entry, project, old.fingerprint, told, resolved_source(source, new.fetched.commit), plan)
        return _offer(entry, project, plan, upstream, found, old, new)


def _known(entry: LockEntry, old: Compared | None) -> KnownFile:
    resolved = entry.resolved
    commit = ""
    if resolved is not None and resolved.source is not None and resolved.source.kind == "hub" and not entry.stale:
        commit = split_hub(resolved.source.address)[1]
    if old is None:
        size = entry.pin.size
        exact = size.minimum_bytes if size is not None and size.minimum_bytes == size.maximum_bytes else None
        return KnownFile(size_bytes=exact, sha256=entry.pin.sha256, commit=commit)
    file = old.fingerprint.file
    if resolved is None or resolved.sha256 != file.sha256:
        commit = ""
    return KnownFile(size_bytes=file.size_bytes, sha256=file.sha256, commit=commit, path=old.path)


def _kept(
    entry: LockEntry, project: Project, fingerprint: Fingerprint, upstream: Upstream, source: SourceAddress, plan: Plan
) -> Update:
    """Return that there is nothing to take; where the lock says something else of the file that is here, write it."""
    update = Update(id=entry.id, state="same", upstream=upstream, sha256=fingerprint.file.sha256)
    resolved = resolve_file(entry, fingerprint, source, project)
    if is_settled(resolved, entry.resolved) or not plan.fetch:
        return update
    if judge_file(entry, fingerprint, source, project).state == "refused" or not plan.decide(update):
        return update
    write_all({entry.id: resolved}, project)
    return replace(update, state="pinned")


def _fetch_beside(entry: LockEntry, project: Project, source: SourceAddress, digest: str, progress: Progress) -> _New:
    target = project.root / CHECKPOINTS / INCOMING / entry.id / Path(entry.title).name
    fetched = _came_earlier(target, digest)
    if fetched is None:
        # what came with an earlier update may be another file by now
        target.unlink(missing_ok=True)
        wanted = Wanted(size=entry.size, sha256=entry.sha256)
        fetched = download(open_remote(source), target, wanted, recognise_page, progress)
    compared = replace(
        compare_ready(target, entry.id, project), label=f"{CHECKPOINTS}/{INCOMING}/{entry.id}/{target.name}"
    )
    return _New(path=target, source=resolved_source(source, fetched.commit), fetched=fetched, compared=compared)


def _came_earlier(target: Path, digest: str) -> Fetched | None:
    """Return the file of an update that wasn't taken, where its server says that it still is the file."""
    if not digest.startswith("sha256:") or not target.is_file():
        return None
    with target.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != f"sha256:{found}":
        return None
    size = target.stat().st_size
    return Fetched(size_bytes=size, sha256=found, resumed_bytes=size)


def _offer(
    entry: LockEntry, project: Project, plan: Plan, upstream: Upstream, found: Artifact, old: Compared, new: _New
) -> Update:
    shown = replace(old, label=f"{CHECKPOINTS}/{entry.id}/{found.path.name}")
    update = Update(
        id=entry.id,
        state="available",
        upstream=replace(upstream, state="different"),
        sha256=new.fetched.sha256,
        difference=compare_checkpoints(entry.id, shown, new.compared),
        flips=_flips(entry, project, new.path) if plan.judge else None,
    )
    judged = judge_file(entry, new.compared.fingerprint, new.source, project)
    if judged.refusal is not None:
        return replace(update, state="refused", refusal=judged.refusal)
    if not plan.decide(update):
        return replace(update, state="declined")
    kept = _take(entry, project, found, old, new)
    write_all({entry.id: resolve_file(entry, new.compared.fingerprint, new.source, project)}, project)
    return replace(update, state="replaced", kept=kept)


def _flips(entry: LockEntry, project: Project, path: Path) -> tuple[VerdictFlip, ...]:
    """Return which verdicts the new file would change, judged in a view of the project that nobody else sees."""
    log.info("%s: judging the report with the old file, then with the new one", entry.id)
    before = collect_project(project)
    # what was resolved is the old file
    others = tuple(replace(e, resolved=None) if e.id == entry.id else e for e in project.lock.checkpoints)
    view = replace(project, lock=replace(project.lock, checkpoints=others), instead=((entry.id, path),))
    after = collect_project(view)
    return tuple(find_flips(claim_states(before.verdicts), claim_states(after.verdicts)))


def _take(entry: LockEntry, project: Project, found: Artifact, old: Compared, new: _New) -> str:
    """Put the new file into the old one's place; return where the old one is, below the project."""
    folder = project.root / CHECKPOINTS
    target = folder / entry.id / Path(entry.title).name
    own = found.path.parent == target.parent
    kept = folder / REPLACED / entry.id / old.fingerprint.file.sha256[:DIGEST_DIGITS] / found.path.name
    try:
        if own:
            _give_second_name(found.path, kept)
        target.parent.mkdir(parents=True, exist_ok=True)
        new.path.replace(target)
        if own and found.path != target:
            found.path.unlink()
    except OSError as problem:
        raise storage_fault(problem, f"{CHECKPOINTS}/{entry.id}") from problem
    _drop(new.path)
    keep_note(project.root, entry.id, new.source, new.fetched)
    return kept.relative_to(project.root).as_posix() if own else ""


def _give_second_name(path: Path, kept: Path) -> None:
    """Let a file also have another name; where the file system can't, copy it."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    if kept.exists():
        return
    temporary = kept.with_name(f".{kept.name}.new")
    temporary.unlink(missing_ok=True)
    try:
        os.link(path, temporary)
    except OSError:
        shutil.copy2(path, temporary)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
    temporary.replace(kept)


def _drop(path: Path) -> None:
    """Remove what is left of a file that came, and its folder."""
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()

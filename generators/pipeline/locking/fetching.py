"""The files of lock entries, fetched: from the best source that gives them."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from msgspec.structs import replace

from generators.containers import open_checkpoint
from generators.errors import ContainerError, SourceError
from generators.model.lock import Artifact, LockEntry, SourceAddress
from generators.model.transfers import FetchNote, FetchOutcome, SourceFault
from generators.pipeline.files.heading import inspect_heading
from generators.pipeline.project import Project
from generators.sources import find_artifact
from generators.sources.addresses import pinned_sources, readable_address, resolved_source
from generators.sources.download import Fetched, Progress, Wanted, download
from generators.sources.exclusive import exclusively
from generators.sources.local import CHECKPOINTS
from generators.sources.part_file import PartFile
from generators.sources.resolving import open_remote
from generators.store import FILE_REMEDY, decode, encode, write_atomically

log = logging.getLogger("generators.pipeline")

NOTES = ".fetched"
"""Below it: where each fetched file came from."""
_PAGES = {
    "html-drive-quota": "drive-quota",
    "html-login": "login-page",
    "html-not-found": "not-found",
    "html-page": "web-page",
    "html-drive-scan": "web-page",
    "server-error": "server-error",
}
"""What a page in the file's place means; anything else that is no checkpoint is a wrong file."""
_SENTENCES = {
    "drive-quota": ("Drive's quota for this file is used up", "try again in a day, or name another source in the lock"),
    "login-page": ("a page that asks for a login came in the file's place", "log in to the network, or ask for access"),
    "not-found": ("a page that says there is no such file came in its place", "correct the address"),
    "web-page": ("a web page came in the file's place", "open the address in a browser and see what it says"),
    "server-error": ("the server's error message came in the file's place", "try again later"),
    "not-a-checkpoint": ("what came is no checkpoint", "look at the address: it leads to another kind of file"),
}


def fetch_entry(entry: LockEntry, project: Project, progress: Progress) -> FetchOutcome:
    """Fetch the file of an entry, unless it is here.

    Whatever goes wrong is in the outcome: one entry's trouble isn't another's.

    Args:
        entry: The entry.
        project: Its project.
        progress: Is told how far it is.
    """
    started = time.monotonic()
    blank = FetchOutcome(id=entry.id, state="failed", variant=entry.variant)
    try:
        with exclusively(project.root / CHECKPOINTS, entry.id):
            outcome = _here(entry, project, blank) or _from_sources(entry, project, blank, progress)
    except (SourceError, OSError) as error:
        outcome = replace(blank, faults=(_fault(error, f"{CHECKPOINTS}/{entry.id}"),))
    return replace(outcome, seconds=time.monotonic() - started)


def keep_note(root: Path, entry_id: str, source: SourceAddress, fetched: Fetched) -> None:
    """Keep where a file came from, for `assay lock` to write it down."""
    note = FetchNote(
        source=resolved_source(source, fetched.commit), sha256=fetched.sha256, size_bytes=fetched.size_bytes
    )
    with write_atomically(note_path(root, entry_id), FILE_REMEDY) as file:
        file.write(encode(note))


def find_note(root: Path, entry_id: str) -> FetchNote | None:
    """Return where the file of an entry came from; None where that isn't known."""
    try:
        return decode(note_path(root, entry_id).read_bytes(), FetchNote)
    except OSError:
        return None


def note_path(root: Path, entry_id: str) -> Path:
    """Return where the note of an entry is kept."""
    return root / CHECKPOINTS / NOTES / f"{entry_id}.json"


def recognise_page(path: Path) -> SourceError | None:
    """Return why a file is none that anybody would publish as a checkpoint; None where it may be one."""
    try:
        with open_checkpoint(path) as reader:
            container = reader.container
    except ContainerError as error:
        return SourceError("not-a-checkpoint", error.what)
    if container.format != "unknown":
        return None
    finding = container.findings[0] if container.findings else None
    code = _PAGES.get(finding.code, "not-a-checkpoint") if finding else "not-a-checkpoint"
    what, remedy = _SENTENCES[code]
    said = f": {finding.found}" if finding and finding.found else ""
    kind = f" ({finding.code})" if finding and code == "not-a-checkpoint" else ""
    return SourceError(code, f"{what}{kind}{said}", remedy=remedy)


def _here(entry: LockEntry, project: Project, blank: FetchOutcome) -> FetchOutcome | None:
    """Return what is said of a file that is here; None where it isn't.

    Raises:
        SourceError: It isn't the one that the lock names; it isn't touched.
    """
    found = find_artifact(entry, project.root, project.environment)
    if not isinstance(found, Artifact):
        if found.reason == "ambiguous-folder":
            raise SourceError(
                "wrong-size",
                "the entry's folder holds several files, none of the published name",
                where=f"{CHECKPOINTS}/{entry.id}",
                remedy=f"leave one file there, or call one {entry.title}",
            )
        return None
    size = entry.pin.size
    if size is not None and found.size_bytes not in size:
        raise SourceError(
            "wrong-size",
            f"the file that is here has {found.size_bytes} bytes, which isn't what the lock says; it wasn't touched",
            where=f"{CHECKPOINTS}/{entry.id}/{found.path.name}",
            remedy="move it away, or `assay verify` to see what it is",
        )
    # a process that was killed after it had given the name left the state of its part
    PartFile(found.path).discard()
    return replace(_identified(blank, found.path), state="already-here", size_bytes=found.size_bytes)


def _from_sources(entry: LockEntry, project: Project, blank: FetchOutcome, progress: Progress) -> FetchOutcome:
    target = project.root / CHECKPOINTS / entry.id / Path(entry.title).name
    wanted = Wanted(size=entry.pin.size, sha256=entry.pin.sha256)
    faults = []
    for source in pinned_sources(entry):
        shown = readable_address(source)
        log.info("%s: from %s", entry.id, shown)
        try:
            fetched = download(open_remote(source), target, wanted, recognise_page, progress)
        except SourceError as error:
            faults.append(_fault(error, shown))
            if error.code in {"offline", "disk-full", "not-writable", "missing-package"}:
                break  # no mirror helps
            continue
        keep_note(project.root, entry.id, source, fetched)
        return replace(
            _identified(blank, target),
            state="fetched",
            size_bytes=fetched.size_bytes,
            sha256=fetched.sha256,
            source=shown,
            resumed_bytes=fetched.resumed_bytes,
            faults=tuple(faults),
        )
    return replace(blank, faults=tuple(faults) or (_fault(_no_source(entry), ""),))


def _identified(outcome: FetchOutcome, path: Path) -> FetchOutcome:
    """Return the outcome with the file's name and what its index was identified as."""
    try:
        architecture = inspect_heading(path).identification.architecture
    except ContainerError:
        architecture = None
    return replace(outcome, name=path.name, architecture=architecture)


def _no_source(entry: LockEntry) -> SourceError:
    return SourceError(
        "needs-a-person", f"the entry {entry.id!r} names no source", remedy="add one to `sources` in checkpoints.lock"
    )


def _fault(error: SourceError | OSError, source: str) -> SourceFault:
    if isinstance(error, SourceError):
        return SourceFault(code=error.code, told=error.diagnostics(), source=source)
    return SourceFault(code="not-writable", told=f"{source}: {error.strerror or error}", source=source)


def report_nothing(done_bytes: int, total_bytes: int | None) -> None:
    """Take in progress without telling it."""

"""One file through containers, fingerprint and identification, kept by its content."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

from blake3 import blake3

from generators.architectures import ARCHITECTURES, find_architecture
from generators.containers import open_checkpoint
from generators.errors import ContainerError
from generators.fingerprint import Depth, fingerprint_checkpoint, printable_name, read_weights
from generators.identify import ModelTensor, canonical_name, identify_tensors
from generators.model.evidence import Inspection
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.tensor import WeightTensor
from generators.provenance import digest_code
from generators.store import CacheFolder

log = logging.getLogger("generators.pipeline")

READING_CODE = ("containers", "fingerprint", "model")
"""Parts of the package whose change makes kept fingerprints stale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _FileState:
    """The digest that a file had when its size and times were last these."""

    sha256: str


def inspect_file(path: Path, depth: Depth = "digests-and-statistics") -> Inspection:
    """Read a file and identify what it holds, without lock or cache.

    Raises:
        ContainerError: The path can't be opened as a file, or the file changes while it is read.
        OSError: The file goes away or can't be read to its end.
    """
    fingerprint = _fingerprint(path, depth)
    inherited = {field.name: getattr(fingerprint, field.name) for field in fields(Fingerprint)}
    return Inspection(**inherited, identification=identify_fingerprint(fingerprint))


def read_fingerprint(path: Path, cache: CacheFolder, label: str) -> Fingerprint:
    """Read a file's full fingerprint, or take the one kept for the same bytes and the same code.

    A file whose size and times are unchanged is not read again.

    Args:
        path: The file.
        cache: Where fingerprints are kept.
        label: What progress messages call it.

    Raises:
        ContainerError: The path can't be opened as a file, or the file changes while it is read.
        OSError: The file goes away while it is read.
    """
    state_key = _state_key(path)
    code = digest_code(*READING_CODE)
    made: list[Fingerprint] = []

    def read() -> Fingerprint:
        log.info("%s: reading %.0f MB", label, path.stat().st_size / 1e6)
        made.append(_fingerprint(path, "digests-and-statistics"))
        return made[0]

    state = cache.get_or_compute(state_key, _FileState, lambda: _FileState(sha256=read().file.sha256))
    kept = cache.get_or_compute(f"fingerprint {state.sha256} {code}", Fingerprint, lambda: made[0] if made else read())
    return replace(kept, file=replace(kept.file, name=printable_name(path)))


def _state_key(path: Path) -> str:
    status = path.stat()
    times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
    return f"file {os.fsencode(path.resolve()).hex()} {status.st_size} {times} {status.st_ino}"


def identify_fingerprint(fingerprint: Fingerprint) -> Identification:
    """Identify the model of a fingerprint by the names and shapes of all its tensors."""
    tensors = [
        ModelTensor(name=t.model_name, dtype=t.dtype, shape=t.shape, missing=t.missing)
        for t in fingerprint.model_tensors
    ]
    return identify_tensors(tensors, ARCHITECTURES)


@contextmanager
def open_weights(
    path: Path, fingerprint: Fingerprint, identification: Identification
) -> Iterator[Iterator[WeightTensor]]:
    """Give the identified model's tensors under their published names, one at a time.

    Raises:
        ContainerError: The path can't be opened as a file, or doesn't hold the fingerprint's weights any more.
    """
    architecture = find_architecture(identification.architecture or "")
    naming = identification.candidates[0].naming
    names = {
        t.name: canonical_name(t.model_name, naming, architecture) if architecture else t.model_name
        for t in fingerprint.model_tensors
    }
    with open_checkpoint(path) as reader:
        digests = {names[t.name]: t.digest for t in fingerprint.model_tensors}
        yield _verified(path, read_weights(reader.container, reader, names), digests)


def _verified(path: Path, weights: Iterator[WeightTensor], digests: Mapping[str, str | None]) -> Iterator[WeightTensor]:
    """Yield tensors that are still those of the fingerprint: what is measured of them is kept under its digest.

    Raises:
        ContainerError: One isn't, or is gone.
    """
    missing = set(digests)
    for tensor in weights:
        if blake3(tensor.data).hexdigest() != digests[tensor.name]:
            raise _changing(path)
        missing.discard(tensor.name)
        yield tensor
    if missing:
        raise _changing(path)


def _changing(path: Path) -> ContainerError:
    return ContainerError(
        "changing",
        "the file changed while it was read",
        where=str(path),
        remedy="wait until it is written completely, then try again",
    )


def _fingerprint(path: Path, depth: Depth) -> Fingerprint:
    try:
        before = _state_key(path)
    except (OSError, ValueError):
        before = ""  # opening it says what is wrong
    with open_checkpoint(path) as reader:
        fingerprint = fingerprint_checkpoint(path, reader.container, reader, depth=depth)
        findings = (*fingerprint.findings, *reader.check_records())
    # the digest and the tensors are read side by side: of a file that is being written they tell different things
    if _state_key(path) != before:
        raise _changing(path)
    return replace(fingerprint, findings=findings)

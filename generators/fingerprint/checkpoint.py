"""The fingerprint of one checkpoint, from one pass over its file."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from generators.fingerprint.compose import Depth, compose_fingerprint
from generators.fingerprint.file_pass import read_once
from generators.fingerprint.measuring import TensorMeasures
from generators.fingerprint.moments import quiet_arithmetic
from generators.fingerprint.whole_digest import WholeDigest, begin_sha256
from generators.model.checkpoint import Container, FileReader, FileRun
from generators.model.fingerprint import FileFacts, Fingerprint


def fingerprint_checkpoint(
    name: str,
    container: Container,
    reader: FileReader,
    *,
    depth: Depth,
    runs: Iterable[FileRun] = (),
    sha256: WholeDigest | None = None,
) -> Fingerprint:
    """Read every byte of a checkpoint's file, once where that is possible.

    Args:
        name: What the file is called.
        container: Its index.
        reader: Access to the file and its storages, from any thread.
        depth: Whether statistics are measured beside the digests.
        runs: Who else listens while the file is read.
        sha256: The file's SHA-256 where it has begun already, from :func:`begin_sha256`.

    Raises:
        OSError: The file can't be read to its end.
    """
    if sha256 is None:
        with begin_sha256(reader) as begun:
            return fingerprint_checkpoint(name, container, reader, depth=depth, runs=runs, sha256=begun)
    measures = TensorMeasures(container, reader, with_statistics=depth == "digests-and-statistics")
    size_bytes = _read(sha256, measures, runs)
    file = FileFacts(name=name, size_bytes=size_bytes, sha256=sha256.hexdigest())
    fingerprint = compose_fingerprint(file, container, measures.find)
    if depth == "digests-and-statistics":
        return fingerprint
    # the counters' values were wanted, not shown
    return replace(fingerprint, tensors=tuple(replace(t, statistics=None) for t in fingerprint.tensors))


def _read(sha256: WholeDigest, measures: TensorMeasures, runs: Iterable[FileRun]) -> int:
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="gather") as pool:
        elsewhere = pool.submit(measures.read_elsewhere) if measures.elsewhere else None
        with quiet_arithmetic():
            size_bytes = read_once(sha256, (*measures.runs, *runs))
        if elsewhere is not None:
            elsewhere.result()
    return size_bytes

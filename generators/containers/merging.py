"""Several readings as one: checkpoints inside a package, shards beside an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from generators.containers.index import Reading, limit_findings
from generators.containers.segments import Segment
from generators.containers.tree import ROOT_TENSOR_NAME
from generators.model.checkpoint import Container, ContainerFormat
from generators.model.finding import Finding
from generators.model.tensor import StorageEntry, TensorEntry


class Part(Struct, frozen=True, kw_only=True):
    """One of the readings.

    Attributes:
        reading: What was read.
        place: Name of its record or file, in front of storages and findings; empty for none.
        prefix: Name in front of its tensors' names; empty for none.
        lists_tensors: Whether its tensors count, or only what was noticed.
    """

    reading: Reading
    place: str = ""
    prefix: str = ""
    lists_tensors: bool = True


def merge_readings(
    parts: Sequence[Part],
    kind: ContainerFormat,
    *,
    root: str = "",
    records: int = 0,
    findings: tuple[Finding, ...] = (),
) -> Reading:
    """Return one reading with everything that the parts hold, in their order, after ``findings``."""
    listed = [part for part in parts if part.lists_tensors]
    segments: dict[str, Segment] = {}
    for part in listed:
        segments |= {_key(part, key): segment for key, segment in part.reading.segments.items()}
    container = Container(
        format=kind,
        root=root,
        records=records,
        tensors=tuple(tensor for part in listed for tensor in _tensors(part)),
        storages=tuple(storage for part in listed for storage in _storages(part)),
        objects=tuple(
            replace(entry, path=_join(part.prefix, entry.path))
            for part in listed
            for entry in part.reading.container.objects
        ),
        globals=tuple(sorted({name for part in parts for name in part.reading.container.globals})),
        findings=tuple(limit_findings(chain(findings, *map(_findings, parts)))),
    )
    return Reading(
        container=container,
        segments=segments,
        checksums=tuple(checksum for part in parts for checksum in part.reading.checksums),
        opened=tuple(file for part in parts for file in part.reading.opened),
    )


def _tensors(part: Part) -> Iterator[TensorEntry]:
    order, tensors = part.reading.container.byteorder, part.reading.container.tensors
    is_bare = len(tensors) == 1 and tensors[0].name == ROOT_TENSOR_NAME
    for tensor in tensors:
        yield replace(
            tensor,
            name=part.prefix if is_bare and part.prefix else _join(part.prefix, tensor.name),
            storage=_key(part, tensor.storage),
            byteorder=tensor.byteorder or order,
        )


def _storages(part: Part) -> Iterator[StorageEntry]:
    for storage in part.reading.container.storages:
        yield replace(storage, key=_key(part, storage.key), record=_key(part, storage.record))


def _findings(part: Part) -> Iterator[Finding]:
    for finding in part.reading.container.findings:
        where = f"{part.place}: {finding.where}" if part.place and finding.where else part.place or finding.where
        yield replace(finding, where=where)


def _key(part: Part, key: str) -> str:
    return f"{part.place}/{key}" if part.place else key


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix and name else prefix or name

"""The index of a model that is split into several files: which tensor lies in which.

Source: ``save_pretrained`` of transformers and diffusers, and ``split_torch_state_dict_into_shards`` of
huggingface_hub (``*.index.json`` with ``weight_map`` and ``metadata.total_size``).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from generators.containers.file_bytes import FileBytes
from generators.containers.foreign_files import parse_json
from generators.containers.global_policy import printable
from generators.containers.index import MAX_OBJECTS, Index, Reading, limit_findings, name_contents
from generators.containers.leaves import cut, describe_leaf
from generators.containers.merging import Part, merge_readings
from generators.containers.segments import Segment
from generators.containers.sniff import recognise
from generators.errors import ContainerError
from generators.model.checkpoint import ObjectEntry
from generators.model.finding import Finding

MAX_INDEX_BYTES = 1 << 25
MAX_VALUES = 600_000
"""About 100 bytes, a colon and a comma a tensor, so that there is room for 300,000."""
MAX_SHARDS = 256
"""Files that are open at once; the largest published models have some 200 shards."""
_MAX_NAME_CHARACTERS = 255

ReadShard = Callable[[FileBytes], Reading]


class ShardIndex(Struct, frozen=True, kw_only=True):
    """What an index says.

    Attributes:
        shard_of: File name of each tensor's shard. Hostile text.
        metadata: What else it says, by key.
    """

    shard_of: Mapping[str, str]
    metadata: Mapping[str, object]

    @property
    def shards(self) -> dict[str, int]:
        """Tensors of each shard, in the order of their first mention."""
        return dict(Counter(self.shard_of.values()))


def parse_index(file: Segment) -> ShardIndex | None:
    """Return the index that a JSON file is, or None."""
    if file.size > MAX_INDEX_BYTES:
        return None
    text = file.read(0, file.size).decode("utf-8", "backslashreplace")
    if '"weight_map"' not in text or text.count(":") + text.count(",") > MAX_VALUES:
        return None
    parsed = parse_json(text)
    shard_of = parsed.get("weight_map") if isinstance(parsed, dict) else None
    if not isinstance(shard_of, dict) or not all(isinstance(name, str) for name in shard_of.values()):
        return None
    metadata = parsed.get("metadata")
    return ShardIndex(shard_of=shard_of, metadata=metadata if isinstance(metadata, dict) else {})


def find_shard(folder: Path, index_path: Path, name: str) -> Path | None:
    """Return the path of a shard, or None where its name or a link leads out of the folder.

    A download cache keeps files as links into a folder of its own; so a shard may also lie where the index itself
    really lies.
    """
    if not name or name in {".", ".."} or len(name) > _MAX_NAME_CHARACTERS or any(c in name for c in "/\\\0"):
        return None
    path = folder / name
    try:
        allowed = {Path(os.path.realpath(folder)), Path(os.path.realpath(index_path)).parent}
        return path if Path(os.path.realpath(path)).parent in allowed else None
    except (OSError, ValueError):
        return None


def find_neighbours(path: Path) -> tuple[str, ...]:
    """Return the names of the files beside a file that are read with it: the shards of an index, here or not.

    Raises:
        ContainerError: ``path`` is missing, unreadable or no regular file.
        OSError: It can't be read.
    """
    with FileBytes(path) as file:
        index = parse_index(file) if recognise(file) == "json" else None
    if index is None:
        return ()
    names = list(index.shards)[:MAX_SHARDS]
    return tuple(name for name in names if find_shard(path.parent, path, name) is not None)


def read_shards(index: ShardIndex, path: Path | None, read: ReadShard) -> Reading:
    """Read the shards that lie beside an index, and compare them with what it promises.

    Args:
        index: The index.
        path: Where it lies; None when nothing beside it may be read.
        read: Reads one shard.
    """
    parts: list[Part] = []
    findings: list[Finding] = []
    try:
        for name, promised in list(index.shards.items())[:MAX_SHARDS]:
            part = _open_shard(name, promised, path, read, findings)
            if part is not None:
                parts.append(part)
    except BaseException:
        for part in parts:
            _close(part)
        raise
    note = Finding(code="shard-index", severity="note", expected=str(len(index.shards)), found=str(len(parts)))
    if len(index.shards) > MAX_SHARDS:
        expected, found = str(MAX_SHARDS), str(len(index.shards))
        findings.append(Finding(code="tree-too-large", severity="error", expected=expected, found=found))
    findings = [note, *findings, *_compare(index, parts)]
    own = Index(format="shard-index", objects=tuple(_objects(index, parts)), findings=tuple(limit_findings(findings)))
    return merge_readings([Part(reading=name_contents(own)), *parts], "shard-index", records=len(index.shards))


def _open_shard(name: str, promised: int, path: Path | None, read: ReadShard, findings: list[Finding]) -> Part | None:
    where, count = printable(name), str(promised)
    shard = find_shard(path.parent, path, name) if path is not None else None
    if path is not None and shard is None:
        findings.append(Finding(code="shard-outside", severity="error", where=where))
        return None
    try:
        file = FileBytes(shard) if shard is not None else None
    except ContainerError:
        file = None
    if file is None:
        findings.append(Finding(code="shard-missing", severity="error", where=where, expected=count))
        return None
    try:
        reading = read(file)
    except BaseException:
        file.close()
        raise
    return Part(reading=_owning(reading, file), place=where)


def _owning(reading: Reading, file: FileBytes) -> Reading:
    return Reading(
        container=reading.container,
        segments=reading.segments,
        checksums=reading.checksums,
        opened=(*reading.opened, file),
    )


def _close(part: Part) -> None:
    for file in part.reading.opened:
        file.close()


def _compare(index: ShardIndex, parts: list[Part]) -> Iterator[Finding]:
    """Report tensors that the shards at hand lack, and those that the index doesn't know."""
    present = {part.place: {tensor.name for tensor in part.reading.container.tensors} for part in parts}
    promised: dict[str, set[str]] = {place: set() for place in present}
    for raw_name, raw_shard in index.shard_of.items():
        name, shard = printable(raw_name), printable(raw_shard)
        if shard in present:
            promised[shard].add(name)
            if name not in present[shard]:
                yield Finding(code="shard-tensor-missing", severity="error", where=name, expected=shard)
    for place, names in present.items():
        for name in sorted(names - promised[place]):
            yield Finding(code="shard-tensor-unpromised", severity="warning", where=name, found=place)


def _objects(index: ShardIndex, parts: list[Part]) -> Iterator[ObjectEntry]:
    """List what the index says: its metadata, and where the tensors should be whose shards aren't here."""
    for key, value in index.metadata.items():
        if value is None or isinstance(value, str | int | float | bool):
            yield describe_leaf(f"metadata.{printable(key)}", value)
    here = {part.place for part in parts}
    absent = ((name, shard) for name, shard in index.shard_of.items() if printable(shard) not in here)
    for _, (name, shard) in zip(range(MAX_OBJECTS + 1), absent, strict=False):
        yield ObjectEntry(path=f"weight_map.{printable(name)}", type="str", text=cut(shard))

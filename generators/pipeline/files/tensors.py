"""A file's tensors by name, still what they were when their fingerprint was taken.

Each is held against its digest again while it is read: what is measured of it is kept under that digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from blake3 import blake3

from generators.architectures import find_architecture
from generators.containers import CheckpointReader, open_checkpoint
from generators.identify.match import canonical_name
from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification
from generators.model.tensor import TensorEntry, WeightTensor
from generators.pipeline.files.reading import changing


class OpenTensors:
    """The tensors of an open file.

    Args:
        path: The file.
        reader: Its container.
        fingerprint: What was read of it before.
        limit_elements: How many elements of a tensor are handed out; None for all.
    """

    def __init__(
        self, path: Path, reader: CheckpointReader, fingerprint: Fingerprint, limit_elements: int | None
    ) -> None:
        self._path = path
        self._reader = reader
        self._entries = {t.name: t for t in reader.container.tensors}
        self._known = {t.name: t for t in fingerprint.tensors}
        self._limit = limit_elements

    def find(self, name: str) -> TensorEntry:
        """Return where a tensor is, by its name in the container.

        Raises:
            ContainerError: There is none that the fingerprint has, too, with the same type and shape.
        """
        entry, known = self._entries.get(name), self._known.get(name)
        if entry is None or known is None or (entry.dtype, entry.shape) != (known.dtype, known.shape):
            raise changing(self._path)
        return entry

    def read(self, name: str, shown: str = "") -> WeightTensor:
        """Return a tensor's bytes, or the first of them; all of them are checked.

        Args:
            name: In the container.
            shown: The name it is handed out under; its own where empty.

        Raises:
            ContainerError: It isn't any more what the fingerprint says.
            OSError: The file can't be read.
        """
        entry = self.find(name)
        wanted = entry.size_bytes if self._limit is None else self._limit * entry.itemsize
        kept = []
        for block in self.blocks(entry):
            if wanted:
                kept.append(block[:wanted])
                wanted -= len(kept[-1])
        return WeightTensor(name=shown or name, dtype=entry.dtype, shape=entry.shape, data=b"".join(kept))

    def blocks(self, entry: TensorEntry) -> Iterator[bytes | memoryview]:
        """Yield a tensor's bytes, contiguous and little-endian.

        Raises:
            ContainerError: They aren't any more what the fingerprint says; told at the end.
            OSError: The file can't be read.
        """
        from generators.fingerprint.blocks import read_tensor_blocks

        hasher = blake3()
        for block in read_tensor_blocks(entry, self._reader.container.byteorder, self._reader):
            hasher.update(block)
            yield block
        if hasher.hexdigest() != self._known[entry.name].digest:
            raise changing(self._path)


@contextmanager
def open_tensors(path: Path, fingerprint: Fingerprint, limit_elements: int | None = None) -> Iterator[OpenTensors]:
    """Open a file whose fingerprint is known.

    Raises:
        ContainerError: The path can't be opened as a file.
    """
    with open_checkpoint(path) as reader:
        yield OpenTensors(path, reader, fingerprint, limit_elements)


@contextmanager
def open_weights(
    path: Path, fingerprint: Fingerprint, identification: Identification
) -> Iterator[Iterator[WeightTensor]]:
    """Give the model's tensors under their published names, one at a time.

    Raises:
        ContainerError: The path can't be opened as a file, or doesn't hold the fingerprint's weights any more.
    """
    names = published_names(fingerprint, identification)
    with open_tensors(path, fingerprint) as tensors:
        yield (tensors.read(t.name, names[t.model_name]) for t in fingerprint.model_tensors)


def published_names(fingerprint: Fingerprint, identification: Identification) -> Mapping[str, str]:
    """Return the published name of each of the model's tensors; its own where no architecture was identified."""
    architecture = find_architecture(identification.architecture or "")
    naming = naming_of(identification)
    return {
        t.model_name: canonical_name(t.model_name, naming, architecture) if architecture else t.model_name
        for t in fingerprint.model_tensors
    }


def naming_of(identification: Identification) -> str:
    """Return which of the published spellings of its names a model has."""
    return identification.candidates[0].naming if identification.candidates else "published"

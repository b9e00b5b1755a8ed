"""A file's tensors by name, as they were when their fingerprint was taken; of very large ones the beginning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blake3 import blake3

from generators.containers import CheckpointReader, open_checkpoint
from generators.model.fingerprint import Fingerprint
from generators.model.tensor import TensorEntry, WeightTensor
from generators.pipeline.files.reading import changing


class OpenTensors:
    """The tensors of an open file.

    Args:
        path: The file.
        reader: Its container.
        fingerprint: What was read of it before.
        limit_elements: How many elements of a tensor are handed out.
    """

    def __init__(self, path: Path, reader: CheckpointReader, fingerprint: Fingerprint, limit_elements: int) -> None:
        self._path = path
        self._reader = reader
        self._entries = {t.name: t for t in reader.container.tensors}
        self._digests = {t.name: t.digest for t in fingerprint.model_tensors}
        self._limit = limit_elements

    def read(self, name: str, shown: str = "") -> WeightTensor:
        """Return a tensor's bytes, or the first of them.

        Args:
            name: In the container.
            shown: The name it is handed out under; its own where empty.

        Raises:
            ContainerError: It isn't any more what the fingerprint says.
            OSError: The file can't be read.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise changing(self._path)
        return WeightTensor(name=shown or name, dtype=entry.dtype, shape=entry.shape, data=self._read(entry))

    def _read(self, entry: TensorEntry) -> bytes:
        from generators.fingerprint.blocks import read_tensor_blocks

        hasher, limit, kept = blake3(), self._limit * entry.itemsize, bytearray()
        for block in read_tensor_blocks(entry, self._reader.container.byteorder, self._reader):
            hasher.update(block)
            if len(kept) < limit:
                kept += block[: limit - len(kept)]
        if hasher.hexdigest() != self._digests[entry.name]:
            raise changing(self._path)
        return bytes(kept)


@contextmanager
def open_tensors(path: Path, fingerprint: Fingerprint, limit_elements: int) -> Iterator[OpenTensors]:
    """Open a file whose fingerprint is known.

    Raises:
        ContainerError: The path can't be opened as a file.
    """
    with open_checkpoint(path) as reader:
        yield OpenTensors(path, reader, fingerprint, limit_elements)

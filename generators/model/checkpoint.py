"""A container that was read, and the way to its storages' bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from generators.model.finding import Finding
from generators.model.tensor import StorageEntry, TensorEntry

ContainerFormat = Literal[
    "torch-zip",
    "torch-legacy",
    "torch-tar",
    "torchscript",
    "torch-export",
    "torch-distributed",
    "safetensors",
    "shard-index",
    "numpy",
    "numpy-zip",
    "onnx",
    "gguf",
    "executorch",
    "unknown",
]
ByteOrder = Literal["little", "big"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEntry:
    """A value of the checkpoint that is no tensor.

    Attributes:
        path: Keys from the root joined with ``.``. Hostile text.
        type: ``int``, ``float``, ``bool``, ``str``, ``none``, ``bytes``, or ``module.Class`` of an opaque object.
        text: The value as text, cut to a readable length. Hostile text.
        number: The value when it is an ``int`` or a ``float`` (``bool`` isn't), else None.
    """

    path: str
    type: str
    text: str
    number: int | float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What a checkpoint's index says, as read without executing anything.

    Attributes:
        format: Kind of container.
        root: Root name of a zip archive, else empty. Hostile text.
        byteorder: Byte order of the storages.
        records: Number of records of an archive; 0 where there is no archive.
        tensors: In the order of the checkpoint.
        storages: One for each storage that the index names.
        objects: Non-tensor values: epoch, hyperparameters, metadata.
        globals: ``module.name`` of everything that the pickles name, sorted, each once. Hostile text.
        findings: What is wrong or worth knowing.
    """

    format: ContainerFormat
    root: str = ""
    byteorder: ByteOrder = "little"
    records: int = 0
    tensors: tuple[TensorEntry, ...] = ()
    storages: tuple[StorageEntry, ...] = ()
    objects: tuple[ObjectEntry, ...] = ()
    globals: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


class StorageReader(Protocol):
    """Random access to the bytes of a container's storages, as they lie in the file."""

    def read_storage(self, key: str, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes of storage ``key`` from byte ``start``.

        Fewer bytes come back only where the file ends or the record is damaged.
        """

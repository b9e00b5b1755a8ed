"""A container that was read, and the way to its storages' bytes."""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

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


class ObjectEntry(Struct, frozen=True, kw_only=True):
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


class Branch(Struct, frozen=True, kw_only=True):
    """A key of the checkpoint's object that holds further keys.

    Attributes:
        name: Keys from the root joined with ``.``. Hostile text.
        depth: Number of those keys; 1 at the root.
        kind: ``dict``, ``list``, or ``module.Class`` of another object. Hostile text.
        is_optimizer: Whether it is a dict with the keys of a torch optimizer's state.
    """

    name: str
    depth: int
    kind: str
    is_optimizer: bool = False


class Outline(Struct, frozen=True, kw_only=True):
    """The upper branches of a checkpoint's object.

    Attributes:
        root: ``dict``, ``list``, ``tensor``, ``value``, or ``module.Class`` of the object itself. Hostile text.
        is_optimizer: Whether the object is an optimizer's state.
        branches: Of the first levels, parents before children, in the checkpoint's order.
    """

    root: str
    is_optimizer: bool = False
    branches: tuple[Branch, ...] = ()


class Container(Struct, frozen=True, kw_only=True):
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
        outline: Of the object; None for formats without one (safetensors).
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
    outline: Outline | None = None


class StorageReader(Protocol):
    """Random access to the bytes of a container's storages, as they lie in the file."""

    def read_storage(self, key: str, start: int, size: int) -> bytes:
        """Return up to ``size`` bytes of storage ``key`` from byte ``start``.

        Fewer bytes come back only where the file ends or the record is damaged.
        """


class WholeFile(Protocol):
    """A file as a run of bytes."""

    @property
    def size_bytes(self) -> int:
        """Size of the file when it was opened."""

    def read_into(self, buffer: memoryview, start: int) -> int:
        """Fill a buffer from byte ``start`` of the file and return how many bytes it got; 0 at the file's end."""


class FileReader(StorageReader, WholeFile, Protocol):
    """A file, and the storages in it."""

    def locate_storage(self, key: str) -> int | None:
        """Return the position in the file of a storage's first byte; None where it doesn't lie there as it is."""


class FileRun(Protocol):
    """Who wants the bytes of a file from ``start`` up to ``stop``, while the file is read once."""

    @property
    def start(self) -> int:
        """Position of the first byte."""

    @property
    def stop(self) -> int:
        """Position after the last byte."""

    @property
    def block_bytes(self) -> int:
        """Size, counted from the start, of the pieces that cost least to take in; 0 where that makes no difference."""

    def add(self, data: memoryview) -> None:
        """Take in the next bytes; the memory is reused afterwards."""

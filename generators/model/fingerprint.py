"""Digests, statistics and the training odometer of one checkpoint."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.checkpoint import ByteOrder, ContainerFormat, ObjectEntry
from generators.model.finding import Finding
from generators.model.layout import CheckpointLayout

TensorRole = Literal["parameter", "buffer", "optimizer", "other"]


class FileFacts(Struct, frozen=True, kw_only=True):
    """The file as a whole.

    Attributes:
        name: Without folders. Hostile text.
        size_bytes: As many as were read.
        sha256: Lower-case hexadecimal; empty where only the index was read.
    """

    name: str
    size_bytes: int
    sha256: str


class ContainerFacts(Struct, frozen=True, kw_only=True):
    """The container, without its index.

    Attributes:
        format: Told by the file's bytes, not by its name.
        root: Folder inside of an archive that everything lies in; empty where there is none. Hostile text.
        byteorder: Of the numbers; None where the format leaves it open.
        records: Members of an archive.
    """

    format: ContainerFormat
    root: str
    byteorder: ByteOrder
    records: int


class Statistics(Struct, frozen=True, kw_only=True):
    """Of one tensor's values; the extremes, mean and deviation are over its finite values.

    Attributes:
        count: Elements, finite or not.
        nonfinite: NaN and infinite elements.
        zeros: Elements equal to zero.
        minimum: Smallest finite value; None where there is none or the dtype has no order (complex).
        maximum: Largest finite value, likewise.
        mean: Of the finite values, likewise.
        std: Standard deviation of the population (divided by n), likewise.
    """

    count: int
    nonfinite: int
    zeros: int
    minimum: int | float | None
    maximum: int | float | None
    mean: float | None
    std: float | None


class TensorFingerprint(Struct, frozen=True, kw_only=True):
    """One tensor.

    Attributes:
        name: As in the container. Hostile text.
        model_name: The name inside the model, without wrapper prefixes; empty when the tensor isn't the model's.
        dtype: torch's name without ``torch.``.
        shape: Sizes.
        strides: In elements.
        storage: Key of the storage.
        offset: In elements.
        role: What the tensor is for.
        digest: BLAKE3, in hexadecimal, of the contiguous little-endian bytes; None when ``missing`` or not computed.
        missing: The file doesn't have (all of) the tensor's bytes.
        statistics: None when ``missing`` or not asked for.
    """

    name: str
    model_name: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    storage: str
    offset: int
    role: TensorRole
    digest: str | None
    missing: bool
    statistics: Statistics | None


class Odometer(Struct, frozen=True, kw_only=True):
    """How far training went, by the counters that training leaves behind.

    Attributes:
        epoch: The checkpoint's own ``epoch`` value (index of the last finished epoch, counted from 0).
        optimizer_steps: Distinct ``step`` counters of the optimizer, ascending.
        batches_tracked: Distinct ``num_batches_tracked`` of the normalisation layers, ascending.
        iterations_per_epoch: steps / (epoch + 1) where that is whole, else None.
        agree: Whether all counters tell the same number of iterations; None with fewer than two kinds of counter.
    """

    epoch: int | None
    optimizer_steps: tuple[int, ...]
    batches_tracked: tuple[int, ...]
    iterations_per_epoch: int | None
    agree: bool | None


class Fingerprint(Struct, frozen=True, kw_only=True):
    """All that the bytes of one checkpoint tell without running it.

    Attributes:
        file: The file.
        container: Its container.
        model_prefix: What was removed in front of the model's tensor names, for example ``network.module.``.
        weights_digest: BLAKE3 over the sorted (name, dtype, shape, digest) of the model's tensors; None when one is
            missing.
        layout_digest: The same without the digests; None when the file has no model tensor.
        parameters: Elements of the model's trainable tensors.
        buffers: Elements of the model's other tensors (running statistics and counters).
        tensors: All tensors, the optimizer's too.
        objects: Non-tensor values.
        globals: What the pickles name.
        odometer: Training counters.
        findings: Of the container and of the fingerprint.
        layout: Which key holds what; None in evidence recorded before layouts were.
    """

    file: FileFacts
    container: ContainerFacts
    model_prefix: str
    weights_digest: str | None
    layout_digest: str | None
    parameters: int
    buffers: int
    tensors: tuple[TensorFingerprint, ...]
    objects: tuple[ObjectEntry, ...]
    globals: tuple[str, ...]
    odometer: Odometer
    findings: tuple[Finding, ...]
    layout: CheckpointLayout | None = None

    @property
    def model_tensors(self) -> tuple[TensorFingerprint, ...]:
        """The model's own tensors, in the checkpoint's order."""
        return tuple(t for t in self.tensors if t.model_name)

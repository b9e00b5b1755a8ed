"""What a forward pass measured, on which device, from which seed."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.numerics import Numerics
from generators.model.speed import Speed

WithoutCuda = Literal["cpu-build", "driver-missing", "driver-too-old", "none-visible", "no-device", "cuda-failed"]
"""Why torch finds no CUDA device."""


class Device(Struct, frozen=True, kw_only=True):
    """Where an evaluation ran.

    Attributes:
        kind: ``cuda`` or ``cpu``.
        name: As the driver or the operating system names it.
        threads: CPU threads that torch used.
        torch: Version of torch.
        cuda: Version of CUDA that torch was built with; empty on a CPU build.
        python: Version of Python.
        platform: Operating system and machine.
        capability: Vector instructions that torch uses on a CPU, compute capability on CUDA; empty when unknown.
        memory_bytes: Of the machine or the card; None when unknown.
        without_cuda: Why it is no CUDA device, where none was found; empty else.
        without_cuda_detail: What torch says of it; empty when it says nothing.
    """

    kind: Literal["cuda", "cpu"]
    name: str
    threads: int
    torch: str
    cuda: str
    python: str
    platform: str
    capability: str = ""
    memory_bytes: int | None = None
    without_cuda: WithoutCuda | Literal[""] = ""
    without_cuda_detail: str = ""


NotCounted = Literal["counter-missing", "counter-failed"]
"""Why there is no count of all operations."""


class MacCount(Struct, frozen=True, kw_only=True):
    """Multiply-accumulates for one image, for one number of upsampling blocks, by two rules.

    Attributes:
        upsampling_blocks: 0 for networks without that choice.
        conv_macs: Of the convolutions alone, without their biases.
        all_macs: Of all operations, by the rule of the counter; None where none counted.
        counter: Name and version of the counter; empty where none counted.
        not_counted: Why; empty where one counted, or where nobody asked.
    """

    upsampling_blocks: int
    conv_macs: int
    all_macs: int | None = None
    counter: str = ""
    not_counted: NotCounted | Literal[""] = ""


class Evaluation(Struct, frozen=True, kw_only=True):
    """A sanity evaluation, or the reason why there is none.

    Attributes:
        status: ``run`` or ``not-run``.
        reason: Code of the reason when not run: ``weights-incomplete``, ``not-identified``, ``torch-missing``,
            ``torch-broken``, ``load-refused``, ``out-of-memory``, ``device-failed``, ``switched-off``; else empty.
        detail: What exactly, for the reason; hostile text.
        architecture: Id of the network that was built.
        device: Where it ran; None when not run.
        seed: Of the input batch.
        input_shape: ``float32[N, 3, H, W]``.
        output_shape: Of the network's output.
        all_finite: Whether every output value is finite.
        repeatable: Whether a second forward pass gave the same bits.
        output_mean: Mean of the output values, in heatmap pixels or the head's own unit.
        output_std: Their standard deviation.
        macs: Multiply-accumulates, by number of upsampling blocks.
        latency_seconds: Median of the timed forward passes.
        latency_minimum_seconds: Fastest of them.
        latency_maximum_seconds: Slowest of them.
        timed_passes: How many were timed, after the warm-up.
        peak_memory_bytes: Peak during the forward passes: allocated by torch on CUDA, resident set on CPU.
        numerics: How far other arithmetic moves the result; None where that wasn't asked.
        speed: Over batch sizes, beside the device's ceilings; None where that wasn't asked or failed at once.
    """

    status: Literal["run", "not-run"]
    reason: str = ""
    detail: str = ""
    architecture: str | None = None
    device: Device | None = None
    seed: int | None = None
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()
    all_finite: bool | None = None
    repeatable: bool | None = None
    output_mean: float | None = None
    output_std: float | None = None
    macs: tuple[MacCount, ...] = ()
    latency_seconds: float | None = None
    latency_minimum_seconds: float | None = None
    latency_maximum_seconds: float | None = None
    timed_passes: int = 0
    peak_memory_bytes: int | None = None
    numerics: Numerics | None = None
    speed: Speed | None = None

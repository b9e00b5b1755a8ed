"""The same network and images with other arithmetic: how far the result moves.

The reference is one float32 pass on the evaluation's device: contiguous, eager,
without TensorFloat-32, with deterministic algorithms, on one CPU thread, so that
nothing depends on how many cores are free. Each comparison changes one thing. A
comparison that can't be made says why.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable

import torch
from msgspec import Struct
from torch import Tensor, nn

from generators.architectures.skeleton import DEPTH_BOX_MM
from generators.evaluate.compiling import compile_network, compiler_is_here, compiling_is_asked, is_compile_failure
from generators.evaluate.determinism import reproducible, single_thread
from generators.evaluate.displacement import measure_displacement, output_scale
from generators.evaluate.failures import first_line, machine_failure
from generators.evaluate.networks import network_inputs
from generators.evaluate.rounding import RoundedResults, round_network
from generators.evaluate.tensor_float import float32_products, has_tensor_float32
from generators.model.architecture import Architecture
from generators.model.numerics import NotCompared, Numerics, NumericsComparison, NumericsId

TIME_LIMIT_SECONDS = 20.0
"""After that no further comparison is begun. An idle core needs two or three; a busy machine may need much more."""
FEW_IMAGES = 1
"""Images where a pass is slow: double precision has no fast convolution on a CPU."""
UNSUPPORTED = ("not implemented for", "not supported", "Unsupported", "unsupported", "could not create a primitive")
"""What torch says of a dtype or a layout that an operator has no code for; the last is oneDNN's.

Source: torch ``ATen/Dispatch.h`` and ``aten/src/ATen/native/mkldnn``.
"""


class _Run(Struct, frozen=True, kw_only=True):
    """One changed run: what it gives, on how many images, and what it took to prepare."""

    output: Tensor
    images: int
    preparation_seconds: float | None = None


class _Bench(Struct, frozen=True, kw_only=True):
    """What every comparison starts from; the images lie on the CPU."""

    network: nn.Module
    images: Tensor
    device: torch.device
    reference: Tensor

    def run(self, network: nn.Module, images: Tensor) -> Tensor:
        """Return the network's output for the images, both on the bench's device."""
        output: Tensor = network(*network_inputs(network, images.to(self.device)))
        return output


def compare_numerics(
    architecture: Architecture, network: nn.Module, images: Tensor, device: torch.device, *, seed: int
) -> Numerics:
    """Return every comparison of the network with its reference run.

    Torch's switches are as before afterwards, and so is the network.

    Args:
        architecture: For the scale of the output.
        network: On the device, in evaluation mode, float32.
        images: float32[N, 3, H, W], normalised, on the CPU.
        device: Where the network is.
        seed: Of the images, to be kept with the result.

    Raises:
        RuntimeError: The reference run fails.
    """
    scale = output_scale(architecture)
    with reproducible(), single_thread(), float32_products("ieee"), torch.inference_mode():
        inputs = network_inputs(network, images.to(device))
        bench = _Bench(network=network, images=images, device=device, reference=network(*inputs))
        deadline = time.perf_counter() + TIME_LIMIT_SECONDS
        comparisons = tuple(_compare(name, bench, architecture, deadline) for name in _CHANGES)
    return Numerics(
        unit="network" if scale is None else "mm",
        box_mm=None if scale is None else DEPTH_BOX_MM,
        cell_mm=None if scale is None else scale.cell_mm,
        bin_mm=None if scale is None else scale.bin_mm,
        seed=seed,
        between_images=measure_displacement(bench.reference[:-1], bench.reference[1:], scale).maximum
        if len(images) > 1
        else None,
        comparisons=comparisons,
    )


def _compare(name: NumericsId, bench: _Bench, architecture: Architecture, deadline: float) -> NumericsComparison:
    reason = _obstacle(name, bench.device)
    if reason is None and time.perf_counter() > deadline:
        reason = "time"
    if reason is not None:
        return NumericsComparison(id=name, reason=reason)
    try:
        run = _CHANGES[name](bench)
    except (RuntimeError, MemoryError) as error:
        failed = _reason_of(error)
        if failed is None:
            raise
        return NumericsComparison(id=name, reason=failed, detail=first_line(error))
    found = measure_displacement(bench.reference[: run.images], run.output, output_scale(architecture))
    return NumericsComparison(
        id=name,
        images=run.images,
        all_finite=found.all_finite,
        identical=found.identical,
        maximum_displacement=found.maximum,
        median_displacement=found.median,
        preparation_seconds=run.preparation_seconds,
    )


def _obstacle(name: NumericsId, device: torch.device) -> NotCompared | None:
    """Return why a comparison need not even be tried; None where nothing stands against it."""
    match name:
        case "cpu-cuda" | "tf32" if device.type != "cuda":
            return "no-cuda"
        case "tf32" if not has_tensor_float32(device):
            return "unsupported-here"
        case "bfloat16" | "bfloat16-autocast" if not is_fast(torch.bfloat16, device):
            return "slow-here"
        case "float16" | "float16-autocast" if not is_fast(torch.float16, device):
            return "slow-here"
        case "compiled" if not compiling_is_asked():
            return "not-asked"
        case "compiled" if not compiler_is_here(device):
            return "compiler-missing"
        case _:
            return None


def _reason_of(error: RuntimeError | MemoryError) -> NotCompared | None:
    """Return what an error says of this place; None for a defect."""
    if is_compile_failure(error):
        return "compile-failed"
    failure = machine_failure(error)
    if failure is not None:
        return failure
    return "unsupported-here" if any(mark in str(error) for mark in UNSUPPORTED) else None


def _repeated(bench: _Bench) -> _Run:
    return _Run(output=bench.run(bench.network, bench.images), images=len(bench.images))


def _alone(bench: _Bench) -> _Run:
    """Each image in a batch of its own."""
    outputs = [bench.run(bench.network, image[None]) for image in bench.images]
    return _Run(output=torch.cat(outputs), images=len(bench.images))


def _channels_last(bench: _Bench) -> _Run:
    network = copy.deepcopy(bench.network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = bench.images.contiguous(memory_format=torch.channels_last)
    return _Run(output=bench.run(network, images), images=len(images))


def _float64(bench: _Bench) -> _Run:
    images = bench.images[: FEW_IMAGES if bench.device.type == "cpu" else None]
    output = bench.run(copy.deepcopy(bench.network).double(), images.double())
    return _Run(output=output, images=len(images))


def _cpu(bench: _Bench) -> _Run:
    network = copy.deepcopy(bench.network).cpu()
    return _Run(output=network(*network_inputs(network, bench.images)), images=len(bench.images))


def _tensor_float32(bench: _Bench) -> _Run:
    with float32_products("tf32"):
        return _Run(output=bench.run(bench.network, bench.images), images=len(bench.images))


def _converted(dtype: torch.dtype) -> Callable[[_Bench], _Run]:
    """Weights, activations and the soft-argmax in another dtype."""

    def run(bench: _Bench) -> _Run:
        output = bench.run(copy.deepcopy(bench.network).to(dtype), bench.images.to(dtype))
        return _Run(output=output, images=len(bench.images))

    return run


def _autocast(dtype: torch.dtype) -> Callable[[_Bench], _Run]:
    """Weights in float32; torch chooses, operator by operator, what it computes in the other dtype."""

    def run(bench: _Bench) -> _Run:
        with torch.autocast(bench.device.type, dtype=dtype):
            output = bench.run(bench.network, bench.images)
        return _Run(output=output, images=len(bench.images))

    return run


def is_fast(dtype: torch.dtype, device: torch.device) -> bool:
    """Return whether convolutions in the dtype run by the device's own instructions.

    A CPU without them would take minutes for what float32 does in a second. Source: torch
    ``aten/src/ATen/native/mkldnn/Utils.cpp``, the tests of oneDNN's instruction sets.
    """
    if device.type != "cpu":
        return True
    names = {torch.bfloat16: "_is_mkldnn_bf16_supported", torch.float16: "_is_mkldnn_fp16_supported"}
    try:
        return bool(getattr(torch.ops.mkldnn, names[dtype])())
    except (AttributeError, KeyError, RuntimeError):  # a build without oneDNN
        return False


def _imitated(bench: _Bench) -> _Run:
    """As everything in float16, on any device."""
    network, images = round_network(bench.network, torch.float16), bench.images.half().float()
    with RoundedResults(torch.float16):
        output = bench.run(network, images)
    return _Run(output=output, images=len(images))


def _compiled(bench: _Bench) -> _Run:
    network = compile_network(bench.network)
    inputs = network_inputs(bench.network, bench.images.to(bench.device))
    started = time.perf_counter()
    output = network(*inputs)
    return _Run(output=output, images=len(bench.images), preparation_seconds=time.perf_counter() - started)


_CHANGES: dict[NumericsId, Callable[[_Bench], _Run]] = {
    "repeated": _repeated,
    "alone": _alone,
    "channels-last": _channels_last,
    "cpu-cuda": _cpu,
    "tf32": _tensor_float32,
    "bfloat16": _converted(torch.bfloat16),
    "bfloat16-autocast": _autocast(torch.bfloat16),
    "float16": _converted(torch.float16),
    "float16-autocast": _autocast(torch.float16),
    "float16-imitated": _imitated,
    "float64": _float64,
    "compiled": _compiled,
}
"""In the order of the result; the slowest last, so that the time limit meets them first."""

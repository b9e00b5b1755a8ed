"""The tensors that torch's layers put into a state dict."""

from __future__ import annotations

from collections.abc import Iterator

from generators.model.architecture import TensorSpec


def convolution(name: str, shape: tuple[int, int, int, int], *, bias: int = 0) -> Iterator[TensorSpec]:
    """Yield the tensors of ``torch.nn.Conv2d`` or ``ConvTranspose2d``.

    Args:
        name: Name of the layer.
        shape: Of the weight, as torch stores it.
        bias: Elements of the bias; 0 for a layer without one.
    """
    yield TensorSpec(name=f"{name}.weight", shape=shape, role="parameter")
    if bias:
        yield TensorSpec(name=f"{name}.bias", shape=(bias,), role="parameter")


def batch_norm(name: str, channels: int) -> Iterator[TensorSpec]:
    """Yield the tensors of ``torch.nn.BatchNorm2d`` with its defaults."""
    for parameter in ("weight", "bias"):
        yield TensorSpec(name=f"{name}.{parameter}", shape=(channels,), role="parameter")
    for statistic in ("running_mean", "running_var"):
        yield TensorSpec(name=f"{name}.{statistic}", shape=(channels,), role="buffer")
    yield TensorSpec(name=f"{name}.num_batches_tracked", shape=(), role="buffer", dtype="int64")

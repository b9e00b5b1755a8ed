"""A published architecture: its configuration and the tensors that follow from it."""

from __future__ import annotations

from math import prod
from typing import Literal

from msgspec import Struct


class TensorSpec(Struct, frozen=True, kw_only=True):
    """A tensor that a state dict of the architecture has.

    Attributes:
        name: Without wrapper prefixes.
        shape: Sizes.
        role: ``parameter`` (trained) or ``buffer`` (running statistics and counters).
        dtype: float32, or int64 for ``num_batches_tracked``.
    """

    name: str
    shape: tuple[int, ...]
    role: Literal["parameter", "buffer"]
    dtype: Literal["float32", "int64"] = "float32"


class ConvNeXtPoseConfiguration(Struct, frozen=True, kw_only=True):
    """Figures that define a ConvNeXtPose network.

    Attributes:
        depths: Blocks of the four stages.
        dims: Channels of the four stages.
        head_width: Channels of the head's pointwise convolutions.
        joints: Predicted joints.
        depth_bins: Bins of the heatmap along depth.
        upsampling_blocks: How many of the head's three blocks double the resolution. No weight shows it.
    """

    depths: tuple[int, int, int, int]
    dims: tuple[int, int, int, int]
    head_width: int
    joints: int
    depth_bins: int
    upsampling_blocks: int


class ResNetPoseConfiguration(Struct, frozen=True, kw_only=True):
    """Figures that define PoseNet (a volumetric heatmap) or RootNet (a root position).

    Attributes:
        head: Which of the two heads.
        depths: Bottleneck blocks of the four stages.
        deconv_channels: Channels of the three transposed convolutions.
        joints: Predicted joints (PoseNet), else 0.
        depth_bins: Bins along depth (PoseNet), else 0.
    """

    head: Literal["posenet", "rootnet"]
    depths: tuple[int, int, int, int]
    deconv_channels: int
    joints: int
    depth_bins: int


Configuration = ConvNeXtPoseConfiguration | ResNetPoseConfiguration


class Renaming(Struct, frozen=True, kw_only=True):
    """Another published spelling of part of a tensor name.

    Attributes:
        naming: Id of the naming scheme the spelling belongs to.
        published: Text of the canonical name.
        other: Text that stands in its place.
    """

    naming: str
    published: str
    other: str


class TrainingLayout(Struct, frozen=True, kw_only=True):
    """How the architecture's training code saves a checkpoint.

    Attributes:
        container: ``torch-zip`` or ``torch-legacy``.
        optimizer: Class name under ``torch.optim``.
        step_is_tensor: Whether the optimizer's ``step`` is a 0-dim float32 tensor (torch from 1.12 on), else an int.
    """

    container: Literal["torch-zip", "torch-legacy"]
    optimizer: Literal["AdamW", "Adam"]
    step_is_tensor: bool


class Architecture(Struct, frozen=True, kw_only=True):
    """A published architecture.

    Attributes:
        id: For example ``convnextpose-xs``.
        family: ``convnextpose``, ``posenet`` or ``rootnet``.
        title: For readers.
        configuration: The defining figures.
        tensors: The state dict, in the order of the published code.
        renamings: Other published spellings of the names.
        training: How its training code saves checkpoints.
        sources: Where the figures are from: keys of the report's sources with a locator (``UP main/config.py``).
    """

    id: str
    family: str
    title: str
    configuration: Configuration
    tensors: tuple[TensorSpec, ...]
    renamings: tuple[Renaming, ...]
    training: TrainingLayout
    sources: tuple[str, ...]

    @property
    def parameters(self) -> int:
        """Elements of the trained tensors."""
        return sum(prod(t.shape) for t in self.tensors if t.role == "parameter")

    @property
    def buffers(self) -> int:
        """Elements of the other tensors."""
        return sum(prod(t.shape) for t in self.tensors if t.role == "buffer")

    @property
    def elements(self) -> int:
        """Elements of the whole state dict."""
        return self.parameters + self.buffers

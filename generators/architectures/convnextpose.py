"""ConvNeXtPose XS, S, M and L.

Sources: the official code (UP, github.com/medialab-ku/ConvNeXtPose at 08352ee:
``main/config.py`` for XS and for the depths and dims of the others,
``main/model.py`` for the head, ``common/nets/convnext_bn.py`` for the
backbone); tables 4 and 5 of the paper (PAPER, IEEE Access 2023, document
10288440), whose parameters and multiply-accumulates of M and L are met only
with these head widths and three upsampling blocks; and, for S and the tensor
[1152, 512, 1, 1] of L, what a third party printed from the official files (FK).
"""

from __future__ import annotations

from collections.abc import Iterator

from generators.architectures.layers import batch_norm, convolution
from generators.model.architecture import (
    Architecture,
    ConvNeXtPoseConfiguration,
    Renaming,
    TensorSpec,
    TrainingLayout,
)

STEM_KERNEL = 4
"""Source: UP ``common/nets/convnext_bn.py``, the stem's convolution."""
DOWNSAMPLE_KERNEL = 2
"""Source: UP ``common/nets/convnext_bn.py``, between stages."""
BLOCK_KERNEL = 7
"""Source: UP ``common/nets/convnext_bn.py``, the depthwise convolution of a block."""
EXPANSION = 4
"""Source: UP ``common/nets/convnext_bn.py``, the first pointwise convolution of a block."""
HEAD_KERNEL = 3
"""Source: UP ``main/model.py``, the depthwise convolution of a head block."""
HEAD_BLOCKS = 3
"""Source: UP ``main/model.py``, ``deconv_layers_1`` to ``deconv_layers_3``."""

NUMBERED_HEAD = tuple(
    Renaming(
        naming="numbered-head",
        published=f"head.deconv_layers_{block}.{published}.",
        other=f"head.deconv_layers_{block}.{number}.",
    )
    for block in range(1, HEAD_BLOCKS + 1)
    for number, published in enumerate(("dwconv", "norm", "pwconv"))
)
"""The older head, whose layers have numbers. Source: FK, printed from the official M and L files."""


def convnextpose_tensors(configuration: ConvNeXtPoseConfiguration) -> Iterator[TensorSpec]:
    """Yield the state dict of a configuration, in the order of the published code."""
    yield from backbone_tensors(configuration.depths, configuration.dims)
    yield from head_tensors(configuration)


def backbone_tensors(depths: tuple[int, ...], dims: tuple[int, ...]) -> Iterator[TensorSpec]:
    """Yield the backbone's part of the state dict."""
    for stage, dim in enumerate(dims):
        name = f"backbone.downsample_layers.{stage}"
        if stage == 0:
            yield from convolution(f"{name}.0", (dim, 3, STEM_KERNEL, STEM_KERNEL), bias=dim)
            yield from batch_norm(f"{name}.1", dim)
            continue
        yield from batch_norm(f"{name}.0", dims[stage - 1])
        yield from convolution(f"{name}.1", (dim, dims[stage - 1], DOWNSAMPLE_KERNEL, DOWNSAMPLE_KERNEL), bias=dim)
    for stage, (depth, dim) in enumerate(zip(depths, dims, strict=True)):
        for block in range(depth):
            yield from _block(f"backbone.stages.{stage}.{block}", dim)
    yield from batch_norm("backbone.norm", dims[-1])


def _block(name: str, dim: int) -> Iterator[TensorSpec]:
    yield from convolution(f"{name}.dwconv", (dim, 1, BLOCK_KERNEL, BLOCK_KERNEL), bias=dim)
    yield from batch_norm(f"{name}.norm", dim)
    yield from convolution(f"{name}.pwconv1", (EXPANSION * dim, dim, 1, 1), bias=EXPANSION * dim)
    yield from convolution(f"{name}.pwconv2", (dim, EXPANSION * dim, 1, 1), bias=dim)


def head_tensors(configuration: ConvNeXtPoseConfiguration) -> Iterator[TensorSpec]:
    """Yield the head's part of the state dict."""
    width, channels = configuration.head_width, configuration.dims[-1]
    for block in range(1, HEAD_BLOCKS + 1):
        name = f"head.deconv_layers_{block}"
        yield from convolution(f"{name}.dwconv", (channels, 1, HEAD_KERNEL, HEAD_KERNEL), bias=channels)
        yield from batch_norm(f"{name}.norm", channels)
        yield from convolution(f"{name}.pwconv", (width, channels, 1, 1), bias=width)
        channels = width
    outputs = configuration.joints * configuration.depth_bins
    yield from convolution("head.final_layer", (outputs, width, 1, 1), bias=outputs)


def _variant(variant: str, configuration: ConvNeXtPoseConfiguration, *sources: str) -> Architecture:
    return Architecture(
        id=f"convnextpose-{variant.lower()}",
        family="convnextpose",
        title=f"ConvNeXtPose-{variant}",
        configuration=configuration,
        tensors=tuple(convnextpose_tensors(configuration)),
        renamings=NUMBERED_HEAD,
        training=TrainingLayout(container="torch-zip", optimizer="AdamW", step_is_tensor=True),
        sources=("UP common/nets/convnext_bn.py", "UP main/model.py", *sources),
    )


_WIDE = (48, 96, 192, 384)
_DEEP = (3, 3, 9, 3)

CONVNEXTPOSE: tuple[Architecture, ...] = (
    _variant(
        "XS",
        ConvNeXtPoseConfiguration(
            depths=(2, 2, 6, 2), dims=(40, 80, 160, 320), head_width=128, joints=18, depth_bins=32, upsampling_blocks=2
        ),
        "UP main/config.py",
    ),
    _variant(
        "S",
        ConvNeXtPoseConfiguration(
            depths=_DEEP, dims=_WIDE, head_width=256, joints=18, depth_bins=32, upsampling_blocks=2
        ),
        "UP main/config.py",
        "FK log_S.txt",
    ),
    _variant(
        "M",
        ConvNeXtPoseConfiguration(
            depths=_DEEP, dims=_WIDE, head_width=256, joints=18, depth_bins=64, upsampling_blocks=3
        ),
        "UP main/config.py",
        "PAPER tables 4, 5",
    ),
    _variant(
        "L",
        ConvNeXtPoseConfiguration(
            depths=_DEEP, dims=_WIDE, head_width=512, joints=18, depth_bins=64, upsampling_blocks=3
        ),
        "UP main/config.py",
        "PAPER tables 4, 5",
        "FK log3.txt",
    ),
)

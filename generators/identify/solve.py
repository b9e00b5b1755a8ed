"""From shapes to the configuration that made them, published or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generators.model.architecture import Architecture, ConvNeXtPoseConfiguration, ResNetPoseConfiguration
from generators.model.identification import Setting

Shapes = Mapping[str, tuple[int, ...]]

_STAGE_BLOCK = re.compile(r"backbone\.stages\.(\d+)\.(\d+)\.")
_RESNET_BLOCK = re.compile(r"backbone\.layer(\d)\.(\d+)\.")
_STAGES = 4


def solve_settings(shapes: Shapes) -> tuple[Setting, ...]:
    """Return the configuration that the shapes determine, with None for what they can't.

    Args:
        shapes: Of the model's tensors, by published name.

    Returns:
        Nothing when the names are of no known family. For ConvNeXtPose the number of upsampling blocks is never
        determined (upsampling has no weights), nor how the output channels split into joints and depth bins.
    """
    if "backbone.downsample_layers.0.0.weight" in shapes:
        return tuple(_solve_convnextpose(shapes))
    if "backbone.conv1.weight" in shapes:
        return tuple(_solve_resnet_pose(shapes))
    return ()


def published_settings(architecture: Architecture) -> tuple[Setting, ...]:
    """Return an architecture's own configuration under the same names that the solver uses."""
    solved = solve_settings({t.name: t.shape for t in architecture.tensors})
    match architecture.configuration:
        case ConvNeXtPoseConfiguration(joints=joints, depth_bins=bins, upsampling_blocks=blocks):
            known: dict[str, int] = {"joints": joints, "depth_bins": bins, "upsampling_blocks": blocks}
        case ResNetPoseConfiguration(head="posenet", joints=joints, depth_bins=bins):
            known = {"joints": joints, "depth_bins": bins}
        case ResNetPoseConfiguration():
            known = {}
    return tuple(Setting(name=s.name, value=known.get(s.name, s.value)) for s in solved)


def _solve_convnextpose(shapes: Shapes) -> Iterator[Setting]:
    stages = [f"backbone.downsample_layers.{n}.{0 if n == 0 else 1}.weight" for n in range(_STAGES)]
    dims = tuple(shapes[name][0] for name in stages if shapes.get(name))
    depths = _count_blocks(_STAGE_BLOCK, shapes, first=0)
    yield Setting(name="depths", value=depths or None)
    yield Setting(name="dims", value=dims if len(dims) == _STAGES else None)
    yield Setting(name="head_width", value=_first_size(shapes, "head.deconv_layers_1.pwconv.weight"))
    yield Setting(name="outputs", value=_first_size(shapes, "head.final_layer.weight"))
    for undetermined in ("joints", "depth_bins", "upsampling_blocks"):
        yield Setting(name=undetermined, value=None)


def _solve_resnet_pose(shapes: Shapes) -> Iterator[Setting]:
    head = next((h for h in ("head", "root") if f"{h}.deconv_layers.0.weight" in shapes), None)
    yield Setting(name="depths", value=_count_blocks(_RESNET_BLOCK, shapes, first=1) or None)
    yield Setting(name="head", value={"head": "posenet", "root": "rootnet"}[head] if head else None)
    deconv = shapes.get(f"{head}.deconv_layers.0.weight", ())
    yield Setting(name="deconv_channels", value=deconv[1] if len(deconv) > 1 else None)
    if head == "head":
        yield Setting(name="outputs", value=_first_size(shapes, "head.final_layer.weight"))
        yield Setting(name="joints", value=None)
        yield Setting(name="depth_bins", value=None)


def _first_size(shapes: Shapes, name: str) -> int | None:
    shape = shapes.get(name)
    return shape[0] if shape else None


def _count_blocks(pattern: re.Pattern[str], shapes: Shapes, *, first: int) -> tuple[int, ...]:
    seen: dict[int, set[int]] = {}
    for name in shapes:
        if match := pattern.match(name):
            seen.setdefault(int(match[1]), set()).add(int(match[2]))
    return tuple(len(seen.get(stage, ())) for stage in range(first, first + _STAGES)) if seen else ()

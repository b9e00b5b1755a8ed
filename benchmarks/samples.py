"""The files that are read: written anew, never downloaded."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

SEED = 20231007
LARGE_BYTES = 4 << 30
LARGE_TENSORS = 64


def write_training_checkpoint(folder: Path, *, legacy: bool = False) -> Path:
    """Write a training checkpoint of about 390 MiB: a ResNet-50 network with its optimizer's moments.

    Args:
        folder: Where to.
        legacy: In the container of PyTorch before 1.6, else as a zip.
    """
    from generators.architectures import find_architecture
    from generators.evaluate.controls import write_control

    architecture = find_architecture("posenet-resnet50")
    if architecture is None:
        raise LookupError("posenet-resnet50")
    container: Literal["torch-legacy", "torch-zip"] = "torch-legacy" if legacy else "torch-zip"
    training = replace(architecture.training, container=container)
    path = folder / container / "snapshot_0.pth.tar"
    write_control(replace(architecture, training=training), SEED, path)
    # what the system still writes in the background would take a core from what is measured
    os.sync()
    return path


def write_large_safetensors(folder: Path) -> Path:
    """Write a file of 4 GiB that takes no room on the disk: float32 zeros."""
    size = LARGE_BYTES // LARGE_TENSORS
    header = {
        f"layer{n}.weight": {"dtype": "F32", "shape": [size // 4], "data_offsets": [n * size, (n + 1) * size]}
        for n in range(LARGE_TENSORS)
    }
    text = json.dumps(header).encode()
    path = folder / "large.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + LARGE_BYTES)
    return path


def write_small_checkpoints(folder: Path, count: int) -> list[Path]:
    """Write checkpoints of ten layers each, every one with its own values."""
    import torch

    paths = []
    for number in range(count):
        torch.manual_seed(number)
        layers = {f"layer{n}.{part}": torch.randn(64) for n in range(10) for part in ("weight", "bias")}
        paths.append(folder / f"{number}.pth")
        torch.save({"epoch": number, "state_dict": layers}, paths[-1])
    return paths


def write_training_checkpoints(folder: Path, count: int) -> list[Path]:
    """Write training checkpoints of ConvNeXtPose M, of about 87 MiB, every one with its own values."""
    from generators.architectures import find_architecture
    from generators.evaluate.controls import write_control

    architecture = find_architecture("convnextpose-m")
    if architecture is None:
        raise LookupError("convnextpose-m")
    paths = [folder / f"snapshot_{number}.pth.tar" for number in range(count)]
    for number, path in enumerate(paths):
        write_control(architecture, SEED + number, path)
    os.sync()
    return paths

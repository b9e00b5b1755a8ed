"""The accuracy of one network, under one or several protocols, in one pass over the images."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from math import ceil
from pathlib import Path

import numpy as np
import torch
from msgspec.structs import replace

from generators.architectures.skeleton import JOINTS, ROOT
from generators.errors import EvaluationError
from generators.evaluate.device import select_device
from generators.evaluate.failures import CPU_ALLOCATION_FAILURE
from generators.evaluate.human36m.loading_images import load_batches
from generators.evaluate.human36m.pixel_range import check_pixel_range
from generators.evaluate.human36m.predicting import (
    Predictor,
    Volume,
    heatmap_volume,
    network_predictor,
    predict_poses,
)
from generators.evaluate.human36m.skeleton import ANNOTATED_JOINTS
from generators.evaluate.human36m.summary import subject_numbers, summarise
from generators.evaluate.human36m.test_set import EXPECTED_STEP, Frame, TestSet, read_test_set
from generators.evaluate.loading import LoadRefusal, load_network
from generators.evaluate.networks.volumetric import VolumetricPoseNetwork
from generators.model.accuracy import Accuracy, DataSetFacts, UntestedReason
from generators.model.architecture import Architecture
from generators.model.evaluation import Device
from generators.model.metric import Protocol, ProtocolField
from generators.model.tensor import WeightTensor

_LOG = logging.getLogger(__name__)

LAYOUT = "Human3.6M"
"""The data set whose layout is read, as a protocol names it."""
BATCH_SIZES = {"cpu": 16, "cuda": 64}
"""On a CPU as many as UP's ``main/config.py`` has (``test_batch_size``); results don't depend on it."""
SECONDS_BETWEEN_REPORTS = 5.0
"""Often enough to see that it goes on."""
_SUBJECTS = re.compile(r"S\d{1,2}( *, *S\d{1,2})*")


def evaluate_accuracy(
    architecture: Architecture,
    weights: Iterable[WeightTensor],
    folder: Path,
    protocols: tuple[Protocol, ...],
    *,
    subset: int | None = None,
    seed: int = 0,
    device: Device | None = None,
) -> Accuracy:
    """Load the weights strictly and measure the network's errors.

    Args:
        architecture: What the checkpoint was identified as; with as many upsampling blocks as published.
        weights: The model's tensors, by canonical name.
        folder: Of the data set.
        protocols: At least one, all of this data set and with the same frame step.
        subset: Number of images to draw for a short run; None for all.
        seed: Of the draw.
        device: Where to run; None for :func:`~generators.evaluate.device.select_device`'s choice.

    Returns:
        The figures; or ``untested`` because the network predicts no poses, the weights don't fit, the memory doesn't
        suffice, or a prediction isn't finite.

    Raises:
        EvaluationError: The data set isn't there or is damaged, or a protocol can't be carried out.
    """
    protocols = tuple(carried_out(protocol) for protocol in protocols)
    data = _read_data(folder, protocols)
    device = device or select_device()
    place = torch.device(device.kind)
    try:
        network = load_network(architecture, weights, place)
        if isinstance(network, LoadRefusal):
            return _untested(architecture.id, "load-refused", network.detail)
        if not isinstance(network, VolumetricPoseNetwork) or network.joints != len(JOINTS):
            return _untested(architecture.id, "no-pose-network")
        measured = measure(
            network_predictor(network, place),
            heatmap_volume(network, place),
            data,
            protocols,
            subset=subset,
            seed=seed,
            batch_size=BATCH_SIZES[device.kind],
        )
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        _LOG.warning("%s: out of memory on %s", architecture.id, device.name)
        return _untested(architecture.id, "out-of-memory", str(error).splitlines()[0] if str(error) else "")
    return replace(measured, architecture=architecture.id, device=device)


def _untested(architecture_id: str, reason: UntestedReason, detail: str = "") -> Accuracy:
    return Accuracy(status="untested", reason=reason, detail=detail, architecture=architecture_id)


def carried_out(protocol: Protocol) -> Protocol:
    """Return a protocol as it is carried out here: what it leaves open is done as the published code does by default.

    Source: UP ``main/config.py``: ``flip_test`` and ``use_gt_info`` are True; UP ``data/Human36M/Human36M.py``.

    Raises:
        EvaluationError: It asks for something that can't be done with the annotations alone.
    """
    whole = replace(
        protocol,
        frame_step=protocol.frame_step or EXPECTED_STEP,
        root=protocol.root or JOINTS[ROOT],
        joints_predicted=protocol.joints_predicted or len(JOINTS),
        joints_evaluated=protocol.joints_evaluated or ANNOTATED_JOINTS,
        flip_test=protocol.flip_test is not False,
        boxes=protocol.boxes or "ground-truth",
        roots=protocol.roots or "ground-truth",
        average=protocol.average or "frames",
        training_subjects="",
        assumed=(),
        locator="",
    )
    wrong = next(_impossible_fields(whole), None)
    if wrong is not None:
        raise EvaluationError(
            "protocol-impossible",
            f"the protocol {protocol.id} has {wrong} = {getattr(whole, wrong)!r}, which can't be carried out here",
            where=protocol.id,
            remedy="choose another protocol with --protocol",
        )
    return whole


def _impossible_fields(protocol: Protocol) -> Iterator[ProtocolField]:
    possible: dict[ProtocolField, bool] = {
        "dataset": protocol.dataset == LAYOUT,
        "subjects": _SUBJECTS.fullmatch(protocol.subjects) is not None,
        "root": protocol.root == JOINTS[ROOT],
        "joints_predicted": protocol.joints_predicted == len(JOINTS),
        "joints_evaluated": protocol.joints_evaluated == ANNOTATED_JOINTS,
        "boxes": protocol.boxes == "ground-truth",
        "roots": protocol.roots == "ground-truth",
        "average": protocol.average == "frames",
    }
    return (field for field, can_be_done in possible.items() if not can_be_done)


def _read_data(folder: Path, protocols: tuple[Protocol, ...]) -> TestSet:
    steps = sorted({protocol.frame_step or EXPECTED_STEP for protocol in protocols})
    if len(steps) > 1:
        raise EvaluationError(
            "protocols-apart",
            f"the protocols test every {steps[0]}th and every {steps[1]}th frame, which are different images",
            where=", ".join(protocol.id for protocol in protocols),
            remedy="measure one after the other, with --protocol",
        )
    subjects = {number for protocol in protocols for number in subject_numbers(protocol)}
    return read_test_set(folder, subjects, steps[0])


def measure(
    predict: Predictor,
    volume: Volume,
    data: TestSet,
    protocols: tuple[Protocol, ...],
    *,
    subset: int | None,
    seed: int,
    batch_size: int,
) -> Accuracy:
    """Measure anything that predicts poses from crops.

    Args:
        predict: From crops to cells.
        volume: Width, height and depth bins that the cells are counted in.
        data: What is tested.
        protocols: As they are carried out.
        subset: Number of images to draw; None for all.
        seed: Of the draw.
        batch_size: Images in a batch.
    """
    frames = draw_frames(data.frames, subset, seed)
    _LOG.info("%d of %d images, in batches of %d", len(frames), len(data.frames), batch_size)
    started = time.perf_counter()
    batches = load_batches(data.images, frames, batch_size)
    poses = predict_poses(predict, volume, batches, frames, _progress(len(frames)))
    facts = Accuracy(
        status="measured",
        data_set=_facts(data),
        pixel_range=check_pixel_range(predict, volume, data),
        subset=None if len(frames) == len(data.frames) else len(frames),
        subset_seed=None if len(frames) == len(data.frames) else seed,
        batch_size=batch_size,
        seconds=time.perf_counter() - started,
    )
    broken = int((~np.isfinite(poses.averaged)).any(axis=(1, 2)).sum())
    if broken:
        return _untested("", "not-finite", f"{broken} / {len(frames)}")
    runs = (summarise(p, frames, poses, _total(data, p), recognised=data.recognised) for p in protocols)
    return replace(facts, runs=tuple(run for run in runs if run is not None))


def draw_frames(frames: tuple[Frame, ...], subset: int | None, seed: int) -> tuple[Frame, ...]:
    """Return a seeded sample of the frames without repetition, in their order; all of them for None or enough."""
    if subset is None or subset >= len(frames):
        return frames
    drawn = np.random.default_rng(seed).choice(len(frames), size=subset, replace=False)
    return tuple(frames[number] for number in sorted(drawn.tolist()))


def _total(data: TestSet, protocol: Protocol) -> int:
    subjects = subject_numbers(protocol)
    return sum(frame.subject in subjects for frame in data.frames)


def _facts(data: TestSet) -> DataSetFacts:
    return DataSetFacts(
        layout=LAYOUT,
        recognised=data.recognised,
        images=len(data.frames),
        images_expected=data.expected,
        videos=len({frame.video for frame in data.frames}),
        annotations_sha256=data.annotations_sha256,
    )


def _progress(total: int) -> Callable[[int, float], None]:
    """Return a function that logs how far a run is, its rate and the time left, not too often."""
    last = 0.0

    def report(done: int, seconds: float) -> None:
        nonlocal last
        if done < total and seconds - last < SECONDS_BETWEEN_REPORTS:
            return
        last = seconds
        rate = done / seconds if seconds else 0.0
        left = ceil((total - done) / rate) if rate else 0
        _LOG.info("%d of %d images, %.1f images/s, %d:%02d left", done, total, rate, *divmod(left, 60))

    return report


def _is_out_of_memory(error: RuntimeError | MemoryError) -> bool:
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or CPU_ALLOCATION_FAILURE in str(error)

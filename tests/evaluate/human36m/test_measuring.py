"""Errors that are known in advance, through the whole road from JPEG files to the figures of a protocol."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from evaluate.human36m.conftest import P1, P1_SCALED, P2
from evaluate.human36m.stand_in import MEAN, STD, VOLUME, Change, stand_in
from human36m_layout import Person, camera_pose
from msgspec.structs import replace
from scipy.spatial.transform import Rotation

from generators.architectures import ARCHITECTURES
from generators.errors import EvaluationError
from generators.evaluate.human36m.measuring import carried_out, draw_frames, evaluate_accuracy, measure
from generators.evaluate.human36m.pixel_range import check_pixel_range
from generators.evaluate.human36m.test_set import TestSet
from generators.model.accuracy import Accuracy

ROUNDING_MM = 0.02
"""Cells are float32: 64 cells of some 40 mm."""
PROTOCOLS = tuple(carried_out(protocol) for protocol in (P1, P1_SCALED, P2))


def measured(data: TestSet, everyone: tuple[Person, ...], change: Change, subset: int | None = None) -> Accuracy:
    predict = stand_in(everyone, change)
    return measure(predict, VOLUME, data, PROTOCOLS, subset=subset, seed=5, batch_size=7)


def errors_of(accuracy: Accuracy) -> dict[str, float]:
    return {run.id: run.error_mm for run in accuracy.runs}


def test_a_perfect_network_has_no_error(data: TestSet, everyone: tuple[Person, ...]) -> None:
    accuracy = measured(data, everyone, lambda pose: pose)
    assert errors_of(accuracy) == pytest.approx({"p1": 0, "p1-scaled": 0, "p2": 0}, abs=ROUNDING_MM)


def test_a_constant_offset_of_all_joints_but_the_root_is_the_mpjpe(data: TestSet, everyone: tuple[Person, ...]) -> None:
    offset = np.array([30.0, -40.0, 120.0])  # 130 mm long

    def shift(pose: np.ndarray) -> np.ndarray:
        return pose + np.r_[0, np.ones(17)][:, None] * offset

    accuracy = measured(data, everyone, shift)
    (p2,) = [run for run in accuracy.runs if run.id == "p2"]
    assert p2.error_mm == pytest.approx(130 * 16 / 17, abs=ROUNDING_MM)
    assert [joint.error_mm for joint in p2.joints] == pytest.approx([0] + [130] * 16, abs=ROUNDING_MM)
    assert {action.name for action in p2.actions if action.images} == {"Directions", "Discussion", "WalkTogether"}
    assert [a.error_mm for a in p2.actions if a.images] == pytest.approx([130 * 16 / 17] * 3, abs=ROUNDING_MM)


def test_a_shifted_pose_has_no_error_because_the_root_is_shifted_too(
    data: TestSet, everyone: tuple[Person, ...]
) -> None:
    accuracy = measured(data, everyone, lambda pose: pose + np.array([80, 0, 0]))
    assert errors_of(accuracy)["p2"] == pytest.approx(0, abs=ROUNDING_MM)


def test_a_turned_pose_errs_but_not_after_rigid_alignment(data: TestSet, everyone: tuple[Person, ...]) -> None:
    turn = Rotation.from_euler("xyz", [10, 35, -20], degrees=True)
    accuracy = measured(data, everyone, lambda pose: turn.apply(pose - pose[0]) + pose[0])
    errors = errors_of(accuracy)
    assert errors["p2"] > 100
    assert (errors["p1"], errors["p1-scaled"]) == pytest.approx((0, 0), abs=ROUNDING_MM)


def test_only_an_alignment_with_scale_forgives_a_wrong_size(data: TestSet, everyone: tuple[Person, ...]) -> None:
    accuracy = measured(data, everyone, lambda pose: (pose - pose[0]) * 1.1 + pose[0])
    tested = [camera_pose(p) for p in everyone if p.subject == 11 and p.frame % 64 == 0]
    spread = np.mean([np.linalg.norm(pose - pose.mean(axis=0), axis=1)[:17].mean() for pose in tested])
    errors = errors_of(accuracy)
    assert errors["p1-scaled"] == pytest.approx(0, abs=ROUNDING_MM)
    assert errors["p1"] == pytest.approx(0.1 * spread, abs=ROUNDING_MM)


def test_the_mirrored_image_is_averaged_with_left_and_right_swapped(
    data: TestSet, everyone: tuple[Person, ...]
) -> None:
    true = stand_in(everyone)

    def biased(crops: np.ndarray) -> np.ndarray:
        return true(crops) + np.float32([2, 0, 0])  # two cells to the right, in the crop and in the mirrored crop

    flips = tuple(replace(PROTOCOLS[2], id=f"flip-{flip}", flip_test=flip) for flip in (True, False))
    accuracy = measure(biased, VOLUME, data, flips, subset=None, seed=0, batch_size=16)
    errors = errors_of(accuracy)
    # all joints are shifted alike, so what is left is perspective: depth times the shift
    assert errors["flip-True"] == pytest.approx(0, abs=ROUNDING_MM)
    assert errors["flip-False"] > 1


def test_the_published_rule_for_mirrored_cells_moves_all_joints_alike(
    data: TestSet, everyone: tuple[Person, ...]
) -> None:
    true = stand_in(everyone)

    def exact(crops: np.ndarray) -> np.ndarray:
        """Find joints at mirrored pixels, where the published rule takes them to be at mirrored cells."""
        cells = true(crops)
        mirrored = crops[:, 2, 128, 118] > crops[:, 2, 128, 138]
        cells[mirrored, :, 0] += 1 - VOLUME[0] / 256
        return cells

    flips = tuple(replace(PROTOCOLS[2], id=f"flip-{flip}", flip_test=flip) for flip in (True, False))
    errors = errors_of(measure(exact, VOLUME, data, flips, subset=None, seed=0, batch_size=16))
    assert errors["flip-False"] == pytest.approx(0, abs=ROUNDING_MM)
    assert 0.1 < errors["flip-True"] < 2  # what perspective leaves of 0.4 cells of some 30 mm


def test_images_subjects_takes_and_videos_are_counted(data: TestSet, everyone: tuple[Person, ...]) -> None:
    accuracy = measured(data, everyone, lambda pose: pose)
    counts = {run.id: (run.images, run.images_total, run.takes) for run in accuracy.runs}
    assert counts == {"p1": (24, 24, 6), "p1-scaled": (24, 24, 6), "p2": (48, 48, 12)}
    assert accuracy.data_set is not None
    assert (accuracy.data_set.images, accuracy.data_set.videos) == (48, 24)


def test_made_up_data_are_never_taken_for_the_data_set(data: TestSet, everyone: tuple[Person, ...]) -> None:
    accuracy = measured(data, everyone, lambda pose: pose)
    assert accuracy.data_set is not None
    assert accuracy.data_set.recognised is False
    assert accuracy.data_set.images_expected == 8695
    assert [(run.recognised, run.whole) for run in accuracy.runs] == [(False, False)] * 3


def test_a_subset_is_the_same_for_the_same_seed_and_says_what_it_is(
    data: TestSet, everyone: tuple[Person, ...]
) -> None:
    first, again = (draw_frames(data.frames, 10, 5) for _ in range(2))
    assert [frame.path for frame in first] == [frame.path for frame in again]
    assert len({frame.path for frame in first}) == 10
    assert [f.path for f in first] != [f.path for f in draw_frames(data.frames, 10, 6)]
    accuracy = measured(data, everyone, lambda pose: pose, subset=10)
    assert (accuracy.subset, accuracy.subset_seed) == (10, 5)
    assert {run.id: run.images for run in accuracy.runs}["p2"] == 10
    assert errors_of(accuracy)["p2"] == pytest.approx(0, abs=ROUNDING_MM)


def test_a_prediction_that_is_not_finite_gives_no_figure(data: TestSet, everyone: tuple[Person, ...]) -> None:
    accuracy = measured(data, everyone, lambda pose: pose * np.nan)
    assert (accuracy.status, accuracy.reason, accuracy.detail, accuracy.runs) == (
        "untested",
        "not-finite",
        "48 / 48",
        (),
    )


def test_progress_tells_rate_and_time_left(
    data: TestSet, everyone: tuple[Person, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="generators"):
        measured(data, everyone, lambda pose: pose)
    assert any("48 of 48 images, " in line and "images/s, 0:00 left" in line for line in caplog.messages)


def test_a_whole_network_is_measured(
    folder: Path,
    draw_weights,  # noqa: ANN001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("generators.evaluate.human36m.pixel_range.CHECKED_IMAGES", 1)
    architecture = next(a for a in ARCHITECTURES if a.id == "convnextpose-xs")
    accuracy = evaluate_accuracy(architecture, draw_weights(architecture, 1), folder, (P1, P2), subset=2, seed=1)
    assert (accuracy.status, accuracy.architecture, accuracy.subset) == ("measured", "convnextpose-xs", 2)
    assert accuracy.device is not None
    assert all(0 < run.error_mm < 2000 for run in accuracy.runs)


@pytest.mark.parametrize("architecture", ["rootnet-resnet50"])
def test_a_network_without_poses_is_told_so(architecture: str, folder: Path, draw_weights) -> None:  # noqa: ANN001
    rootnet = next(a for a in ARCHITECTURES if a.id == architecture)
    accuracy = evaluate_accuracy(rootnet, draw_weights(rootnet, 1), folder, (P1,))
    assert (accuracy.status, accuracy.reason) == ("untested", "no-pose-network")


def test_weights_that_do_not_fit_are_told_so(folder: Path) -> None:
    architecture = next(a for a in ARCHITECTURES if a.id == "convnextpose-xs")
    accuracy = evaluate_accuracy(architecture, (), folder, (P1,))
    assert (accuracy.status, accuracy.reason) == ("untested", "load-refused")


def test_too_little_memory_is_told_so(
    folder: Path,
    draw_weights,  # noqa: ANN001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("generators.evaluate.human36m.measuring.heatmap_volume", no_memory)
    architecture = next(a for a in ARCHITECTURES if a.id == "convnextpose-xs")
    accuracy = evaluate_accuracy(architecture, draw_weights(architecture, 1), folder, (P1,))
    assert (accuracy.status, accuracy.reason) == ("untested", "out-of-memory")


@pytest.mark.parametrize(
    "changes",
    [
        {"boxes": "estimated"},
        {"roots": "estimated"},
        {"dataset": "MPI-INF-3DHP"},
        {"joints_evaluated": 14},
        {"average": "actions"},
    ],
)
def test_a_protocol_that_the_annotations_cannot_serve_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(EvaluationError) as caught:
        carried_out(replace(P2, **changes))
    assert caught.value.code == "protocol-impossible"
    assert next(iter(changes)) in caught.value.what


def test_what_a_protocol_leaves_open_is_done_as_the_published_code_does() -> None:
    whole = carried_out(replace(P2, frame_step=None))
    assert (whole.frame_step, whole.root, whole.flip_test) == (64, "Pelvis", True)
    assert (whole.joints_predicted, whole.joints_evaluated) == (18, 17)
    assert (whole.boxes, whole.roots, whole.average) == ("ground-truth", "ground-truth", "frames")


def test_pixels_are_tried_in_both_ranges(data: TestSet, everyone: tuple[Person, ...]) -> None:
    accuracy = measured(data, everyone, lambda pose: pose)
    assert accuracy.pixel_range is not None
    assert accuracy.pixel_range.images == 16
    assert accuracy.pixel_range.published_error_mm == pytest.approx(0, abs=ROUNDING_MM)
    assert accuracy.pixel_range.unit_error_mm > 20
    assert not accuracy.pixel_range.is_doubtful


def test_weights_for_pixels_from_0_to_1_are_found_out(data: TestSet, everyone: tuple[Person, ...]) -> None:
    knows = stand_in(everyone)
    mean, std = np.float32(MEAN).reshape(3, 1, 1), np.float32(STD).reshape(3, 1, 1)

    def trained_on_unit_range(crops: np.ndarray) -> np.ndarray:
        return knows(((crops * std + mean) * 255 - mean) / std)

    found = check_pixel_range(trained_on_unit_range, VOLUME, data)
    assert found.unit_error_mm == pytest.approx(0, abs=ROUNDING_MM)
    assert found.is_doubtful

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evaluate.human36m.stand_in import square
from human36m_layout import STEP, Person, annotated_box, camera_of, camera_pose, name_of
from PIL import Image

from generators.architectures.skeleton import JOINTS, mirrored_order
from generators.errors import EvaluationError
from generators.evaluate.human36m.loading_images import load_batches
from generators.evaluate.human36m.test_set import TestSet, read_test_set

Edit = Callable[[Any], None]


def test_every_64th_frame_is_tested_in_the_order_of_the_recordings(data: TestSet, everyone: tuple[Person, ...]) -> None:
    assert [frame.path for frame in data.frames] == [name_of(p) for p in sorted(everyone) if p.frame % STEP == 0]


def test_poses_and_boxes_are_those_that_were_written(data: TestSet, everyone: tuple[Person, ...]) -> None:
    tested = [p for p in sorted(everyone) if p.frame % STEP == 0]
    for frame, person in zip(data.frames, tested, strict=True):
        assert frame.pose == pytest.approx(camera_pose(person))
        left, top, side = square(annotated_box(person))
        assert frame.box == pytest.approx([left, top, side, side])


def test_only_the_subjects_asked_for_are_read(folder: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(folder, alone)
    for path in (alone / "annotations").glob("*subject9*"):
        path.unlink()
    assert {frame.subject for frame in read_test_set(alone, (11,), STEP).frames} == {11}


def test_left_and_right_change_places_in_a_mirrored_image() -> None:
    pairs = {(JOINTS[a], JOINTS[b]) for a, b in enumerate(mirrored_order()) if a != b}
    # Source: UP data/Human36M/Human36M.py, flip_pairs
    upstream = ((1, 4), (2, 5), (3, 6), (14, 11), (15, 12), (16, 13))
    assert pairs == {(JOINTS[a], JOINTS[b]) for pair in upstream for a, b in (pair, pair[::-1])}


def _edited(folder: Path, tmp_path: Path, name: str, edit: Edit) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    path = copy / "annotations" / f"Human36M_subject9_{name}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return copy


def _use_places_of_cameras(cameras: Any) -> None:
    for number, camera in cameras.items():
        rotation, translation = camera_of(int(number))
        camera["t"] = (-rotation.T @ translation).tolist()


@pytest.mark.parametrize(
    ("name", "edit", "code", "place"),
    [
        ("data", lambda d: d.pop("images"), "annotations-malformed", "subject9_data.json"),
        ("data", lambda d: d["images"][0].update(width="wide"), "annotations-malformed", "subject9_data.json"),
        ("data", lambda d: d["images"][0].update(action_idx=17), "image-malformed", "image 0"),
        ("data", lambda d: d["images"][0].update(file_name="../../secret.jpg"), "image-malformed", "image 0"),
        ("data", lambda d: d["images"].clear(), "nothing-to-test", "subject9_data.json"),
        ("camera", lambda c: c.pop("2"), "camera-missing", "subject9_camera.json"),
        ("camera", _use_places_of_cameras, "annotations-disagree", "subject9_camera.json"),
        ("joint_3d", lambda j: j["3"]["1"].pop("0"), "pose-missing", "subject9_joint_3d.json"),
        ("joint_3d", lambda j: j["3"]["1"].update({"0": [[1, 2, 3]] * 16}), "pose-missing", "subject9_joint_3d.json"),
        ("joint_3d", lambda j: j["3"]["1"].update({"0": "x"}), "pose-missing", "subject9_joint_3d.json"),
    ],
)
def test_wrong_annotations_are_told_with_place_and_remedy(
    folder: Path, tmp_path: Path, name: str, edit: Edit, code: str, place: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        read_test_set(_edited(folder, tmp_path, name, edit), (9,), STEP)
    assert caught.value.code == code
    assert place in caught.value.where
    assert caught.value.remedy


def test_a_cut_file_is_told(folder: Path, tmp_path: Path) -> None:
    copy = _edited(folder, tmp_path, "data", lambda _: None)
    path = copy / "annotations" / "Human36M_subject9_data.json"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EvaluationError) as caught:
        read_test_set(copy, (9,), STEP)
    assert caught.value.code == "annotations-malformed"


@pytest.mark.parametrize(
    ("missing", "code"), [("", "no-data-set"), ("images", "no-data-set"), ("annotations", "no-annotations")]
)
def test_missing_folders_are_told(folder: Path, tmp_path: Path, missing: str, code: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    shutil.rmtree(copy / missing)
    with pytest.raises(EvaluationError) as caught:
        read_test_set(copy, (9,), STEP)
    assert caught.value.code == code
    assert str(copy / missing) in caught.value.where


@pytest.mark.parametrize("harm", ["remove", "cut", "text", "resize"])
def test_missing_and_damaged_images_are_told_with_their_path(
    folder: Path, tmp_path: Path, data: TestSet, harm: str
) -> None:
    copy = tmp_path / "images"
    shutil.copytree(data.images, copy)
    path = copy / data.frames[3].path
    match harm:
        case "remove":
            path.unlink()
        case "cut":
            path.write_bytes(path.read_bytes()[:700])
        case "text":
            path.write_text("no image")
        case "resize":
            Image.new("RGB", (30, 30)).save(path)
    with pytest.raises(EvaluationError) as caught:
        list(load_batches(copy, data.frames[:6], 2))
    assert caught.value.code == {"remove": "image-missing", "resize": "image-size"}.get(harm, "image-damaged")
    assert caught.value.where == str(path)


def test_batches_keep_the_order_of_the_frames(data: TestSet) -> None:
    batches = list(load_batches(data.images, data.frames[:11], 4))
    assert [len(batch) for batch in batches] == [4, 4, 3]
    singles = np.concatenate(list(load_batches(data.images, data.frames[:11], 1)))
    assert np.array_equal(np.concatenate(batches), singles)


@pytest.mark.parametrize(
    ("images", "sizes", "recognised"),
    [
        ({9: 24, 11: 24}, {(200, 160)}, True),
        ({9: 24, 11: 25}, {(200, 160)}, False),
        ({9: 24, 11: 24}, {(1000, 1000)}, False),
    ],
)
def test_a_data_set_is_recognised_by_number_and_size_of_its_images(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    images: dict[int, int],
    sizes: set[tuple[int, int]],
    recognised: bool,
) -> None:
    monkeypatch.setattr("generators.evaluate.human36m.test_set.EXPECTED_IMAGES", images)
    monkeypatch.setattr("generators.evaluate.human36m.test_set.EXPECTED_SIZES", sizes)
    data = read_test_set(folder, (9, 11), STEP)
    assert (data.recognised, data.expected) == (recognised, sum(images.values()))
    assert read_test_set(folder, (9, 11), 1).recognised is False

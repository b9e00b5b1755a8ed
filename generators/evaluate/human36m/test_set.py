"""The images that a protocol tests, with boxes, cameras and true poses."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from generators.errors import EvaluationError
from generators.evaluate.human36m.annotation_files import (
    CameraRecord,
    ImageRecord,
    SubjectFiles,
    annotation_path,
    read_subject,
)
from generators.evaluate.human36m.cameras import Floats, to_camera, to_pixels
from generators.evaluate.human36m.skeleton import ACTIONS, ANNOTATED_JOINTS, SHOULDERS
from generators.evaluate.preprocessing import find_square

_LOG = logging.getLogger(__name__)

EXPECTED_IMAGES = {9: 5012, 11: 3683}
"""Every 64th frame of a test subject. Source: UP ``data/Bounding box + Root joint coordinate...``: the boxes of
subjects 9 and 11 are of 8,695 images, of which 3,683 have ids from 1,877,420 on, as have the boxes of subject 11 alone;
PN issue 34 tells of 272 batches of 32 for both, which is 8,673 to 8,704 images."""
EXPECTED_STEP = 64
"""Source: UP ``data/Human36M/Human36M.py``, ``get_subsampling_ratio``."""
EXPECTED_SIZES = frozenset({(1000, 1000), (1000, 1002)})
"""Width and height. Source: Ionescu et al., "Human3.6M", PAMI 2014: cameras of 1000 by 1000; two of the four write 1002
lines."""
FITTING_SHARE = 0.99
"""Boxes are drawn around the projected joints, so that the joints' middle lies in each; a few may be rounded badly."""


class Frame(Struct, frozen=True, kw_only=True):
    """An image to test.

    Attributes:
        path: Relative to the folder of images.
        size: Width and height in pixels, as annotated.
        subject: Number of the subject.
        action: Number of the action.
        take: Subject, action and repetition: what its cameras see is one performance.
        video: A take seen by one camera.
        box: float64[4], square with margin.
        pose: float64[18, 3] in mm, in camera coordinates.
        focal: float64[2] in pixels.
        centre: float64[2] in pixels.
    """

    path: str
    size: tuple[int, int]
    subject: int
    action: int
    take: int
    video: int
    box: Floats
    pose: Floats
    focal: Floats
    centre: Floats


class TestSet(Struct, frozen=True, kw_only=True):
    """All images of some subjects at a frame step.

    Attributes:
        images: Folder of the images.
        frames: Ordered by subject, action, repetition, camera, frame.
        recognised: Whether number and size of the images are those of Human3.6M.
        expected: How many images Human3.6M has of these subjects at this step; 0 where it isn't known.
        annotations_sha256: Of the digests of the files that were read.
    """

    __test__ = False  # the name is the field's, not pytest's

    images: Path
    frames: tuple[Frame, ...]
    recognised: bool
    expected: int
    annotations_sha256: str


def read_test_set(folder: Path, subjects: Iterable[int], frame_step: int) -> TestSet:
    """Read what is tested of some subjects; no image is opened.

    Args:
        folder: Of the data set: the one above ``annotations`` and ``images``.
        subjects: For example 9 and 11.
        frame_step: Only frames whose number it divides are tested.

    Raises:
        EvaluationError: The folder isn't there or isn't such a data set, a file is damaged, or files contradict each
            other.
    """
    images = folder / "images"
    for place in (folder, images):
        if not place.is_dir():
            raise EvaluationError(
                "no-data-set",
                "the folder isn't there",
                where=str(place),
                remedy="let ASSAY_HUMAN36M (or --data) name the folder that holds `annotations` and `images`",
            )
    frames: list[Frame] = []
    digest = hashlib.sha256()
    wanted = tuple(sorted(subjects))
    for subject in wanted:
        _LOG.info("Human3.6M layout: reading the annotations of subject %d", subject)
        files = read_subject(folder, subject)
        digest.update("".join(files.sha256).encode())
        found = _frames_of(files, subject, frame_step, folder)
        _check_boxes(found, annotation_path(folder, subject, "camera"))
        frames += found
    expected = sum(EXPECTED_IMAGES.get(s, 0) for s in wanted) if frame_step == EXPECTED_STEP else 0
    return TestSet(
        images=images,
        frames=tuple(frames),
        recognised=expected == len(frames) and all(frame.size in EXPECTED_SIZES for frame in frames),
        expected=expected,
        annotations_sha256=digest.hexdigest(),
    )


def _frames_of(files: SubjectFiles, subject: int, frame_step: int, folder: Path) -> list[Frame]:
    boxes = {box.image_id: box.bbox for box in files.boxes}
    tested = [image for image in files.images if image.subject == subject and image.frame_idx % frame_step == 0]
    frames = [frame for image in sorted(tested, key=_order) for frame in _frame(image, boxes, files, folder)]
    if not frames:
        raise EvaluationError(
            "nothing-to-test",
            f"none of the {len(files.images)} images is one of subject {subject} with a box, at a step of {frame_step}",
            where=str(annotation_path(folder, subject, "data")),
            remedy="check that the file is the subject's own",
        )
    return frames


def _order(image: ImageRecord) -> tuple[int, int, int, int]:
    return image.action_idx, image.subaction_idx, image.cam_idx, image.frame_idx


def _frame(
    image: ImageRecord, boxes: dict[int, tuple[float, float, float, float]], files: SubjectFiles, folder: Path
) -> Iterator[Frame]:
    """Yield the frame of an image, or nothing where it has no box: the published code leaves such images out."""
    annotated = boxes.get(image.id)
    square = None if annotated is None else find_square(annotated, image.width, image.height)
    if square is None:
        return
    where = f"{annotation_path(folder, image.subject, 'data')}, image {image.id}"
    if image.action_idx not in ACTIONS or not _is_inside(image.file_name):
        raise EvaluationError(
            "image-malformed",
            f"the image has action {image.action_idx} and the path {image.file_name!r}",
            where=where,
            remedy="actions are 2 to 16, and paths lie in the folder of images; download the annotations anew",
        )
    camera = files.cameras.get(str(image.cam_idx))
    if camera is None:
        raise EvaluationError(
            "camera-missing",
            f"there is no camera {image.cam_idx}",
            where=str(annotation_path(folder, image.subject, "camera")),
            remedy="download the annotations anew: the three files of a subject belong together",
        )
    take = (image.subject * 100 + image.action_idx) * 100 + image.subaction_idx
    yield Frame(
        path=image.file_name,
        size=(image.width, image.height),
        subject=image.subject,
        action=image.action_idx,
        take=take,
        video=take * 100 + image.cam_idx,
        box=np.array(square),
        pose=_pose(image, camera, files, folder),
        focal=np.array(camera.f),
        centre=np.array(camera.c),
    )


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path.replace("\\", "/"))
    return not parts.is_absolute() and ".." not in parts.parts and "\0" not in path and ":" not in path


def _pose(image: ImageRecord, camera: CameraRecord, files: SubjectFiles, folder: Path) -> Floats:
    """Return the true pose in camera coordinates, with the thorax halfway between the shoulders."""
    of_take = files.poses.get(str(image.action_idx), {}).get(str(image.subaction_idx), {})
    try:
        world = np.array(msgspec.json.decode(of_take[str(image.frame_idx)], type=list[tuple[float, float, float]]))
    except (KeyError, msgspec.DecodeError) as problem:
        what = "is missing" if isinstance(problem, KeyError) else f"can't be read: {problem}"
        raise _wrong_pose(image, what, folder) from problem
    if world.shape != (ANNOTATED_JOINTS, 3):
        raise _wrong_pose(image, f"has {len(world)} joints instead of {ANNOTATED_JOINTS}", folder)
    world = np.vstack([world, world[list(SHOULDERS)].mean(axis=0)])
    return to_camera(world, np.array(camera.R), np.array(camera.t))


def _wrong_pose(image: ImageRecord, what: str, folder: Path) -> EvaluationError:
    place = f"action {image.action_idx}, subaction {image.subaction_idx}, frame {image.frame_idx}"
    return EvaluationError(
        "pose-missing",
        f"the pose of {place} {what}",
        where=str(annotation_path(folder, image.subject, "joint_3d")),
        remedy="download the annotations anew: the three files of a subject belong together",
    )


def _check_boxes(frames: list[Frame], where: Path) -> None:
    """Make sure that cameras, poses and boxes are of one kind: the joints must be seen where the boxes are."""
    poses = np.stack([frame.pose for frame in frames])
    focal, centre = (np.stack([getattr(frame, name) for frame in frames])[:, None] for name in ("focal", "centre"))
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = to_pixels(poses, focal, centre).mean(axis=1)
    boxes = np.stack([frame.box for frame in frames])
    inside: NDArray[np.bool_] = np.abs(middle - boxes[:, :2] - boxes[:, 2:] / 2) < boxes[:, 2:] / 2
    fitting = inside.all(axis=1) & (poses[:, :, 2] > 0).all(axis=1)
    if fitting.mean() < FITTING_SHARE:
        outside = len(frames) - int(fitting.sum())
        raise EvaluationError(
            "annotations-disagree",
            f"in {outside} of {len(frames)} images the joints aren't seen inside the person's box",
            where=str(where),
            remedy="a camera's t is added after the rotation, as in the published annotations; "
            "PN's tool/Human36M/h36m2coco.py writes the camera's place instead: store -R t for it",
        )

"""The annotation files of one subject, typed.

Only what is used is decoded, and the poses of frames that aren't tested never are: 236 MB of text, as a subject has,
take 2 seconds and 340 MB of memory, for as long as the frames that are tested are picked out.

Source: UP ``data/Human36M/Human36M.py``, ``load_data``; PN ``tool/Human36M/h36m2coco.py``, which writes them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Struct

from generators.errors import EvaluationError

T = TypeVar("T")
_Pair = tuple[float, float]
_Triple = tuple[float, float, float]
_Pixels = Annotated[int, msgspec.Meta(ge=1, le=100_000)]

Poses = dict[str, dict[str, dict[str, msgspec.Raw]]]
"""By action, subaction and frame: the world coordinates of 17 joints in mm, as JSON."""


class ImageRecord(Struct, frozen=True, gc=False):
    """An image; ``file_name`` is relative to the folder of images."""

    id: int
    file_name: str
    width: _Pixels
    height: _Pixels
    subject: int
    action_idx: int
    subaction_idx: int
    cam_idx: int
    frame_idx: int


class BoxRecord(Struct, frozen=True, gc=False):
    """The box of the person in an image: left, top, width, height in pixels."""

    image_id: int
    bbox: tuple[float, float, float, float]


class _DataFile(Struct, frozen=True):
    images: list[ImageRecord]
    annotations: list[BoxRecord]


class CameraRecord(Struct, frozen=True):
    """A camera: rotation, translation in mm, focal lengths and principal point in pixels."""

    R: tuple[_Triple, _Triple, _Triple]
    t: _Triple
    f: _Pair
    c: _Pair


class SubjectFiles(Struct, frozen=True, kw_only=True):
    """What the three files of a subject hold, and the SHA-256 of each."""

    images: list[ImageRecord]
    boxes: list[BoxRecord]
    cameras: dict[str, CameraRecord]
    poses: Poses
    sha256: tuple[str, ...]


def annotation_path(folder: Path, subject: int, kind: str) -> Path:
    """Return where the published layout has one of a subject's files: ``data``, ``camera`` or ``joint_3d``."""
    return folder / "annotations" / f"Human36M_subject{subject}_{kind}.json"


def read_subject(folder: Path, subject: int) -> SubjectFiles:
    """Read the annotations of one subject.

    Args:
        folder: Of the data set.
        subject: For example 11.

    Raises:
        EvaluationError: A file is missing, can't be read, or isn't what the layout says.
    """
    data, data_sha256 = _read(annotation_path(folder, subject, "data"), _DataFile)
    cameras, cameras_sha256 = _read(annotation_path(folder, subject, "camera"), dict[str, CameraRecord])
    poses, poses_sha256 = _read(annotation_path(folder, subject, "joint_3d"), Poses)
    return SubjectFiles(
        images=data.images,
        boxes=data.annotations,
        cameras=cameras,
        poses=poses,
        sha256=(data_sha256, cameras_sha256, poses_sha256),
    )


def _read(path: Path, kind: type[T]) -> tuple[T, str]:
    try:
        text = path.read_bytes()
    except OSError as problem:
        raise EvaluationError(
            "no-annotations",
            f"the annotations can't be read: {problem.strerror}",
            where=str(path),
            remedy="put the annotations of the 3DMPPE repositories there, under the names that they have; "
            "ASSAY_HUMAN36M names the folder above `annotations` and `images`",
        ) from problem
    try:
        return msgspec.json.decode(text, type=kind), hashlib.sha256(text).hexdigest()
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise EvaluationError(
            "annotations-malformed",
            f"the annotations aren't what the layout says: {problem}",
            where=str(path),
            remedy="copy or download the file anew; a file that was cut off ends in this way too",
        ) from problem

"""A small made-up data set in the layout of Human3.6M: drawn people, known cameras, known joints.

Nothing in it is Human3.6M's. Every image is of one colour that tells its number; its blue differs left and right of the
box's middle, so that a mirrored crop can be told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 200, 160
FOCAL, CENTRE = (250.0, 260.0), (98.0, 83.0)
STEP = 64
BLUE_LEFT, BLUE_RIGHT = 60, 200
SPACING = 8
"""Between two numbers' colours: more than JPEG changes a colour by."""

POSE = np.array(
    [
        [0, 0, 0],
        [-130, 0, 10],
        [-140, 430, 40],
        [-150, 860, 90],
        [130, 0, -10],
        [145, 420, -60],
        [150, 850, -20],
        [0, -230, 5],
        [0, -470, 15],
        [0, -560, -80],
        [5, -660, -20],
        [150, -450, 20],
        [290, -230, 40],
        [330, -10, -60],
        [-150, -455, 25],
        [-310, -330, -120],
        [-300, -500, -260],
    ],
    dtype=float,
)
"""A person in mm around the pelvis; down is positive, as a camera sees it."""


class Person(NamedTuple):
    subject: int
    action: int
    subaction: int
    camera: int
    frame: int


def people(subjects: tuple[int, ...] = (9, 11), actions: tuple[int, ...] = (2, 3, 16)) -> tuple[Person, ...]:
    """Return who is in which image: two repetitions, two cameras, three frames of which two are tested."""
    return tuple(
        Person(subject, action, subaction, camera, frame)
        for subject in subjects
        for action in actions
        for subaction in (1, 2)
        for camera in (1, 2)
        for frame in (0, 1, STEP)
    )


def world_pose(person: Person) -> np.ndarray:
    """Return 17 joints in world coordinates, different in each frame of a take, the same for its cameras."""
    seed = [person.subject, person.action, person.subaction, person.frame]
    generator = np.random.default_rng(seed)
    return POSE + generator.normal(0, 25, POSE.shape) + generator.normal(0, 150, 3)


def camera_of(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rotation and translation: the camera stands some 5 m away and looks at the origin."""
    angle = 0.7 * number
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]), np.array([40.0 * number, -90.0, 5200.0])


def camera_pose(person: Person) -> np.ndarray:
    """Return 18 joints in camera coordinates."""
    rotation, translation = camera_of(person.camera)
    world = world_pose(person)
    world = np.vstack([world, (world[11] + world[14]) / 2])
    return np.stack([rotation @ joint + translation for joint in world])


def pixels_of(person: Person) -> np.ndarray:
    pose = camera_pose(person)
    return pose[:, :2] / pose[:, 2:] * FOCAL + CENTRE


def annotated_box(person: Person) -> list[float]:
    """Return the box as PN's ``h36m2coco.py`` makes it: the joints' own, 1.2 times as large."""
    pixels = pixels_of(person)[:17]
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    size = high - low - 1
    corner = (low + high) / 2 - size / 2 * 1.2
    return [*corner.tolist(), *(size * 1.2).tolist()]


def name_of(person: Person) -> str:
    subject, action, subaction, camera, frame = person
    folder = f"s_{subject:02d}_act_{action:02d}_subact_{subaction:02d}_ca_{camera:02d}"
    return f"{folder}/{folder}_{frame + 1:06d}.jpg"


def write_data_set(folder: Path, everyone: tuple[Person, ...] | None = None, *, discs: bool = False) -> Path:
    """Write a data set and return its folder.

    Args:
        folder: Is made.
        everyone: Who is in it.
        discs: Draw a disc of a colour of its own at each joint, instead of a colour that tells the image's number.
    """
    everyone = everyone or people()
    (folder / "annotations").mkdir(parents=True)
    for subject in sorted({person.subject for person in everyone}):
        mine = [(number, person) for number, person in enumerate(everyone) if person.subject == subject]
        for kind, content in _annotations(mine).items():
            path = folder / "annotations" / f"Human36M_subject{subject}_{kind}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
    for number, person in enumerate(everyone):
        if person.frame % STEP:
            continue  # the published data set has these images, but no test opens them
        path = folder / "images" / name_of(person)
        path.parent.mkdir(parents=True, exist_ok=True)
        image = draw_discs(person) if discs else draw_number(number, person)
        image.save(path, format="PNG" if discs else "JPEG", quality=95, subsampling=0)
    return folder


def _annotations(mine: list[tuple[int, Person]]) -> dict[str, Any]:
    joints: dict[str, Any] = {}
    for _, person in mine:
        take = joints.setdefault(str(person.action), {}).setdefault(str(person.subaction), {})
        take[str(person.frame)] = world_pose(person).tolist()
    return {
        "data": {
            "images": [
                {
                    "id": number,
                    "file_name": name_of(person),
                    "width": WIDTH,
                    "height": HEIGHT,
                    "subject": person.subject,
                    "action_name": "of no account",
                    "action_idx": person.action,
                    "subaction_idx": person.subaction,
                    "cam_idx": person.camera,
                    "frame_idx": person.frame,
                }
                for number, person in mine
            ],
            "annotations": [
                {"id": number, "image_id": number, "keypoints_vis": [True] * 17, "bbox": annotated_box(person)}
                for number, person in mine
            ],
        },
        "camera": dict(_cameras({person.camera for _, person in mine})),
        "joint_3d": joints,
    }


def _cameras(numbers: set[int]) -> Iterator[tuple[str, Any]]:
    for number in sorted(numbers):
        rotation, translation = camera_of(number)
        yield str(number), {"R": rotation.tolist(), "t": translation.tolist(), "f": FOCAL, "c": CENTRE}


def draw_number(number: int, person: Person) -> Image.Image:
    left, _, width, _ = annotated_box(person)
    code = (number % 32 * SPACING, number // 32 * SPACING)
    image = Image.new("RGB", (WIDTH, HEIGHT), (*code, BLUE_LEFT))
    ImageDraw.Draw(image).rectangle((round(left + width / 2), 0, WIDTH, HEIGHT), fill=(*code, BLUE_RIGHT))
    return image


def disc_colour(joint: int) -> tuple[int, int, int]:
    """Return a colour that no other joint has: full saturation of one of 18 hues."""
    image = Image.new("HSV", (1, 1), (joint * 14, 255, 255)).convert("RGB")
    red, green, blue = image.tobytes()
    return red, green, blue


def draw_discs(person: Person) -> Image.Image:
    """Draw each joint as a disc of 3 pixels, larger and then made smaller, so that its edge is smooth."""
    scale = 8
    image = Image.new("RGB", (WIDTH * scale, HEIGHT * scale), (0, 0, 0))
    draw = ImageDraw.Draw(image)
    for joint, (x, y) in enumerate(pixels_of(person)):
        middle = ((x + 0.5) * scale, (y + 0.5) * scale)
        draw.ellipse(
            [middle[0] - 3 * scale, middle[1] - 3 * scale, middle[0] + 3 * scale, middle[1] + 3 * scale],
            fill=disc_colour(joint),
        )
    return image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)

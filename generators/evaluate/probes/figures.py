"""Drawn figures: people of capsules in front of a plain background, whose joints are known.

Left and right look alike, as people do, and the face shows where the front is:
a figure and its mirror image are both figures that could have been drawn.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from generators.evaluate.probes.poses import Points, draw_pose

Image = NDArray[np.uint8]
Canvas = NDArray[np.float32]

CANVAS_PIXELS = 320
"""Height and width of the drawing: the crop around a person is then about as large as the network's input."""
FOCAL_PIXELS = 366.0
"""Of the camera. Source: Human3.6M's cameras have about 1145 px for 1000 px of image; the same angle for ours."""
DISTANCE_MM = (3000.0, 4200.0)
"""From the camera to the pelvis: as near as the whole figure stays in the picture."""
BOX_MARGIN = 1.2
"""The box is that of the joints, larger by this factor. Source: PN ``common/utils/pose_utils.py``, ``get_bbox``."""
PARTS: tuple[tuple[int, int, float, str], ...] = (
    (1, 2, 70.0, "legs"),
    (4, 5, 70.0, "legs"),
    (2, 3, 50.0, "legs"),
    (5, 6, 50.0, "legs"),
    (1, 4, 80.0, "legs"),
    (0, 8, 120.0, "trunk"),
    (11, 14, 70.0, "trunk"),
    (1, 14, 70.0, "trunk"),
    (4, 11, 70.0, "trunk"),
    (11, 12, 48.0, "arms"),
    (14, 15, 48.0, "arms"),
    (12, 13, 38.0, "skin"),
    (15, 16, 38.0, "skin"),
    (8, 10, 50.0, "skin"),
)
"""Two joints, the radius in mm around the line between them, and the colour's name: our choice of a plain person."""
COLOURS = {
    "legs": (50.0, 70.0, 170.0),
    "trunk": (190.0, 60.0, 60.0),
    "arms": (210.0, 170.0, 50.0),
    "skin": (215.0, 165.0, 135.0),
}
"""Of trousers, jacket, sleeves and skin before chance varies them: alike from figure to figure, so that a small network
learns within seconds what is what."""
HEAD_RADIUS_MM, FACE_RADIUS_MM = 105.0, 38.0
TEXTURE_CELLS = 8
"""The background's patches along each side."""


class Figure(Struct, frozen=True, kw_only=True):
    """A drawn figure and what is known of it.

    Attributes:
        image: uint8[H, W, 3], RGB.
        joints: float64[18, 3]: x and y in pixels of the image, depth in mm from the pelvis.
        box: x, y, width, height of the person, in pixels.
        focal_pixels: Of the camera.
        distance_mm: From the camera to the pelvis, along the axis.
    """

    image: Image
    joints: Points
    box: tuple[float, float, float, float]
    focal_pixels: float
    distance_mm: float


def draw_figure(generator: np.random.Generator) -> Figure:
    """Return a figure; the same state of the generator gives the same one.

    Args:
        generator: It is advanced.
    """
    pose, distance = draw_pose(generator), generator.uniform(*DISTANCE_MM)
    pose += np.array([0.0, 0.0, distance])
    # so that legs and crown both fit, whatever the pose
    pose[:, 1] -= (pose[:, 1].min() + pose[:, 1].max()) / 2
    pose[:, 0] -= (pose[:, 0].min() + pose[:, 0].max()) / 2
    scale = FOCAL_PIXELS / pose[:, 2]
    joints = np.column_stack((pose[:, :2] * scale[:, None] + CANVAS_PIXELS / 2, pose[:, 2] - distance))
    canvas = _background(generator)
    _paint(canvas, joints, scale, generator)
    image = np.clip(canvas + generator.normal(0, 3, canvas.shape), 0, 255).astype(np.uint8)
    return Figure(image=image, joints=joints, box=_box(joints), focal_pixels=FOCAL_PIXELS, distance_mm=distance)


def _background(generator: np.random.Generator) -> Canvas:
    """Return a smooth texture: random colours on a coarse grid, interpolated."""
    grid = generator.uniform(20, 190) + generator.uniform(-30, 30, (TEXTURE_CELLS + 1, TEXTURE_CELLS + 1, 3))
    places = np.linspace(0, TEXTURE_CELLS - 1e-6, CANVAS_PIXELS)
    below = places.astype(int)
    part = (places - below)[:, None, None]
    rows = grid[below] * (1 - part) + grid[below + 1] * part
    part = (places - below)[None, :, None]
    canvas: Canvas = (rows[:, below] * (1 - part) + rows[:, below + 1] * part).astype(np.float32)
    return canvas


def _paint(canvas: Canvas, joints: Points, scale: Points, generator: np.random.Generator) -> None:
    """Paint the parts, the farthest first, the nearer the brighter."""
    colours = {name: np.array(colour) + generator.uniform(-30, 30, 3) for name, colour in COLOURS.items()}
    depths = joints[:, 2]
    parts = [(depths[a] + depths[b], a, b, radius, colours[name]) for a, b, radius, name in PARTS]
    parts.append((2 * depths[10] - 1, 9, 10, HEAD_RADIUS_MM, colours["skin"]))
    parts.append((2 * depths[9] - 2, 9, 9, FACE_RADIUS_MM, colours["skin"] * 0.45))
    for depth, start, end, radius, colour in sorted(parts, key=lambda part: -part[0]):
        shade = float(np.clip(1 - depth / 4000, 0.7, 1.3))
        _capsule(canvas, joints[start, :2], joints[end, :2], radius * float(scale[end]), colour * shade)


def _capsule(canvas: Canvas, start: Points, end: Points, radius: float, colour: Points) -> None:
    """Paint all points within ``radius`` of a line, with a smooth edge and a darker rim."""
    low = np.maximum(np.floor(np.minimum(start, end) - radius - 1), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(start, end) + radius + 2), CANVAS_PIXELS).astype(int)
    if (high <= low).any():
        return
    x, y = np.arange(low[0], high[0])[None, :] - start[0], np.arange(low[1], high[1])[:, None] - start[1]
    along = end - start
    share = np.clip((x * along[0] + y * along[1]) / max(float(along @ along), 1e-9), 0, 1)
    distance = np.hypot(x - share * along[0], y - share * along[1])
    cover = np.clip(radius - distance + 0.5, 0, 1)[..., None]
    light = (1 - 0.35 * np.clip(distance / radius, 0, 1) ** 2)[..., None]
    patch = canvas[low[1] : high[1], low[0] : high[0]]
    patch += cover * (colour * light - patch)


def _box(joints: Points) -> tuple[float, float, float, float]:
    low, high = joints[:, :2].min(axis=0), joints[:, :2].max(axis=0)
    width, height = (high - low - 1) * BOX_MARGIN
    x, y = (low + high) / 2
    return float(x - width / 2), float(y - height / 2), float(width), float(height)

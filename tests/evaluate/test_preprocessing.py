from __future__ import annotations

import numpy as np
import pytest

from generators.errors import EvaluationError
from generators.evaluate.preprocessing import crop_matrix, crop_person, find_square, square_box, to_input, warp


@pytest.mark.parametrize(
    ("box", "square"),
    [
        # inside: the longer side 39, five quarters of it, around the middle
        ((10, 20, 20, 40), (10 + 19 / 2 - 48.75 / 2, 20 + 39 / 2 - 48.75 / 2, 48.75, 48.75)),
        # over the left and upper edge: moved in, as the published code does, before it is cut on the right
        ((-10, -5, 30, 30), (29 / 2 - 36.25 / 2, 29 / 2 - 36.25 / 2, 36.25, 36.25)),
        # over the right edge: cut at the last pixel
        ((90, 10, 40, 10), (90 + 9 / 2 - 11.25 / 2, 10 + 9 / 2 - 11.25 / 2, 11.25, 11.25)),
    ],
)
def test_a_box_becomes_the_square_of_the_published_code(
    box: tuple[float, float, float, float], square: tuple[float, ...]
) -> None:
    assert square_box(box, 100, 100) == pytest.approx(square)


@pytest.mark.parametrize("box", [(5, 5, 0, 10), (200, 5, 10, 10), (5, 5, -3, -3), (5, 5, 1, 1)])
def test_a_box_outside_of_the_image_is_refused_with_a_remedy(box: tuple[float, float, float, float]) -> None:
    assert find_square(box, 100, 100) is None
    with pytest.raises(EvaluationError, match="no part") as caught:
        square_box(box, 100, 100)
    assert caught.value.remedy


def test_the_square_s_corners_and_middle_become_the_crop_s() -> None:
    matrix = crop_matrix((30.0, -20.0, 64.0, 64.0))
    corners = np.array([[30, -20, 1], [94, 44, 1], [62, 12, 1]])
    assert pytest.approx(np.array([[0, 0], [256, 256], [128, 128]])) == (matrix @ corners.T).T


def test_the_warp_is_bilinear_and_black_outside() -> None:
    image = np.random.default_rng(1).integers(0, 256, (50, 40, 3), dtype=np.uint8)
    square = (-7.0, 5.5, 60.0, 60.0)
    crop = warp(image, crop_matrix(square))
    for x, y in ((0, 0), (31, 17), (100, 120), (200, 200), (255, 255), (29, 3), (198, 190)):
        assert crop[y, x] == pytest.approx(
            _bilinear(image, square[0] + x * 60 / 256, square[1] + y * 60 / 256), abs=0.51
        )


def _bilinear(image: np.ndarray, x: float, y: float) -> np.ndarray:
    """Return a colour between pixels, from its definition: each pixel counts by its distance along both axes."""
    total = np.zeros(3)
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            total += max(0, 1 - abs(x - column)) * max(0, 1 - abs(y - row)) * image[row, column]
    return total


def test_a_box_of_the_input_s_size_is_cropped_pixel_by_pixel() -> None:
    image = np.random.default_rng(2).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    side = 256 / 1.25
    crop, square = crop_person(image, (100, 90, side + 1, side + 1))
    assert square[2] == pytest.approx(256)
    assert (crop == warp(image, crop_matrix(square))).all()


def test_networks_get_0_to_255_with_the_mean_of_0_to_1_as_the_published_loader_gives_it() -> None:
    inputs = to_input(np.full((1, 256, 256, 3), 255, dtype=np.uint8))
    assert inputs.shape == (1, 3, 256, 256)
    assert inputs[0, :, 0, 0] == pytest.approx([(255 - 0.485) / 0.229, (255 - 0.456) / 0.224, (255 - 0.406) / 0.225])

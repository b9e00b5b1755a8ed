# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="a heatmap is a torch tensor")

from generators.evaluate.networks.soft_argmax import normalise_heatmap, soft_argmax


def test_a_single_peak_in_a_volume_gives_its_x_y_z() -> None:
    heatmap = torch.zeros((1, 2, 4, 5, 6))
    heatmap[0, 0, 3, 1, 2] = 1000.0
    heatmap[0, 1, 0, 4, 5] = 1000.0
    assert soft_argmax(heatmap).tolist() == [[[2.0, 1.0, 3.0], [5.0, 4.0, 0.0]]]


def test_a_single_peak_in_a_plane_gives_its_x_y() -> None:
    heatmap = torch.zeros((1, 1, 5, 6))
    heatmap[0, 0, 1, 4] = 1000.0
    assert soft_argmax(heatmap).tolist() == [[[4.0, 1.0]]]


def test_two_equal_peaks_give_the_middle() -> None:
    heatmap = torch.full((1, 1, 1, 1, 9), -1000.0)
    heatmap[..., 2] = heatmap[..., 6] = 0.0
    assert soft_argmax(heatmap).tolist() == [[[4.0, 0.0, 0.0]]]


def test_a_flat_heatmap_gives_the_centre() -> None:
    assert torch.allclose(soft_argmax(torch.zeros((2, 3, 4, 5, 6))), torch.tensor([2.5, 2.0, 1.5]).expand(2, 3, 3))


def test_each_joints_probabilities_sum_to_one_over_its_own_volume() -> None:
    heatmap = torch.randn((2, 3, 4, 5, 6), generator=torch.Generator().manual_seed(0))
    probabilities = normalise_heatmap(heatmap)
    assert probabilities.shape == heatmap.shape
    assert torch.allclose(probabilities.sum(dim=(2, 3, 4)), torch.ones(2, 3))

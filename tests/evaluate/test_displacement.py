# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="results are torch's tensors")

from generators.architectures import find_architecture
from generators.evaluate.displacement import Scale, measure_displacement, output_scale
from generators.evaluate.networks import build_network

SCALE = Scale(cell_mm=31.25, bin_mm=62.5)


@pytest.mark.parametrize(
    ("architecture_id", "cell_mm", "bin_mm"),
    [
        ("convnextpose-xs", 2000 / 32, 2000 / 32),
        ("convnextpose-s", 2000 / 32, 2000 / 32),
        ("convnextpose-m", 2000 / 64, 2000 / 64),
        ("convnextpose-l", 2000 / 64, 2000 / 64),
        ("posenet-resnet50", 2000 / 64, 2000 / 64),
    ],
)
def test_cells_and_bins_divide_the_published_box(architecture_id: str, cell_mm: float, bin_mm: float) -> None:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    assert output_scale(architecture) == Scale(cell_mm=cell_mm, bin_mm=bin_mm)


@pytest.mark.parametrize("architecture_id", ["convnextpose-xs", "convnextpose-m", "posenet-resnet50"])
def test_the_scale_has_as_many_cells_as_the_networks_heatmap(architecture_id: str) -> None:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    scale = output_scale(architecture)
    with torch.device("meta"):
        heatmap = build_network(architecture).eval().heatmap(torch.empty(1, 3, 256, 256))
    assert scale is not None
    assert heatmap.shape[2:] == (2000 / scale.bin_mm, 2000 / scale.cell_mm, 2000 / scale.cell_mm)


def test_rootnets_output_has_no_scale() -> None:
    architecture = find_architecture("rootnet-resnet50")
    assert architecture is not None
    assert output_scale(architecture) is None


def test_distances_agree_with_an_independent_computation() -> None:
    generator = np.random.default_rng(5)
    first, second = generator.normal(0, 10, (2, 3, 18, 3))
    moved = (second - first) * np.array([31.25, 31.25, 62.5])
    distances = np.linalg.norm(moved, axis=-1)
    found = measure_displacement(torch.tensor(first), torch.tensor(second), SCALE)
    assert found.maximum == pytest.approx(distances.max())
    assert found.median == pytest.approx(np.median(distances))
    assert not found.identical


def test_one_joint_by_hand() -> None:
    first = torch.zeros(1, 2, 3)
    second = first.clone()
    second[0, 1] = torch.tensor([3.0, 4.0, 0.0])
    found = measure_displacement(first, second, SCALE)
    assert found.maximum == pytest.approx(5 * 31.25)
    assert found.median == pytest.approx(2.5 * 31.25)


def test_without_a_scale_the_largest_difference_counts() -> None:
    found = measure_displacement(torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[1.0, 2.5, 1.0]]), None)
    assert (found.maximum, found.median) == (2.0, 0.5)


def test_the_same_result_is_identical_and_does_not_move() -> None:
    result = torch.rand(2, 18, 3, generator=torch.Generator().manual_seed(1))
    found = measure_displacement(result, result.clone(), SCALE)
    assert (found.identical, found.all_finite, found.maximum, found.median) == (True, True, 0.0, 0.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_result_that_is_not_finite_has_no_displacement(value: float) -> None:
    result = torch.zeros(1, 2, 3)
    broken = result.clone()
    broken[0, 0, 0] = value
    found = measure_displacement(result, broken, SCALE)
    assert (found.all_finite, found.maximum) == (False, None)
    from_broken = measure_displacement(broken, result, SCALE)
    assert (from_broken.all_finite, from_broken.maximum) == (True, None)

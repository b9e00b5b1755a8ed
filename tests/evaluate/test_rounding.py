# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="operators are torch's")

from evaluate.micro_network import micro_network

from generators.evaluate.rounding import RoundedResults, round_network
from generators.evaluate.sanity import seeded_images


def test_each_result_is_rounded_and_stays_in_its_dtype() -> None:
    values = np.array([1 / 3, 1000.3, 1e-9, 70000.0], dtype=np.float32)
    with RoundedResults(torch.float16):
        result = torch.from_numpy(values) * 1.0
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).astype(np.float32)
    assert result.dtype == torch.float32
    assert np.array_equal(result.numpy(), expected)  # what is too large is infinite, as in float16


def test_whole_numbers_and_lists_of_results_are_kept() -> None:
    with RoundedResults(torch.float16):
        whole = torch.arange(4) + 70000
        parts = torch.split(torch.full((4,), 1 / 3), 2)
    assert whole.tolist() == [70000, 70001, 70002, 70003]
    assert {value for part in parts for value in part.tolist()} == {float(np.float32(np.float16(1 / 3)))}


def test_a_rounded_network_leaves_the_original_alone() -> None:
    network = micro_network()
    rounded = round_network(network, torch.float16)
    for name, tensor in network.state_dict().items():
        copied = rounded.state_dict()[name]
        assert copied.dtype == tensor.dtype
        assert torch.equal(copied, tensor.half().to(tensor.dtype) if tensor.is_floating_point() else tensor)
    assert not torch.equal(rounded.head.final_layer.weight, network.head.final_layer.weight)


def test_the_imitation_is_near_real_float16() -> None:
    images = seeded_images(1, 1)
    network = micro_network()
    with torch.inference_mode():
        exact = network.double()(images.double())
        real = micro_network().half()(images.half()).double()
        with RoundedResults(torch.float16):
            imitated = round_network(micro_network(), torch.float16)(images.half().float()).double()
    error = (real - exact).abs().mean()
    assert (imitated - exact).abs().mean() == pytest.approx(error, rel=0.5)

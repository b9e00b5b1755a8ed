# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="a network is run in torch")

from evaluate.micro_network import micro_architecture, micro_network, micro_weights

from generators.evaluate.ceilings import measure_ceilings
from generators.evaluate.device import select_device
from generators.evaluate.numerics import compare_numerics
from generators.evaluate.on_device import measure_on_device
from generators.evaluate.sanity import seeded_images
from generators.evaluate.tensor_float import float32_products, has_tensor_float32
from generators.model.evaluation import Evaluation

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
]


def test_every_comparison_that_a_card_can_make_is_made() -> None:
    cuda = torch.device("cuda")
    numerics = compare_numerics(micro_architecture(), micro_network().to(cuda), seeded_images(1, 2), cuda, seed=1)
    found = {comparison.id: comparison for comparison in numerics.comparisons}
    made = {"repeated", "alone", "channels-last", "cpu-cuda", "bfloat16", "float16", "float16-autocast", "float64"}
    assert {name: found[name].detail for name in made if found[name].reason} == {}
    assert found["repeated"].identical is True
    assert found["float64"].images == 2
    assert found["cpu-cuda"].maximum_displacement == pytest.approx(0, abs=0.1)
    assert (found["tf32"].reason == "") == has_tensor_float32(cuda)


def test_tensor_float_32_moves_joints_and_is_off_afterwards() -> None:
    cuda = torch.device("cuda")
    if not has_tensor_float32(cuda):
        pytest.skip("this card has no TensorFloat-32")
    first, second = (torch.rand((512, 512), device=cuda) for _ in range(2))
    with float32_products("ieee"):
        exact = first @ second
    with float32_products("tf32"):
        coarse = first @ second
    with float32_products("ieee"):
        assert torch.equal(first @ second, exact)
    assert not torch.equal(coarse, exact)


def test_a_card_is_described_and_measured() -> None:
    device = select_device("cuda")
    run = Evaluation(status="run", device=device, seed=1)
    found = measure_on_device(run, micro_architecture(), micro_weights())
    assert device.memory_bytes is not None
    assert "." in device.capability
    assert found.speed is not None
    assert found.speed.stop in {"time", "memory", "largest"}
    ceilings = {ceiling.id: ceiling.median for ceiling in measure_ceilings("cuda")}
    assert ceilings["copy"] is not None
    assert ceilings["product-float32"] is not None

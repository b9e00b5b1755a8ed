# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="weights are drawn by torch")

from generators.architectures import find_architecture
from generators.evaluate.initialisation import draw_network


def drawn(architecture_id: str, seed: int) -> dict[str, torch.Tensor]:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    return dict(draw_network(architecture, torch.Generator().manual_seed(seed)).state_dict())


@pytest.mark.parametrize(("architecture_id", "std"), [("convnextpose-xs", 0.02), ("posenet-resnet50", 0.001)])
def test_convolutions_have_the_published_deviation_and_no_bias(architecture_id: str, std: float) -> None:
    state = drawn(architecture_id, 0)
    kernels = torch.cat([t.flatten() for t in state.values() if t.dim() == 4])
    assert kernels.std().item() == pytest.approx(std, rel=0.01)
    assert abs(kernels.mean().item()) < std / 100
    assert not state["head.final_layer.bias"].any()


def test_normalisation_starts_as_identity_with_no_batch_seen() -> None:
    state = drawn("convnextpose-xs", 0)
    assert state["backbone.norm.weight"].eq(1).all()
    assert state["backbone.norm.running_var"].eq(1).all()
    assert not state["backbone.norm.bias"].any()
    assert not state["backbone.norm.running_mean"].any()
    assert state["backbone.norm.num_batches_tracked"].item() == 0


def test_the_seed_decides_and_the_global_random_state_doesnt() -> None:
    before = torch.get_rng_state()
    first = drawn("convnextpose-xs", 0)["head.final_layer.weight"]
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(1)
    assert torch.equal(first, drawn("convnextpose-xs", 0)["head.final_layer.weight"])
    assert not torch.equal(first, drawn("convnextpose-xs", 1)["head.final_layer.weight"])
    torch.set_rng_state(before)

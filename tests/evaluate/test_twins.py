from __future__ import annotations

import torch

from generators.architectures import STAND_INS
from generators.evaluate.twins import recalibrate, redraw, shuffle

MICRO = STAND_INS[0]
CPU = torch.device("cpu")


def test_a_shuffled_twin_has_the_same_values_of_each_tensor_in_another_order() -> None:
    network = redraw(MICRO, 1, CPU)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name.endswith("running_var"):
                tensor.copy_(torch.rand(tensor.shape) + 0.1)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    after = shuffle(network, 2).state_dict()
    moved = 0
    for name, tensor in before.items():
        assert torch.equal(network.state_dict()[name], tensor)
        assert torch.equal(after[name].flatten().sort().values, tensor.flatten().sort().values), name
        moved += not torch.equal(after[name], tensor)
        assert not name.endswith("running_var") or (after[name] > 0).all()
    assert moved > 30  # biases, scales and shifts are all alike before a training


def test_a_redrawn_twin_depends_on_its_seed_alone() -> None:
    one, same, other = (redraw(MICRO, seed, CPU).state_dict()["head.final_layer.weight"] for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_recalibrated_statistics_are_those_of_the_inputs() -> None:
    network = redraw(MICRO, 3, CPU)
    inputs = torch.randn(2, 3, 256, 256, generator=torch.Generator().manual_seed(1)) * 50 + 7
    twin = recalibrate(network, inputs)
    with torch.no_grad():
        stem = network.backbone.downsample_layers[0][0](inputs)  # type: ignore[union-attr,index,operator]
    layer = twin.backbone.downsample_layers[0][1]  # type: ignore[union-attr,index]
    assert torch.allclose(layer.running_mean, stem.mean(dim=(0, 2, 3)), atol=1e-4)
    assert torch.allclose(layer.running_var, stem.var(dim=(0, 2, 3)), rtol=1e-3)
    assert not twin.training
    assert (network.backbone.downsample_layers[0][1].running_mean == 0).all()  # type: ignore[union-attr,index]

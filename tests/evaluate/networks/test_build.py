# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="building a network needs torch")

from generators.architectures import ARCHITECTURES, find_architecture
from generators.errors import EvaluationError
from generators.evaluate.networks import RootNet, build_network, network_inputs
from generators.model.architecture import Architecture


def architecture_of(architecture_id: str) -> Architecture:
    architecture = find_architecture(architecture_id)
    assert architecture is not None
    return architecture


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.id)
def test_state_dict_is_the_architectures_in_names_shapes_dtypes_and_order(architecture: Architecture) -> None:
    with torch.device("meta"):
        state = build_network(architecture).state_dict()
    built = [(name, tuple(t.shape), str(t.dtype)) for name, t in state.items()]
    assert built == [(t.name, t.shape, f"torch.{t.dtype}") for t in architecture.tensors]


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.id)
def test_trained_tensors_are_the_architectures_parameters(architecture: Architecture) -> None:
    with torch.device("meta"):
        names = [name for name, _ in build_network(architecture).named_parameters()]
    assert names == [t.name for t in architecture.tensors if t.role == "parameter"]


@pytest.mark.parametrize("blocks", [0, 1, 2, 3])
def test_upsampling_leaves_no_trace_in_the_state_dict(blocks: int) -> None:
    with torch.device("meta"):
        state = build_network(architecture_of("convnextpose-m"), blocks).state_dict()
    assert list(state) == [t.name for t in architecture_of("convnextpose-m").tensors]


@pytest.mark.parametrize("blocks", [-1, 4])
def test_refuses_more_upsampling_blocks_than_the_head_has(blocks: int) -> None:
    with pytest.raises(EvaluationError, match=r"evaluation\.upsampling-blocks"):
        build_network(architecture_of("convnextpose-m"), blocks)


def test_refuses_upsampling_blocks_for_a_network_without_that_choice() -> None:
    with pytest.raises(EvaluationError, match=r"evaluation\.no-upsampling-choice"):
        build_network(architecture_of("rootnet-resnet50"), 3)


def test_only_rootnet_takes_a_k_value() -> None:
    images = torch.zeros((4, 3, 8, 8))
    with torch.device("meta"):
        rootnet, posenet = (build_network(architecture_of(f"{head}-resnet50")) for head in ("rootnet", "posenet"))
    assert isinstance(rootnet, RootNet)
    assert [tuple(argument.shape) for argument in network_inputs(rootnet, images)] == [(4, 3, 8, 8), (4,)]
    assert len(network_inputs(posenet, images)) == 1

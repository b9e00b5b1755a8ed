# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

torch = pytest.importorskip("torch", reason="weights are loaded into a torch module")

from generators.architectures import find_architecture
from generators.evaluate.loading import NAMES_SHOWN, LoadRefusal, load_network
from generators.model.architecture import Architecture
from generators.model.tensor import WeightTensor

CPU = torch.device("cpu")
Weights = tuple[WeightTensor, ...]


@pytest.fixture(scope="module")
def architecture() -> Architecture:
    found = find_architecture("convnextpose-xs")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def weights(architecture: Architecture, draw_weights: Any) -> Weights:
    drawn: Weights = draw_weights(architecture, 3)
    return drawn


def refusal_of(architecture: Architecture, weights: Weights) -> LoadRefusal:
    answer = load_network(architecture, weights, CPU)
    assert isinstance(answer, LoadRefusal)
    return answer


def test_every_byte_arrives(architecture: Architecture, weights: Weights) -> None:
    network = load_network(architecture, weights, CPU)
    assert isinstance(network, torch.nn.Module)
    assert not network.training
    state = network.state_dict()
    assert {w.name: state[w.name].numpy().tobytes() for w in weights} == {w.name: w.data for w in weights}


def test_the_order_of_the_weights_doesnt_matter(architecture: Architecture, weights: Weights) -> None:
    assert isinstance(load_network(architecture, reversed(weights), CPU), torch.nn.Module)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_precisions_become_float32(architecture: Architecture, weights: Weights, dtype: str) -> None:
    values = torch.frombuffer(bytearray(weights[0].data), dtype=torch.float32).to(getattr(torch, dtype))
    other = replace(weights[0], dtype=dtype, data=values.view(torch.uint8).numpy().tobytes())
    network = load_network(architecture, (other, *weights[1:]), CPU)
    assert isinstance(network, torch.nn.Module)
    loaded = network.state_dict()[other.name]
    assert loaded.dtype == torch.float32
    assert torch.equal(loaded.flatten(), values.float())


def test_a_missing_tensor_is_refused_by_name(architecture: Architecture, weights: Weights) -> None:
    refusal = refusal_of(architecture, weights[1:])
    assert refusal == LoadRefusal(missing=(weights[0].name,), unexpected=(), unfit=())
    assert refusal.detail == f"-{weights[0].name}"


def test_an_unexpected_tensor_is_refused_by_name(architecture: Architecture, weights: Weights) -> None:
    refusal = refusal_of(architecture, (*weights, replace(weights[0], name="stranger")))
    assert refusal.detail == "+stranger"


def test_a_tensor_that_comes_twice_is_refused(architecture: Architecture, weights: Weights) -> None:
    assert refusal_of(architecture, (*weights, weights[0])).unexpected == (weights[0].name,)


def test_another_shape_is_refused_even_with_as_many_elements(architecture: Architecture, weights: Weights) -> None:
    turned = replace(weights[0], shape=weights[0].shape[::-1])
    refusal = refusal_of(architecture, (turned, *weights[1:]))
    assert refusal.detail == f"{turned.name}: [40, 3, 4, 4] != [4, 4, 3, 40]"


def test_too_few_bytes_are_refused(architecture: Architecture, weights: Weights) -> None:
    short = replace(weights[0], data=weights[0].data[:-1])
    assert refusal_of(architecture, (short, *weights[1:])).detail == f"{short.name}: 7680 B != 7679 B"


@pytest.mark.parametrize("dtype", ["int32", "int8", "complex64", "made-up"])
def test_a_dtype_that_isnt_a_weights_is_refused(architecture: Architecture, weights: Weights, dtype: str) -> None:
    odd = replace(weights[0], dtype=dtype)
    assert refusal_of(architecture, (odd, *weights[1:])).detail == f"{odd.name}: float32 != {dtype}"


def test_a_long_refusal_counts_what_it_doesnt_spell_out(architecture: Architecture) -> None:
    refusal = refusal_of(architecture, ())
    assert len(refusal.missing) == 194
    assert refusal.detail.count("-backbone.") == NAMES_SHOWN
    assert refusal.detail.endswith("-... (194)")


def test_loading_leaves_the_global_random_state_alone(architecture: Architecture, weights: Weights) -> None:
    before = torch.get_rng_state()
    load_network(architecture, weights, CPU)
    assert torch.equal(torch.get_rng_state(), before)

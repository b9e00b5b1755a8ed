# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import sys
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="counting runs a network in torch")
ptflops = pytest.importorskip("ptflops", reason="the counter isn't here")

from evaluate.micro_network import CONFIGURATION, micro_architecture

from generators.architectures import find_architecture
from generators.architectures.macs import count_conv_macs
from generators.evaluate.all_operations import count_all_operations
from generators.model.evaluation import MacCount


def counts_of(architecture: Any, *blocks: int) -> tuple[MacCount, ...]:
    return tuple(MacCount(upsampling_blocks=b, conv_macs=count_conv_macs(architecture, b or None)) for b in blocks)


def by_hand(architecture: Any, blocks: int) -> int:
    """The stated rule, position by position, from the tensors' shapes and the configuration."""
    configuration = architecture.configuration
    dims, depths, width = configuration.dims, configuration.depths, configuration.head_width
    total = count_conv_macs(architecture, blocks)
    sides = [64, 32, 16, 8]
    for stage, (side, dim, depth) in enumerate(zip(sides, dims, depths, strict=True)):
        area = side * side
        total += dim * area  # bias of the stem or the downsampling
        # the normalisation after the stem, or before the downsampling
        total += 2 * (dim * area if stage == 0 else dims[stage - 1] * sides[stage - 1] ** 2)
        # a block: bias of three convolutions, one normalisation, one ReLU
        total += depth * area * (dim + 4 * dim + dim + 2 * dim + 4 * dim)
    total += 2 * dims[3] * 64
    side, channels = 8, dims[3]
    for block in range(3):
        area = side * side
        total += area * (channels + 2 * channels + width + width)
        if block < blocks:
            side *= 2
            total += width * side * side
        channels = width
    return total + configuration.joints * configuration.depth_bins * side * side


@pytest.mark.parametrize("blocks", [2, 3])
def test_the_counters_rule_is_as_stated(blocks: int) -> None:
    architecture = micro_architecture()
    (count,) = count_all_operations(architecture, counts_of(architecture, blocks))
    assert count.all_macs == by_hand(architecture, blocks)
    assert count.counter.startswith("ptflops ")
    assert count.conv_macs == count_conv_macs(architecture, blocks)
    assert CONFIGURATION.joints == 18


@pytest.mark.parametrize(("variant", "published"), [("m", 2.82), ("l", 4.30)])
def test_with_three_upsampling_blocks_the_count_is_the_papers(variant: str, published: float) -> None:
    architecture = find_architecture(f"convnextpose-{variant}")
    assert architecture is not None
    (count,) = count_all_operations(architecture, counts_of(architecture, 3))
    assert count.all_macs is not None
    assert count.all_macs / 1e9 == pytest.approx(published, rel=0.002)


def test_rootnet_is_counted_once() -> None:
    architecture = find_architecture("rootnet-resnet50")
    assert architecture is not None
    (count,) = count_all_operations(architecture, (MacCount(upsampling_blocks=0, conv_macs=1),))
    assert count.all_macs is not None
    assert count.all_macs > count_conv_macs(architecture)


def test_without_the_counter_the_count_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ptflops", None)
    counts = count_all_operations(micro_architecture(), counts_of(micro_architecture(), 2, 3))
    assert [(c.all_macs, c.not_counted) for c in counts] == [(None, "counter-missing")] * 2


def test_a_counter_that_fails_is_a_statement_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any, **__: Any) -> tuple[None, None]:
        print("Flops estimation was not finished successfully")  # noqa: T201 - as the counter does
        return None, None

    monkeypatch.setattr(ptflops, "get_model_complexity_info", fail)
    (count,) = count_all_operations(micro_architecture(), counts_of(micro_architecture(), 2))
    assert (count.all_macs, count.counter, count.not_counted) == (None, "", "counter-failed")
    assert capsys.readouterr() == ("", "")


def test_torchs_functions_are_as_before() -> None:
    before = torch.nn.functional.relu, torch.nn.functional.interpolate, torch.add
    random = torch.get_rng_state()
    count_all_operations(micro_architecture(), counts_of(micro_architecture(), 2))
    assert (torch.nn.functional.relu, torch.nn.functional.interpolate, torch.add) == before
    assert torch.equal(torch.get_rng_state(), random)

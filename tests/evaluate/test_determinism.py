# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the switches are torch's")

from generators.evaluate.determinism import reproducible, single_thread


def switches() -> tuple[object, ...]:
    cudnn = torch.backends.cudnn
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.utils.deterministic.fill_uninitialized_memory,
        cudnn.benchmark,
        cudnn.deterministic,
        cudnn.allow_tf32,
    )


def test_the_block_runs_deterministically_and_without_tf32() -> None:
    with reproducible():
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.backends.cudnn.deterministic
        assert not torch.backends.cudnn.benchmark
        precision = getattr(torch.backends.cudnn, "conv", None)
        assert precision.fp32_precision == "ieee" if precision else not torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize("benchmark", [True, False])
def test_every_switch_is_put_back_even_after_an_error(benchmark: bool) -> None:
    before_test = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = benchmark
    try:
        before = switches()
        with pytest.raises(KeyError), reproducible():
            raise KeyError
        assert switches() == before
    finally:
        torch.backends.cudnn.benchmark = before_test


def test_one_thread_runs_the_block_and_the_number_is_put_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with single_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)

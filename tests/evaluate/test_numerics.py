# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any, get_args

import pytest

torch = pytest.importorskip("torch", reason="a network is run in torch")

from evaluate.micro_network import micro_architecture, micro_network

from generators.architectures import find_architecture
from generators.evaluate import numerics as module
from generators.evaluate.compiling import COMPILE_VARIABLE
from generators.evaluate.determinism import reproducible, single_thread
from generators.evaluate.numerics import compare_numerics
from generators.evaluate.sanity import seeded_images
from generators.model.numerics import Numerics, NumericsComparison, NumericsId

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(COMPILE_VARIABLE, raising=False)


def compare(network: torch.nn.Module | None = None) -> Numerics:
    return compare_numerics(micro_architecture(), network or micro_network(), seeded_images(1, 2), CPU, seed=1)


@pytest.fixture(scope="module")
def compared() -> Numerics:
    return compare()


def of(numerics: Numerics, comparison_id: NumericsId) -> NumericsComparison:
    return next(c for c in numerics.comparisons if c.id == comparison_id)


def test_every_comparison_is_there_once_made_or_not(compared: Numerics) -> None:
    assert sorted(c.id for c in compared.comparisons) == sorted(get_args(NumericsId))
    assert all((c.reason == "") == (c.images > 0) for c in compared.comparisons)


def test_the_same_run_gives_the_same_bits(compared: Numerics) -> None:
    assert of(compared, "repeated").identical is True
    assert of(compared, "repeated").maximum_displacement == 0


def test_a_comparison_agrees_with_the_networks_run_by_hand(compared: Numerics) -> None:
    images = seeded_images(1, 2)
    with reproducible(), single_thread(), torch.inference_mode():
        single, double = micro_network()(images)[:1], micro_network().double()(images[:1].double())
    moved = (double - single.double()).numpy() * [2000 / 32, 2000 / 32, 2000 / 8]
    largest = float((moved**2).sum(axis=-1).max() ** 0.5)
    found = of(compared, "float64")
    assert found.images == 1
    assert found.maximum_displacement is not None
    assert found.maximum_displacement == pytest.approx(largest, rel=0.5, abs=1e-4)
    assert 0 < found.maximum_displacement < 1


def test_less_precise_arithmetic_moves_joints_further(compared: Numerics) -> None:
    coarse, fine = of(compared, "bfloat16"), of(compared, "float64")
    if coarse.reason:
        pytest.skip("this processor has no bfloat16")
    assert coarse.maximum_displacement is not None
    assert fine.maximum_displacement is not None
    assert coarse.maximum_displacement > 10 * fine.maximum_displacement
    assert coarse.identical is False


def test_the_images_move_the_reference_more_than_rounding_does(compared: Numerics) -> None:
    assert compared.between_images is not None
    assert compared.between_images > 10 * (of(compared, "float64").maximum_displacement or 0)


def test_on_a_cpu_what_needs_cuda_says_so(compared: Numerics) -> None:
    assert [of(compared, name).reason for name in ("cpu-cuda", "tf32")] == ["no-cuda", "no-cuda"]


def test_compiling_is_done_only_on_request(compared: Numerics) -> None:
    assert of(compared, "compiled").reason == "not-asked"


def test_without_a_compiler_a_request_is_answered_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPILE_VARIABLE, "1")
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert of(compare(), "compiled").reason == "compiler-missing"


def test_a_compiler_that_fails_is_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> Any:
        raise torch._dynamo.exc.TorchDynamoException("the kernel has no header\nadvice")

    monkeypatch.setenv(COMPILE_VARIABLE, "1")
    monkeypatch.setattr(module, "compiler_is_here", lambda _: True)
    monkeypatch.setattr(module, "compile_network", fail)
    found = of(compare(), "compiled")
    assert (found.reason, found.detail) == ("compile-failed", "the kernel has no header")


def test_a_compiled_network_is_compared_with_its_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPILE_VARIABLE, "1")
    monkeypatch.setattr(module, "compiler_is_here", lambda _: True)
    monkeypatch.setattr(module, "compile_network", lambda network: network)
    found = of(compare(), "compiled")
    assert (found.identical, found.reason) == (True, "")
    assert found.preparation_seconds is not None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("\"conv\" not implemented for 'Half'"), "unsupported-here"),
        (torch.OutOfMemoryError("out of memory"), "out-of-memory"),
        (RuntimeError("CUDA error: an illegal memory access was encountered"), "device-failed"),
    ],
)
def test_what_torch_refuses_is_a_reason(monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str) -> None:
    def refuse(_: Any) -> Any:
        raise error

    monkeypatch.setitem(module._CHANGES, "channels-last", refuse)
    found = of(compare(), "channels-last")
    assert (found.reason, found.detail) == (reason, str(error))
    assert found.maximum_displacement is None


def test_a_defect_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("a defect")

    monkeypatch.setitem(module._CHANGES, "channels-last", fail)
    with pytest.raises(RuntimeError, match="a defect"):
        compare()


def test_when_the_time_is_up_what_was_not_begun_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIME_LIMIT_SECONDS", -1.0)
    reasons = {c.id: c.reason for c in compare().comparisons}
    assert reasons["repeated"] == "time"
    assert (reasons["tf32"], reasons["compiled"]) == ("no-cuda", "not-asked")


def test_a_dtype_without_instructions_is_not_emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_fast", lambda dtype, _: dtype != torch.float16)
    reasons = {c.id: c.reason for c in compare().comparisons}
    assert (reasons["float16"], reasons["float16-autocast"]) == ("slow-here", "slow-here")
    assert reasons["bfloat16"] == ""


def test_values_that_are_not_finite_are_shown_as_such() -> None:
    network = micro_network()
    with torch.no_grad():
        network.head.final_layer.bias[0] = float("nan")
    found = of(compare(network), "repeated")
    assert (found.all_finite, found.identical, found.maximum_displacement) == (False, True, None)


def test_network_switches_and_threads_are_as_before() -> None:
    network = micro_network()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    threads = torch.get_num_threads()
    compare(network)
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert next(network.parameters()).is_contiguous()
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()


def test_rootnet_is_compared_in_its_own_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    architecture = find_architecture("rootnet-resnet50")
    assert architecture is not None
    monkeypatch.setattr(module, "_CHANGES", {"repeated": module._CHANGES["repeated"]})
    found = compare_numerics(architecture, micro_network(), seeded_images(1, 2), CPU, seed=1)
    assert (found.unit, found.cell_mm, found.bin_mm) == ("network", None, None)

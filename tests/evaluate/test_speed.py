# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="a network is run in torch")

from evaluate.micro_network import micro_architecture, micro_network

from generators.architectures.macs import count_conv_macs
from generators.evaluate import speed as module
from generators.evaluate.sanity import seeded_images
from generators.evaluate.speed import measure_speed
from generators.model.speed import Ceiling, Speed

CPU = torch.device("cpu")
CEILINGS = (
    Ceiling(id="copy", unit="B/s", size=1, median=2e9, slowest=1e9, fastest=3e9, runs=3),
    Ceiling(id="product-float32", unit="FLOP/s", size=1, median=5e9, slowest=4e9, fastest=6e9, runs=3),
)


@pytest.fixture(autouse=True)
def known_ceilings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "measure_ceilings", lambda _: CEILINGS)


def measure(limit_seconds: float = 60.0) -> Speed:
    return measure_speed(micro_architecture(), micro_network(), seeded_images(1, 1), CPU, limit_seconds=limit_seconds)


def pretend(monkeypatch: pytest.MonkeyPatch, seconds_an_image: float) -> None:
    """Let a pass take a known time that isn't spent."""

    def time_passes(run: Any, *_: Any, **__: Any) -> list[float]:
        batch = seconds_an_image * run().shape[0]
        return [1.5 * batch, batch, 0.5 * batch]

    monkeypatch.setattr(module, "time_passes", time_passes)


def test_the_batch_doubles_up_to_the_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_SIZES", (1, 2, 4))
    pretend(monkeypatch, 0.001)
    speed = measure()
    assert [batch.batch_size for batch in speed.batches] == [1, 2, 4]
    assert speed.stop == "largest"
    assert speed.ceilings == CEILINGS


def test_figures_follow_from_the_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_SIZES", (2,))
    pretend(monkeypatch, 0.25)
    (batch,) = measure().batches
    macs = count_conv_macs(micro_architecture())
    assert (batch.latency_seconds, batch.latency_minimum_seconds, batch.latency_maximum_seconds) == (0.5, 0.25, 0.75)
    assert batch.images_per_second == 4
    assert batch.flops_per_second == pytest.approx(2 * macs * 4)
    assert batch.product_share == pytest.approx(2 * macs * 4 / 5e9)
    assert batch.copy_share == pytest.approx(batch.traffic_bytes_per_second / 2e9)
    assert batch.peak_memory_bytes is not None


def test_a_size_that_would_take_too_long_is_not_begun_but_the_first_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, 10.0)
    speed = measure(limit_seconds=1.0)
    assert ([batch.batch_size for batch in speed.batches], speed.stop) == ([1], "time")


def test_a_size_that_would_not_fit_the_memory_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, 0.001)
    monkeypatch.setattr(module, "available_memory_bytes", lambda _: 2**20)
    speed = measure()
    assert speed.stop == "memory"
    assert len(speed.batches) < len(module.BATCH_SIZES)


@pytest.mark.parametrize(
    ("error", "stop"),
    [
        (torch.OutOfMemoryError("out of memory"), "memory"),
        (RuntimeError("CUDA error: unspecified launch failure"), "device-failed"),
    ],
)
def test_a_device_that_refuses_ends_the_series(monkeypatch: pytest.MonkeyPatch, error: Exception, stop: str) -> None:
    sizes: list[int] = []

    def time_passes(run: Any, *_: Any, **__: Any) -> list[float]:
        sizes.append(run().shape[0])
        if sizes[-1] == 4:
            raise error
        return [0.001]

    monkeypatch.setattr(module, "time_passes", time_passes)
    speed = measure()
    assert ([batch.batch_size for batch in speed.batches], speed.stop) == ([1, 2], stop)


def test_a_defect_is_no_end_of_a_series(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a defect")

    monkeypatch.setattr(module, "time_passes", fail)
    with pytest.raises(RuntimeError, match="a defect"):
        measure()


def test_without_ceilings_there_are_no_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_SIZES", (1,))
    monkeypatch.setattr(module, "measure_ceilings", lambda _: ())
    (batch,) = measure().batches
    assert (batch.product_share, batch.copy_share) == (None, None)
    assert batch.passes == module.PASSES
    assert batch.latency_minimum_seconds <= batch.latency_seconds <= batch.latency_maximum_seconds

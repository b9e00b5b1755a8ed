# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

torch = pytest.importorskip("torch", reason="a network is run in torch")

from evaluate.micro_network import micro_architecture, micro_weights

from generators.evaluate import on_device as module
from generators.evaluate import speed as speed_module
from generators.evaluate.device import select_device
from generators.evaluate.on_device import measure_on_device
from generators.model.evaluation import Evaluation, MacCount
from generators.store import decode, encode

RUN = Evaluation(
    status="run",
    architecture="convnextpose-xs",
    device=select_device("cpu"),
    seed=1,
    macs=(MacCount(upsampling_blocks=2, conv_macs=1),),
)


@pytest.fixture(autouse=True)
def short_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_module, "measure_ceilings", lambda _: ())
    monkeypatch.setattr(speed_module, "BATCH_SIZES", (1, 2))
    # however slow the machine is at the moment
    monkeypatch.setattr(speed_module, "LIMIT_SECONDS", dict.fromkeys(("cpu", "cuda"), 3600.0))


def test_an_evaluation_gets_numerics_speed_and_operations_and_can_be_kept() -> None:
    found = measure_on_device(RUN, micro_architecture(), micro_weights())
    assert found.numerics is not None
    assert found.speed is not None
    assert (found.numerics.seed, found.numerics.unit) == (1, "mm")
    assert [batch.batch_size for batch in found.speed.batches] == [1, 2]
    assert found.macs[0].all_macs or found.macs[0].not_counted
    assert decode(encode(found), Evaluation) == found


def test_what_was_not_run_stays_as_it_is() -> None:
    not_run = Evaluation(status="not-run", reason="out-of-memory")
    assert measure_on_device(not_run, micro_architecture(), ()) is not_run


def test_weights_that_no_longer_fit_leave_only_the_counts() -> None:
    found = measure_on_device(RUN, micro_architecture(), micro_weights()[:-1])
    assert (found.numerics, found.speed) == (None, None)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("out of memory"), RuntimeError("CUDA error: device-side assert triggered")]
)
def test_a_machine_that_fails_at_one_thing_leaves_the_others(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(module, "compare_numerics", fail)
    found = measure_on_device(RUN, micro_architecture(), micro_weights())
    assert (found.status, found.numerics) == ("run", None)
    assert found.speed is not None


def test_evidence_from_before_these_measurements_still_reads() -> None:
    older = encode(replace(RUN, macs=()))
    assert decode(older, Evaluation) == replace(RUN, macs=())
    assert decode(b'{"status": "run", "macs": [{"upsampling_blocks": 2, "conv_macs": 1}]}', Evaluation) == Evaluation(
        status="run", macs=(MacCount(upsampling_blocks=2, conv_macs=1),)
    )

# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

from typing import Any, get_args

import pytest

torch = pytest.importorskip("torch", reason="devices are torch's")

from generators.evaluate import ceilings as module
from generators.model.speed import Ceiling, CeilingId

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COPY_BYTES", {"cpu": 2**20})
    monkeypatch.setattr(module, "PRODUCT_ROWS", {"cpu": 64})


def measured() -> dict[str, Ceiling]:
    return {ceiling.id: ceiling for ceiling in module._measure(CPU)}


def test_every_ceiling_is_there_measured_or_not() -> None:
    found = measured()
    assert sorted(found) == sorted(get_args(CeilingId))
    assert found["product-tf32"].median is None
    for ceiling_id in ("copy", "product-float32"):
        ceiling = found[ceiling_id]
        assert ceiling.median is not None
        assert ceiling.slowest is not None
        assert ceiling.fastest is not None
        assert 0 < ceiling.slowest <= ceiling.median <= ceiling.fastest
        assert ceiling.runs == 5


def test_rates_count_what_is_moved_and_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "time_passes", lambda *_, **__: [0.5, 1.0, 2.0])
    found = measured()
    assert found["copy"].median == 2 * 2**20
    assert (found["copy"].slowest, found["copy"].fastest) == (2**20, 4 * 2**20)
    assert found["product-float32"].median == 2 * 64**3


def test_the_product_and_the_copy_really_happen() -> None:
    copied, product = module._copy(CPU, 4096)(), module._product(CPU, 64, torch.float32)()
    assert torch.equal(copied, torch.ones(1024))
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.rand((64, 64), generator=generator) for _ in range(2))
    assert torch.allclose(product, first @ second)


def test_a_device_without_room_leaves_a_ceiling_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(module, "time_passes", refuse)
    assert all(ceiling.median is None for ceiling in measured().values())

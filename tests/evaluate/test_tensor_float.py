# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the switches are torch's")

from generators.evaluate.tensor_float import _switches, float32_products, has_tensor_float32


def settings() -> list[object]:
    return [getattr(owner, name) for owner, name in _switches()]


@pytest.mark.parametrize("setting", ["ieee", "tf32"])
def test_both_switches_are_set_and_put_back_even_after_an_error(setting: str) -> None:
    before = settings()
    with float32_products(setting):
        assert {str(value) for value in settings()} <= {setting, str(setting == "tf32")}
    with pytest.raises(KeyError), float32_products(setting):
        raise KeyError
    assert settings() == before


def test_no_cpu_has_it() -> None:
    assert not has_tensor_float32(torch.device("cpu"))

from __future__ import annotations

import builtins
from typing import Any

import pytest

from generators.evaluate.availability import torch_problem


@pytest.mark.parametrize(
    "problem",
    [ImportError("DLL load failed"), OSError("libcudart.so.13: cannot open shared object file\nmore")],
)
def test_a_torch_that_cannot_be_imported_says_why(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **named: Any) -> Any:
        if name == "torch":
            raise problem
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert torch_problem() == str(problem).splitlines()[0]


def test_a_torch_that_can_be_imported_has_no_problem() -> None:
    pytest.importorskip("torch", reason="torch isn't here")
    assert torch_problem() == ""

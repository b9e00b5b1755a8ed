# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="devices are torch's")

from generators.errors import EvaluationError
from generators.evaluate import cuda_presence
from generators.evaluate.cuda_presence import find_cuda
from generators.evaluate.device import DEVICE_VARIABLE, select_device

OLD_DRIVER = (
    "CUDA initialization: The NVIDIA driver on your system is too old (found version 11040). Please update.\n"
    "Alternatively, go to: https://pytorch.org"
)


@pytest.fixture
def cuda_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A CUDA build of torch that finds nothing."""
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(cuda_presence, "DRIVER_FACTS", tmp_path / "absent")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)


def warn_and_refuse(text: str) -> Any:
    def is_available() -> bool:
        warnings.warn(text, UserWarning, stacklevel=2)
        return False

    return is_available


def test_a_cpu_build_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_cuda().missing == "cpu-build"


@pytest.mark.usefixtures("cuda_build")
def test_an_old_driver_is_a_statement_with_torchs_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", warn_and_refuse(OLD_DRIVER))
    device = select_device()
    assert (device.kind, device.without_cuda) == ("cpu", "driver-too-old")
    assert "found version 11040" in device.without_cuda_detail
    assert "pytorch.org" not in device.without_cuda_detail


@pytest.mark.usefixtures("cuda_build")
def test_asking_for_cuda_with_an_old_driver_is_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", warn_and_refuse(OLD_DRIVER))
    monkeypatch.setenv(DEVICE_VARIABLE, "cuda")
    with pytest.raises(EvaluationError) as caught:
        select_device()
    assert caught.value.code == "cuda-missing"
    assert "driver-too-old" in caught.value.what
    assert "found version 11040" in caught.value.what


@pytest.mark.usefixtures("cuda_build")
def test_no_driver_no_card_and_hidden_cards_are_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert find_cuda().missing == "driver-missing"
    driver = tmp_path / "version"
    driver.touch()
    monkeypatch.setattr(cuda_presence, "DRIVER_FACTS", driver)
    assert find_cuda().missing == "no-device"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert find_cuda().missing == "none-visible"


@pytest.mark.usefixtures("cuda_build")
def test_a_warning_that_is_none_of_these_is_a_failure_of_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", warn_and_refuse("CUDA initialization: unknown error"))
    assert find_cuda().missing == "cuda-failed"


@pytest.mark.usefixtures("cuda_build")
def test_a_card_that_cannot_add_two_numbers_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nadvice")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", refuse)
    device = select_device()
    assert (device.kind, device.without_cuda) == ("cpu", "cuda-failed")
    assert device.without_cuda_detail == "CUDA error: no kernel image is available for execution on the device"


def test_asking_for_the_cpu_needs_no_reason() -> None:
    assert select_device("cpu").without_cuda == ""


@pytest.mark.parametrize("name", ["gpu", "CPU", "cuda:1", "mps", " cpu"])
def test_every_other_wish_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, name)
    with pytest.raises(EvaluationError) as caught:
        select_device()
    assert caught.value.code == "unknown-device"
    assert repr(name) in caught.value.what

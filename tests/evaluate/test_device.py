# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="devices are torch's")

from generators.errors import EvaluationError
from generators.evaluate import device as module
from generators.evaluate.device import DEVICE_VARIABLE, select_device


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEVICE_VARIABLE, raising=False)


def test_without_a_wish_cuda_wins_where_it_is() -> None:
    assert select_device().kind == ("cuda" if torch.cuda.is_available() else "cpu")


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "cpu")
    assert select_device().kind == "cpu"


def test_an_argument_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "abacus")
    assert select_device("cpu").kind == "cpu"


def test_the_cpu_is_described() -> None:
    device = select_device("cpu")
    assert device.name
    assert device.threads == torch.get_num_threads()
    assert device.torch == torch.__version__
    assert device.platform
    assert device.python.startswith("3.")


def test_an_unknown_device_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "tpu")
    with pytest.raises(EvaluationError) as caught:
        select_device()
    assert caught.value.code == "unknown-device"
    assert caught.value.where == DEVICE_VARIABLE
    assert "cpu or cuda" in caught.value.remedy


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DEVICE_VARIABLE, "cuda")
    with pytest.raises(EvaluationError) as caught:
        select_device()
    assert caught.value.code == "cuda-missing"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        ("processor\t: 0\nmodel name\t: Some CPU @ 2.0GHz\n", "Some CPU @ 2.0GHz"),
        ("processor\t: 0\nBogoMIPS\t: 108.00\n\nModel\t\t: Some Board: Rev 1\n", "Some Board: Rev 1"),
        ("processor\t: 0\nmodel name\t:\n", ""),
        ("", ""),
    ],
)
def test_the_processors_name_is_read_from_proc(cpuinfo: str, name: str) -> None:
    assert module._cpu_name_in(cpuinfo) == name


def test_a_system_without_proc_still_names_its_processor(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(module, "CPU_FACTS", tmp_path_factory.mktemp("proc") / "absent")
    assert module.cpu_name()

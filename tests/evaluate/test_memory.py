# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="devices are torch's")

from generators.evaluate import memory as module
from generators.evaluate.memory import PEAK_RESET, peak_memory_bytes, restart_peak

CPU = torch.device("cpu")
BLOCK_BYTES = 96 * 2**20
SLACK_BYTES = 16 * 2**20


def peak() -> int:
    measured = peak_memory_bytes(CPU)
    assert measured is not None
    return measured


def test_the_peak_keeps_what_was_used_and_freed() -> None:
    restart_peak(CPU)
    before = peak()
    block = bytearray(b"x") * BLOCK_BYTES
    del block
    assert peak() >= before + BLOCK_BYTES - SLACK_BYTES


@pytest.mark.skipif(not PEAK_RESET[0].exists(), reason="this system can't restart the peak")
def test_restarting_forgets_the_earlier_peak() -> None:
    block = bytearray(b"x") * BLOCK_BYTES
    high = peak()
    del block
    restart_peak(CPU)
    assert peak() <= high - BLOCK_BYTES + SLACK_BYTES


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such measure")
def test_without_proc_the_peak_since_the_start_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "PROCESS_STATUS", tmp_path / "absent")
    monkeypatch.setattr(module, "PEAK_RESET", (tmp_path / "absent" / "clear_refs", "5"))
    restart_peak(CPU)
    assert peak() > SLACK_BYTES

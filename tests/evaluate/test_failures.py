# ruff: noqa: E402 - what needs torch is imported once torch is known to be here
from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the errors are torch's")

from generators.evaluate.failures import first_line, machine_failure


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "out-of-memory"),
        (MemoryError(), "out-of-memory"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), "out-of-memory"),
        (RuntimeError("CUDA error: no kernel image is available for execution on the device"), "device-failed"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED"), "device-failed"),
        (RuntimeError("CUDA driver initialization failed, you might not have a CUDA gpu."), "device-failed"),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), None),
        (ValueError("CUDA error"), None),
    ],
)
def test_an_error_of_the_machine_is_told_from_a_defect(error: Exception, failure: str | None) -> None:
    assert machine_failure(error) == failure


@pytest.mark.skipif(not hasattr(torch, "AcceleratorError"), reason="this torch has no such class")
def test_an_error_of_the_accelerator_is_the_devices() -> None:
    assert machine_failure(torch.AcceleratorError("unspecified launch failure")) == "device-failed"


def test_the_first_line_with_words_is_what_an_error_says() -> None:
    assert first_line(RuntimeError("\n  too old  \nSee https://example.org")) == "too old"
    assert first_line(RuntimeError()) == ""

"""What the index alone tells of a file is what reading all of it tells, as far as it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import pickle_bytes, tensor_call, write_torch_zip

from generators.pipeline.files.heading import inspect_heading
from generators.pipeline.files.reading import inspect_file

TIED = tensor_call("0", (1 << 24,), count=1, strides=(0,))


@pytest.mark.parametrize(
    "tensors",
    [
        {"w": tensor_call("0", (1 << 40,), count=1, strides=(0,))},
        {f"w{n}": tensor_call("0", ((1 << 24) - n,), count=1, strides=(0,)) for n in range(4)},
        {"a": TIED, "b": TIED},
        {"short": tensor_call("0", (2,)), "w": tensor_call("0", (1,))},
    ],
    ids=["amplified", "amplified together", "tied", "missing"],
)
def test_both_ways_of_reading_find_the_same(tmp_path: Path, tensors: dict[str, object]) -> None:
    path = write_torch_zip(tmp_path / "x", pickle_bytes(tensors), {"0": bytes(4)})
    whole, heading = inspect_file(path, "digests"), inspect_heading(path)
    assert heading.findings == whole.findings
    assert heading.identification == whole.identification
    assert [t.missing for t in heading.tensors] == [t.missing for t in whole.tensors]

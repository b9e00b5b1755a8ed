from __future__ import annotations

from pathlib import Path

import pytest
from lock_projects import tiny
from msgspec.structs import replace

from generators.errors import ContainerError
from generators.pipeline.differences.comparing import compare_checkpoints
from generators.pipeline.differences.pair_readers import Compared
from generators.pipeline.files.reading import inspect_file


def read(path: Path, data: bytes) -> Compared:
    path.write_bytes(data)
    found = inspect_file(path)
    return Compared(label=path.name, fingerprint=found, identification=found.identification, path=path)


def test_a_file_that_changes_between_its_fingerprint_and_the_comparison_is_refused(tmp_path: Path) -> None:
    first, second = read(tmp_path / "one.safetensors", tiny(1)), read(tmp_path / "two.safetensors", tiny(2))
    assert len(compare_checkpoints("", first, second).changed) == 3
    (tmp_path / "two.safetensors").write_bytes(tiny(3))
    with pytest.raises(ContainerError) as caught:
        compare_checkpoints("", first, second)
    assert caught.value.code == "changing"
    assert caught.value.remedy


def test_what_was_recorded_before_layouts_were_is_no_change_of_the_layout(tmp_path: Path) -> None:
    first = read(tmp_path / "one.safetensors", tiny(1))
    older = replace(first, fingerprint=replace(first.fingerprint, layout=None), path=None)
    assert compare_checkpoints("", older, first).same


def test_a_tensor_whose_bytes_are_missing_is_neither_the_same_nor_changed(tmp_path: Path) -> None:
    first, cut = read(tmp_path / "one.safetensors", tiny(1)), read(tmp_path / "cut.safetensors", tiny(1)[:-40])
    found = compare_checkpoints("", first, cut)
    assert (found.identical, found.unread, found.changed) == (2, 1, ())
    assert not found.same

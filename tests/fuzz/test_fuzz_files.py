"""Files built to be almost right: reading each ends soon, in findings, the same way twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import pickle_bytes, tensor_call
from containers.torch_oracle import contiguous_bytes, torch_tensors
from fuzz.choices import Choices, Drawn
from fuzz.oracles import REFUSED, load_data, load_weights, same, tensors_of
from fuzz.other_layouts import other_file
from fuzz.pickle_programs import OPCODES, carried, pickle_program
from fuzz.profiles import FUZZING
from fuzz.properties import check_file, warm_up
from fuzz.safetensors_headers import safetensors_file
from fuzz.zip_layouts import zip_archive
from hostile.zip_forge import torch_zip
from hypothesis import given
from hypothesis import strategies as st
from safetensors import SafetensorError, deserialize

from generators.containers import open_checkpoint
from generators.containers.budget import Budget
from generators.containers.pickle_machine import run_pickle
from generators.containers.pickle_opcodes import HANDLERS, STOP
from generators.containers.segments import MemorySegment
from generators.containers.storages import StorageTable
from generators.fingerprint.blocks import read_tensor_blocks


def built(make: Callable[[Choices], bytes]) -> st.SearchStrategy[bytes]:
    """Return the strategy of the files that a generator builds."""

    @st.composite
    def files(draw: Any) -> bytes:
        return make(Drawn(draw))

    return files()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fuzz") / "file"
    warm_up(torch_zip(pickle_bytes({"w": tensor_call("0", (2,))}), {"0": bytes(8)}), path)
    return path


def errors(reader: Any) -> list[str]:
    return [f.code for f in (*reader.container.findings, *reader.check_records()) if f.severity != "note"]


@FUZZING
@given(built(zip_archive))
def test_any_zip_is_read_to_an_end(path: Path, data: bytes) -> None:
    check_file(data, path)


@FUZZING
@given(built(carried))
def test_any_pickle_is_read_to_an_end(path: Path, data: bytes) -> None:
    check_file(data, path)


@FUZZING
@given(built(safetensors_file))
def test_any_safetensors_file_is_read_to_an_end(path: Path, data: bytes) -> None:
    check_file(data, path)


@FUZZING
@given(built(other_file))
def test_any_file_of_another_format_is_read_to_an_end(path: Path, data: bytes) -> None:
    check_file(data, path)


@FUZZING
@given(built(zip_archive))
def test_a_zip_that_torch_loads_is_read_as_torch_reads_it_or_flagged(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    loaded = load_weights(path)
    if loaded is REFUSED:
        return
    found = {name: tensor for name, tensor in torch_tensors(loaded) if not tensor.is_meta}
    theirs = {name: (tuple(t.shape), contiguous_bytes(t)) for name, t in found.items()}
    with open_checkpoint(path) as reader:
        if errors(reader):
            return
        bare = {s.key for s in reader.container.storages if not s.record}
        listed = [tensor for tensor in reader.container.tensors if tensor.storage not in bare]
        order = reader.container.byteorder
        ours = {t.name: (t.shape, b"".join(read_tensor_blocks(t, order, reader))) for t in listed}
    assert ours == theirs


@FUZZING
@given(built(safetensors_file))
def test_a_file_that_safetensors_loads_has_the_same_bytes_and_one_that_it_refuses_is_flagged(
    path: Path, data: bytes
) -> None:
    path.write_bytes(data)
    try:
        theirs = tensors_of(dict(deserialize(data)))
    except SafetensorError:
        theirs = None
    with open_checkpoint(path) as reader:
        if theirs is None:
            assert errors(reader), "the library refuses it"
            return
        if set(errors(reader)) & {"name-repeated", "dtype-unknown"} or b'"F4"' in data:
            return  # said of what torch has no type for, or counts in pairs
        if max((size for shape, _ in theirs.values() for size in shape), default=0) >= 1 << 63:
            return  # beside a size of 0; torch can count no further
        assert errors(reader) == []
        ours = {t.name: (t.shape, reader.read_storage(t.storage, 0, t.size_bytes)) for t in reader.container.tensors}
    assert {name: data for name, (_, data) in ours.items()} == {name: data for name, (_, data) in theirs.items()}


@FUZZING
@given(built(lambda c: pickle_program(c, names=False)))
def test_a_pickle_of_data_means_what_it_means_to_python(data: bytes) -> None:
    theirs = load_data(data)
    table = StorageTable("", "", lambda *_: None, Budget())
    run = run_pickle(MemorySegment(data), 0, table, "x")
    if theirs is not REFUSED:
        assert run.complete, run.findings
        assert same(run.value, theirs), (run.value, theirs)


def test_programs_may_have_every_opcode() -> None:
    assert frozenset(HANDLERS) | {STOP} == OPCODES

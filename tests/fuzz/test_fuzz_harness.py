"""The coverage-guided fuzzer's parts, without the fuzzer: seeds, mutations, what it says when it can't run."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest
from builders import float32_bytes, pickle_bytes, safetensors_bytes, tensor_call
from fuzz.choices import Tape
from fuzz.mutators import mend, splice_pickle
from fuzz.properties import check_reading
from fuzz.seeds import GENERATORS, RAW, file_of, write_seeds
from hostile.zip_forge import torch_zip

from generators.containers import open_checkpoint

SCRIPT = Path(__file__).with_name("fuzz_containers.py")
WHOLE = torch_zip(pickle_bytes({"w": tensor_call("0", (2,))}), {"0": float32_bytes(1, 2)}, deflate=True)


def codes(path: Path, data: bytes) -> set[str]:
    path.write_bytes(data)
    with open_checkpoint(path) as reader:
        return {f.code for f in (*reader.container.findings, *reader.check_records())}


def test_a_changed_archive_is_mended(tmp_path: Path) -> None:
    changed = WHOLE.replace(float32_bytes(1, 2), float32_bytes(1, 3) + b"more")
    assert {"record-crc", "zip-end-disagrees"} & codes(tmp_path / "x", changed)
    assert codes(tmp_path / "x", mend(changed)) == {"storage-long"}
    assert codes(tmp_path / "x", mend(WHOLE)) == codes(tmp_path / "x", WHOLE) == set()


def test_a_changed_header_is_mended(tmp_path: Path) -> None:
    entry = {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}
    whole = safetensors_bytes({"w": entry}, b"x")
    changed = whole.replace(b'"w"', b'"longer"')
    assert codes(tmp_path / "x", changed) == {"safetensors-header-malformed"}
    assert codes(tmp_path / "x", mend(changed)) == set()


def test_opcodes_are_put_into_a_pickle() -> None:
    stream = pickle_bytes({"a": [1, 2]})
    spliced = {splice_pickle(stream, random.Random(n)) for n in range(50)}
    assert len(spliced) > 10
    assert all(len(data) >= len(stream) - 1 and data[:2] == stream[:2] for data in spliced)


def test_every_decision_builds_a_file_that_can_be_read(tmp_path: Path) -> None:
    path, chosen = tmp_path / "x", random.Random(1)
    for number in range(len(GENERATORS)):
        for tape in (b"", b"\xff" * 50, chosen.randbytes(300)):
            path.write_bytes(file_of(bytes([number]) + tape))
            check_reading(path)
    assert file_of(RAW + b"abc") == b"abc"
    assert GENERATORS[1](Tape(b"abcdefgh")) == GENERATORS[1](Tape(b"abcdefgh"))


def test_seeds_are_written_from_our_own_builders(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    assert write_seeds(tmp_path) == len(list(tmp_path.iterdir())) > 300


def test_the_script_says_what_it_needs(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, str(SCRIPT), "--help"], capture_output=True, text=True, check=True)
    assert "--replay" in told.stdout
    if importlib.util.find_spec("atheris") is None:
        told = subprocess.run(
            [sys.executable, str(SCRIPT), "--corpus", str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert told.returncode == 1
        assert "pip install atheris" in told.stderr
        assert "Traceback" not in told.stderr

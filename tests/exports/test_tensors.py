from __future__ import annotations

import csv
import io
from math import prod

import pytest
from exports.sample import REPORT
from msgspec.structs import replace

from generators.exports.tensors import COLUMNS
from generators.model.evidence import SubjectEvidence
from generators.model.fingerprint import TensorFingerprint
from generators.pipeline.exporting import export_tensors

CONTROL = next(s for s in REPORT.subjects if s.id == "control-xs")
assert CONTROL.fingerprint is not None
TENSORS = CONTROL.fingerprint.tensors


def with_tensors(*tensors: TensorFingerprint) -> SubjectEvidence:
    assert CONTROL.fingerprint is not None
    return replace(CONTROL, fingerprint=replace(CONTROL.fingerprint, tensors=tensors))


def named(name: str) -> str:
    """Return the first cell of the row of a tensor with this name, as a spreadsheet reads it."""
    rows = list(csv.reader(io.StringIO(export_tensors(with_tensors(replace(TENSORS[0], name=name))).decode())))
    assert len(rows) == 2
    assert len(rows[1]) == len(COLUMNS)
    return rows[1][0]


def test_each_tensor_has_a_row_with_what_is_known_of_it() -> None:
    rows = list(csv.DictReader(io.StringIO(export_tensors(CONTROL).decode())))
    assert len(rows) == len(TENSORS)
    for row, tensor in zip(rows, TENSORS, strict=True):
        assert (row["name"], row["dtype"], row["role"]) == (tensor.name, tensor.dtype, tensor.role)
        assert row["shape"] == "x".join(map(str, tensor.shape))
        assert int(row["elements"]) == prod(tensor.shape)
        assert row["blake3"] == (tensor.digest or "")
        assert row["mean"] == (repr(tensor.statistics.mean) if tensor.statistics else "")


def test_lines_end_as_the_standard_says() -> None:
    assert export_tensors(CONTROL).count(b"\r\n") == len(TENSORS) + 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_a_name_is_never_a_formula(start: str) -> None:
    assert named(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("separator", [";", ",", "|", '";', "; ", ";'"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_a_name_that_a_spreadsheet_splits_is_no_formula_either(separator: str, start: str) -> None:
    assert named(f"w{separator}{start}HYPERLINK(1)") == f"w{separator}'{start}HYPERLINK(1)"


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\x00", "\u202e"])
def test_what_cannot_be_seen_is_spelled_out(start: str) -> None:
    assert named(f"{start}=1") == f"⟨U+{ord(start):04X}⟩=1"


@pytest.mark.parametrize("name", ['a","b', "a;b", 'say "hi"', "plain.weight"])
def test_separators_and_quotes_stay_in_their_cell(name: str) -> None:
    assert named(name) == name


def test_a_missing_tensor_has_no_figures() -> None:
    lost = replace(TENSORS[0], missing=True, digest=None, statistics=None)
    (row,) = csv.DictReader(io.StringIO(export_tensors(with_tensors(lost)).decode()))
    assert row["missing"] == "yes"
    assert {row[column] for column in COLUMNS[7:]} == {""}


def test_of_a_file_that_was_never_read_there_is_the_head_alone() -> None:
    absent = next(s for s in REPORT.subjects if s.fingerprint is None)
    assert export_tensors(absent).decode() == ",".join(COLUMNS) + "\r\n"

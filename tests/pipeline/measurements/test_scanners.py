from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from render.scanner_record import scanner_record

from generators.errors import StoreError
from generators.pipeline.measurements.scanners import RECORD, count_outcomes, read_scanners

PROJECT = Path(__file__).resolve().parents[3]


def write(root: Path, content: bytes) -> Path:
    path = root / RECORD
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return root


def test_outcomes_are_counted_by_class_and_tool() -> None:
    comparison = count_outcomes(scanner_record())
    assert [group.kind for group in comparison.groups] == ["calls", "zip", "benign"]
    assert comparison.firing == 2
    calls, archives, benign = comparison.groups
    assert [(t.asked, t.flagged, t.passed, t.undecided, t.failed) for t in calls.tallies] == [
        (2, 2, 0, 0, 0),
        (2, 1, 0, 0, 1),
    ]
    assert [(t.asked, t.flagged, t.passed, t.undecided, t.failed) for t in archives.tallies] == [
        (1, 0, 1, 0, 0),
        (1, 0, 0, 1, 0),
    ]
    assert [t.asked for t in benign.tallies] == [1, 0]


def test_a_project_without_a_record_has_no_comparison(tmp_path: Path) -> None:
    assert read_scanners(tmp_path) is None


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = scanner_record()
    comparison = read_scanners(write(tmp_path, msgspec.json.encode(record)))
    assert comparison is not None
    assert comparison.record == record


@pytest.mark.parametrize("content", [b"{", b"{}", b"\xff", b'{"date": 1}'])
def test_a_malformed_record_says_where_and_what_to_do(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(StoreError) as caught:
        read_scanners(write(tmp_path, content))
    assert caught.value.where.endswith("scanners.json")
    assert "compare.py" in caught.value.remedy


def test_a_case_without_an_outcome_for_each_tool_is_refused(tmp_path: Path) -> None:
    content = msgspec.json.encode(scanner_record()).replace(
        b'"outcomes":["flagged","flagged"]', b'"outcomes":["flagged"]'
    )
    with pytest.raises(StoreError, match="outcomes"):
        read_scanners(write(tmp_path, content))


def test_the_committed_record_is_of_the_corpus_and_nothing_ran() -> None:
    from hostile.corpus import all_cases

    comparison = read_scanners(PROJECT)
    assert comparison is not None
    recorded = {case.id: (case.kind, case.advisories, case.fires) for case in comparison.record.cases}
    assert recorded == {case.id: (case.kind, case.advisories, bool(case.live)) for case in all_cases()}
    outcomes = [outcome for case in comparison.record.cases for outcome in case.outcomes]
    assert "executed" not in outcomes
    assert comparison.record.tools[0].id == "assay"
    assert all(case.outcomes[0] == "passed" for case in comparison.record.cases if case.kind == "benign")

"""The corpus under Assay: every attack gets its findings, nothing raises, nothing runs, ordinary files stay quiet."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile.case import PICKLED, Canary, Case
from hostile.corpus import all_cases, write_corpus

from generators.pipeline.files.reading import inspect_file
from generators.render.catalog import load_catalog

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
SECONDS = 20.0
"""The longest that any file may take; most take milliseconds."""
CASES = all_cases()
HOSTILE = [case for case in CASES if not case.is_benign]
BENIGN = [case for case in CASES if case.is_benign]


def ids(case: Case) -> str:
    return case.id


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("canary") / "canary"


@pytest.fixture(scope="module")
def corpus(canary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The corpus with a canary of its own; nothing that any test here does to the files may make it appear."""
    pytest.importorskip("torch")
    yield write_corpus(tmp_path_factory.mktemp("corpus"), all_cases(Canary(str(canary))))
    assert not canary.exists()


def codes_known() -> set[str]:
    return {code for context, code in load_catalog("en").forms if context == "finding"}


@pytest.mark.parametrize("case", HOSTILE, ids=ids)
def test_every_attack_gets_its_findings_and_nothing_raises(case: Case, corpus: dict[str, Path]) -> None:
    missing = set(case.expected) - codes_known()
    if missing:
        pytest.skip(f"no such finding yet: {', '.join(sorted(missing))}")
    started = time.monotonic()
    inspection = inspect_file(corpus[case.id])
    assert time.monotonic() - started < SECONDS
    assert set(case.expected) <= {finding.code for finding in inspection.findings}


@pytest.mark.parametrize("case", BENIGN, ids=ids)
def test_nothing_bad_is_said_of_an_ordinary_checkpoint(case: Case, corpus: dict[str, Path]) -> None:
    assert [f for f in inspect_file(corpus[case.id]).findings if f.severity != "note"] == []


def test_what_runs_code_is_an_error(corpus: dict[str, Path]) -> None:
    fired = [case for case in HOSTILE if case.live]
    assert len(fired) > 90
    for case in fired:
        assert "error" in {f.severity for f in inspect_file(corpus[case.id]).findings}, case.id


def test_the_corpus_is_what_its_table_says() -> None:
    assert len({case.id for case in CASES}) == len(CASES) == len({case.file_name for case in CASES})
    assert len(HOSTILE) >= 200
    assert len(BENIGN) >= 15
    assert all(case.expected == () for case in BENIGN)
    assert all(case.carrier in PICKLED for case in CASES if case.live)
    assert {advisory.split("-")[0] for case in CASES for advisory in case.advisories} == {"CVE", "GHSA"}


def test_reading_the_corpus_does_nothing_but_read(corpus: dict[str, Path]) -> None:
    folder = next(iter(corpus.values())).parent
    told = subprocess.run(
        [sys.executable, str(HERE / "watch.py"), str(folder)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        check=True,
    )
    happened = json.loads(told.stdout)
    assert happened == {"files": len(CASES), "events": {}, "imported": []}


@pytest.mark.skipif(sys.platform == "win32", reason="payloads are commands of a POSIX shell")
@pytest.mark.parametrize("loader", ["pickle", "torch"])
def test_the_payloads_are_real(loader: str, canary: Path, tmp_path: Path) -> None:
    """Loaded as other programs load them, the same payloads do create the canary."""
    pytest.importorskip("torch")
    cases = [c for c in all_cases(Canary(str(canary))) if c.live == loader and has_modules(c)]
    for case in cases:
        stream = case.stream if loader == "pickle" and case.stream is not None else case.content()
        (tmp_path / case.file_name).write_bytes(stream)
    told = subprocess.run(
        [sys.executable, str(HERE / "detonate.py"), loader, str(canary), *(str(tmp_path / c.file_name) for c in cases)],
        capture_output=True,
        check=True,
    )
    fired = json.loads(told.stdout)
    assert len(fired) == len(cases) > 10
    assert {name for name, did in fired.items() if not did} == set()


def has_modules(case: Case) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in case.needs)

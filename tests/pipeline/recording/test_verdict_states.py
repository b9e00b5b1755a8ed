from __future__ import annotations

from pathlib import Path

import pytest

from generators.model.evaluation import Evaluation
from generators.model.identification import Identification
from generators.model.sanity import SanityEvaluation
from generators.pipeline.recording.verdict_states import KeptEvaluations
from generators.store import CacheFolder


def test_an_evaluation_counts_when_it_is_kept_and_is_never_made(tmp_path: Path) -> None:
    kept = Evaluation(status="run", architecture="kept")
    CacheFolder(tmp_path).keep("kept", kept)
    cache = KeptEvaluations(tmp_path)
    assert cache.get_or_compute("kept", Evaluation, lambda: pytest.fail("was run")) == kept
    absent = cache.get_or_compute("absent", Evaluation, lambda: pytest.fail("was run"))
    assert (absent.status, absent.reason) == ("not-run", "switched-off")
    untried = cache.get_or_compute("absent", SanityEvaluation, lambda: pytest.fail("was run"))
    assert (untried.status, untried.reason) == ("not-run", "switched-off")


def test_what_is_no_evaluation_is_computed_and_kept(tmp_path: Path) -> None:
    made = Identification(status="UNKNOWN", architecture=None, basis="none")
    assert KeptEvaluations(tmp_path).get_or_compute("key", Identification, lambda: made) == made
    assert CacheFolder(tmp_path).find("key", Identification) == made

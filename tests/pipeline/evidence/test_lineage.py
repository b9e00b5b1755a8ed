"""Kinship over a project: what is compared, what is kept, and what a file that goes away leads to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from safetensors.numpy import save_file

from generators.model.evidence import SubjectEvidence
from generators.model.lineage import PairEvidence
from generators.pipeline.evidence import lineage, weights_alone
from generators.pipeline.evidence.lineage import compare_lineage
from generators.pipeline.evidence.subjects import collect_subject
from generators.pipeline.files import relating
from generators.pipeline.files.reading import inspect_file
from generators.pipeline.project import Project, open_project

GENERATOR = np.random.default_rng(1)
ARRAYS = {f"block.{n}.weight": GENERATOR.normal(size=(20, 30)).astype("float32") for n in range(12)}


@pytest.fixture
def project(make_project: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a file of twelve tensors in the place of its checkpoint, and a cache of its own."""
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "own cache"))
    (tmp_path / "checkpoints" / "convnextpose-s").mkdir(parents=True)
    save_file(ARRAYS, tmp_path / "checkpoints" / "convnextpose-s" / "a.safetensors")
    return open_project(make_project(""))


@pytest.fixture
def twins(project: Project) -> tuple[SubjectEvidence, SubjectEvidence]:
    """The checkpoint as it was read, and a relative of it under the control's id."""
    (entry,) = project.lock.checkpoints
    subject = collect_subject(entry, project, evaluate=False)
    assert subject.fingerprint is not None
    relative = project.cache.folder / "controls" / "relative.safetensors"
    relative.parent.mkdir(parents=True)
    save_file({name: (values + 0.1).astype("float32") for name, values in ARRAYS.items()}, relative)
    return replace(subject, id="control-xs", role="control", fingerprint=inspect_file(relative)), subject


@pytest.fixture
def compare(
    project: Project, twins: tuple[SubjectEvidence, ...], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], PairEvidence]:
    paths = {
        "control-xs": project.cache.folder / "controls" / "relative.safetensors",
        "convnextpose-s": project.root / "checkpoints" / "convnextpose-s" / "a.safetensors",
    }
    monkeypatch.setattr(lineage, "_find_path", lambda subject, _: paths[subject.id])
    return lambda: compare_lineage(twins, project).pairs[0]


def test_a_pair_is_compared_once_and_kept(compare: Callable[[], PairEvidence], monkeypatch: pytest.MonkeyPatch) -> None:
    pair = compare()
    assert (pair.first, pair.second, pair.relation) == ("control-xs", "convnextpose-s", "fine-tuned")

    def refuse(*_: object) -> PairEvidence:
        raise AssertionError

    monkeypatch.setattr(lineage, "_relate", refuse)
    assert compare() == pair


def test_a_file_that_goes_away_is_compared_by_digests_and_tried_again(
    compare: Callable[[], PairEvidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise FileNotFoundError(2, "No such file")

    with monkeypatch.context() as broken:
        broken.setattr(relating, "open_tensors", gone)
        assert compare().reason == "bytes-not-here"
    assert compare().relation == "fine-tuned"


def test_files_that_are_not_here_are_named(project: Project, twins: tuple[SubjectEvidence, ...]) -> None:
    found = compare_lineage([replace(twins[0], fingerprint=None), twins[1]], project)
    assert (found.absent, found.subjects, found.pairs) == (("control-xs",), ("convnextpose-s",), ())


def test_recorded_weights_are_compared_by_digest_alone(project: Project, twins: tuple[SubjectEvidence, ...]) -> None:
    recorded = replace(twins[0], available=False)
    copy = replace(twins[1], available=False, fingerprint=twins[0].fingerprint)
    assert compare_lineage([recorded, copy], project).pairs[0].relation == "same-file"
    assert compare_lineage([recorded, twins[1]], project).pairs[0].reason == "bytes-not-here"


def test_what_weights_say_is_measured_once_for_the_same_bytes_under_any_name(
    project: Project, twins: tuple[SubjectEvidence, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (_, subject), path = twins, project.root / "checkpoints" / "convnextpose-s" / "a.safetensors"
    assert subject.training is not None
    assert subject.training.reason == "no-yardstick"
    monkeypatch.delattr(weights_alone, "_measure")
    path.rename(path.with_name("b.safetensors"))
    (entry,) = project.lock.checkpoints
    again = collect_subject(entry, project, evaluate=False)
    assert again.fingerprint is not None
    assert again.fingerprint.file.name == "b.safetensors"
    assert again.training == subject.training

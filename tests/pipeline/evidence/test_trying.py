from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generators.model.sanity import SanityEvaluation
from generators.pipeline.evidence import trying
from generators.pipeline.evidence.running import build_control
from generators.pipeline.files.identifying import identify_file
from generators.pipeline.files.reading import read_fingerprint
from generators.pipeline.project import open_project

pytest.importorskip("torch", reason="controls are written by torch")


def _examine(root: Path) -> SanityEvaluation:
    project = open_project(root)
    artifact = build_control(project.lock.controls[0], project)
    fingerprint = read_fingerprint(artifact.path, project.cache, "test")  # type: ignore[union-attr]
    identification = identify_file(fingerprint, project.cache)
    return trying.examine_weights(artifact.path, fingerprint, identification, project, "test")  # type: ignore[union-attr]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the folders of own images that networks were examined with, instead of examining any."""
    folders: list[Path] = []

    def examine_network(*_: object, own_images: Path, **__: object) -> SanityEvaluation:
        folders.append(own_images)
        return SanityEvaluation(status="run", statement="untrained", statement_reason="criteria")

    monkeypatch.setattr("generators.evaluate.examining.examine_network", examine_network)
    return folders


def test_what_was_examined_is_kept_until_an_own_image_changes(
    make_project: Callable[..., Path], asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_project()
    own = root / "mine"
    own.mkdir()
    (own / "note.txt").write_bytes(b"these tests share a cache: here is what no other test has")
    monkeypatch.setenv("ASSAY_PROBES", str(own))
    assert _examine(root).statement == "untrained"
    assert _examine(root).statement == "untrained"
    assert asked == [own]
    (own / "me.png").write_bytes(b"one")
    _examine(root)
    (own / "me.png").write_bytes(b"other")
    _examine(root)
    assert asked == [own] * 3


def test_own_images_lie_in_the_project_unless_a_folder_is_named(
    make_project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSAY_PROBES", raising=False)
    root = make_project()
    assert trying.own_images_folder(open_project(root)) == root / "docs" / "assets" / "probes"


def test_without_torch_the_reason_is_stated(
    make_project: Callable[..., Path], asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_project()
    _examine(root)
    monkeypatch.setattr(trying, "package_version", lambda _: "")
    assert _examine(root).reason == "torch-missing"

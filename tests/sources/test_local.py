from __future__ import annotations

import os
from pathlib import Path

from generators.model.lock import Artifact, LockEntry, SourceAddress, Unavailable
from generators.sources import find_artifact


def _entry(*sources: SourceAddress) -> LockEntry:
    return LockEntry(
        id="one",
        title="One.tar",
        variant="convnextpose-xs",
        sources=sources,
        licence="",
        report="r",
        size=None,
        sha256=None,
        weights_digest=None,
        line=1,
    )


def _put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    return path


def test_a_file_in_the_entrys_folder_is_found_whatever_its_name(tmp_path: Path) -> None:
    path = _put(tmp_path / "checkpoints" / "one" / "renamed.pth")
    assert find_artifact(_entry(), tmp_path, {}) == Artifact(path=path, size_bytes=5, origin="project")


def test_the_published_name_wins_over_other_files(tmp_path: Path) -> None:
    _put(tmp_path / "checkpoints" / "one" / "notes.txt")
    path = _put(tmp_path / "checkpoints" / "one" / "One.tar")
    found = find_artifact(_entry(), tmp_path, {})
    assert isinstance(found, Artifact)
    assert found.path == path


def test_several_files_without_the_published_name_are_ambiguous(tmp_path: Path) -> None:
    _put(tmp_path / "checkpoints" / "one" / "a.pth")
    _put(tmp_path / "checkpoints" / "one" / "b.pth")
    found = find_artifact(_entry(), tmp_path, {})
    assert found == Unavailable(reason="ambiguous-folder", searched=("checkpoints/one",))


def test_hidden_files_are_partial_downloads(tmp_path: Path) -> None:
    _put(tmp_path / "checkpoints" / "one" / ".One.tar.part")
    assert isinstance(find_artifact(_entry(), tmp_path, {}), Unavailable)


def test_the_environment_names_more_folders(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    path = _put(second / "One.tar")
    environment = {"ASSAY_CHECKPOINTS": os.pathsep.join([str(first), str(second)])}
    assert find_artifact(_entry(), tmp_path / "project", environment) == Artifact(
        path=path, size_bytes=5, origin="environment"
    )


def test_nothing_there_says_where_it_was_looked_for_without_the_builders_paths(tmp_path: Path) -> None:
    found = find_artifact(_entry(), tmp_path, {"ASSAY_CHECKPOINTS": str(tmp_path / "x")})
    assert found == Unavailable(reason="not-fetched", searched=("checkpoints/one", "$ASSAY_CHECKPOINTS/x"))


def test_a_path_source_is_the_last_resort(tmp_path: Path) -> None:
    path = _put(tmp_path / "models" / "m.pth")
    found = find_artifact(_entry(SourceAddress(kind="path", address="models/m.pth")), tmp_path, {})
    assert isinstance(found, Artifact)
    assert found.path == path

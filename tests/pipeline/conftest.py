"""A small project: one control and two checkpoints, with the first report's claims."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

LOCK = """lock-version = 1

[[checkpoint]]
id = "convnextpose-s"
title = "ConvNeXtPose_S.tar"
variant = "convnextpose-s"
report = "convnextpose"
sources = [{{ kind = "gdrive", address = "1OriQPQ3uRY8MWPHP9KnwPaKawzrontqH" }}]
{known}

[[control]]
id = "control-xs"
recipe = "convnextpose-xs"
seed = 7
"""
LISTED = "size_bytes = { minimum = 89553633, maximum = 89564118 }"


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def make_project(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that writes a project whose lock says of the S file what it is given."""
    monkeypatch.setenv("ASSAY_CACHE", str(shared_cache))
    monkeypatch.setenv("ASSAY_DEVICE", "cpu")
    monkeypatch.delenv("ASSAY_CHECKPOINTS", raising=False)

    def make(known: str = LISTED) -> Path:
        (tmp_path / "checkpoints.lock").write_text(LOCK.format(known=known), encoding="utf-8")
        reports = tmp_path / "docs" / "reports"
        reports.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / "docs" / "reports" / "convnextpose.toml", reports)
        return tmp_path

    return make

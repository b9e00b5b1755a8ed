from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generators import provenance
from generators.errors import AssayError
from generators.provenance import build_date, digest_code, package_version, source_commit


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("part/a.py", "part/deep/b.py", "whole.py", "page.j2"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1\n", encoding="utf-8")
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path)
    return tmp_path


def _digest(*parts: str) -> str:
    digest_code.cache_clear()
    return digest_code(*parts)


@pytest.fixture(autouse=True)
def _forget() -> None:
    digest_code.cache_clear()


@pytest.mark.parametrize(
    ("changed", "parts", "moves"),
    [
        ("part/a.py", ("part",), True),
        ("part/deep/b.py", ("part",), True),
        ("whole.py", ("part",), False),
        ("whole.py", ("part", "whole"), True),
        ("page.j2", (), True),
        ("page.j2", ("part", "whole"), False),
    ],
)
def test_the_digest_of_a_part_changes_with_its_own_source_alone(
    package: Path, changed: str, parts: tuple[str, ...], moves: bool
) -> None:
    before = _digest(*parts)
    (package / changed).write_text("2\n", encoding="utf-8")
    assert (_digest(*parts) != before) is moves


def test_a_part_that_does_not_exist_is_a_defect(package: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _digest("no-such-part")


def test_the_date_is_that_of_source_date_epoch() -> None:
    assert build_date({"SOURCE_DATE_EPOCH": "1700000000"}) == "2023-11-14T22:13:20+00:00"
    assert build_date({}) > "2024"


@pytest.mark.parametrize("epoch", ["99999999999999", "9" * 30, "9" * 5000])
def test_a_source_date_epoch_that_is_no_date_is_told_with_a_remedy(epoch: str) -> None:
    with pytest.raises(AssayError, match="no-date") as caught:
        build_date({"SOURCE_DATE_EPOCH": epoch})
    assert caught.value.where.startswith("SOURCE_DATE_EPOCH=99999")
    assert "unset it" in caught.value.remedy


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert package_version("msgspec")
    assert package_version("no-such-package-anywhere") == ""


def test_a_commit_is_told_with_whether_files_were_changed_since(tmp_path: Path) -> None:
    assert source_commit(tmp_path) == ""
    git = ("git", "-C", str(tmp_path), "-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    (tmp_path / "file").write_text("one")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run([*git, *arguments], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert source_commit(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert source_commit(tmp_path) == f"{head}-dirty"

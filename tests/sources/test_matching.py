from __future__ import annotations

from pathlib import Path

import pytest
from file_projects import assay

from generators.errors import SourceError
from generators.sources import matching
from generators.sources.matching import expand_pattern


def test_what_is_no_pattern_stays_as_it_is() -> None:
    for text in ("https://example.org/a*.pt", "s3://bucket/a.pt", "hf:owner/name@main:a.pt", "a*.pt"):
        assert expand_pattern(text) == (text,)


def test_a_file_address_is_a_path_and_may_be_a_pattern(tmp_path: Path) -> None:
    for name in ("b 1.pt", "a.pt", "c.txt"):
        (tmp_path / name).touch()
    assert expand_pattern(f"file://{tmp_path}/b%201.pt") == (f"{tmp_path}/b 1.pt",)
    assert expand_pattern(f"file://localhost{tmp_path}/*.pt") == [f"{tmp_path}/a.pt", f"{tmp_path}/b 1.pt"]


@pytest.mark.parametrize(
    ("text", "code"), [("file://elsewhere/a.pt", "unknown-address"), ("file:///nowhere/*.pt", "not-found")]
)
def test_another_machine_and_a_pattern_without_files_are_refused(text: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        expand_pattern(text)
    assert caught.value.code == code
    ended = assay("inspect", text, "--json")
    assert (ended.exit_code, ended.stdout, f"source.{code}" in ended.stderr) == (6, "", True)


def test_object_storage_is_asked_which_files_match(monkeypatch: pytest.MonkeyPatch) -> None:
    class Storage:
        def glob(self, pattern: str) -> list[str]:
            assert pattern == "gs://bucket/a/*.pt"
            return ["bucket/a/2.pt", "bucket/a/1.pt"]

    monkeypatch.setattr(matching, "open_storage", lambda scheme: Storage() if scheme == "gs" else None)
    assert expand_pattern("gs://bucket/a/*.pt") == ["gs://bucket/a/1.pt", "gs://bucket/a/2.pt"]

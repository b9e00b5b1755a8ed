"""Files that are no checkpoint: each is named, with what is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import pickle_bytes

from generators.containers import open_checkpoint

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


def page(title: str, body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("content", "code", "found"),
    [
        (page("Google Drive - Quota exceeded"), "html-drive-quota", "Google Drive - Quota exceeded"),
        (page("Google Drive", '<p class="uc-error-caption">Lo sentimos'), "html-drive-quota", "Google Drive"),
        (page("Google Drive - Virus scan warning"), "html-drive-scan", "Google Drive - Virus scan warning"),
        (page("구글 드라이브", '<form id="download-form" action="x">'), "html-drive-scan", "구글 드라이브"),
        (page("Sign in to your account"), "html-login", "Sign in to your account"),
        (page("Hub", '<input type="password" name="p">'), "html-login", "Hub"),
        (page("404 Not Found", '<input type="password">'), "html-not-found", "404 Not Found"),
        (page("A  blog\n post"), "html-page", "A blog post"),
        (b"\xef\xbb\xbf  <HTML><body>hello", "html-page", "<HTML><body>hello"),
        (
            b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
            "server-error",
            "AccessDenied, Access Denied",
        ),
        (b'{"error": "Repository not found"}', "server-error", "Repository not found"),
        (b'{"error": {"code": 403, "message": "quota"}}', "server-error", "quota"),
        (b'{"message": "Not Found", "documentation_url": "x"}', "server-error", "Not Found"),
        (b'{"detail": "expired"}', "server-error", "expired"),
        (b'{"hidden_size": 768, "model_type": "bert"}', "json-file", '{"hidden_size": 768, "model_type": "bert"}'),
        (b"[1, 2", "json-file", "[1, 2"),
        (b'{"abcd":{"x":1}}', "json-file", '{"abcd":{"x":1}}'),
        (json.dumps({"message": "x", **dict.fromkeys("abcdefghij", 1)}).encode(), "json-file", None),
        (LFS, "lfs-pointer", f"{len(LFS)} B"),
        (b"", "file-empty", ""),
        (b"%PDF-1.7\n", "pdf-file", None),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "image-file", None),
        (b"\xff\xd8\xff\xe0JFIF", "image-file", None),
        (b"\x7fELF" + bytes(60), "program-file", None),
        (b"BZh91AY", "compressed-file", "bzip2"),
        (b"\xfd7zXZ\x00abc", "compressed-file", "xz"),
        (b"\x28\xb5\x2f\xfdabc", "compressed-file", "zstd"),
        (b"7z\xbc\xaf\x27\x1c", "compressed-file", "7z"),
        (b"Rar!\x1a\x07\x01", "compressed-file", "rar"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "hdf5-file", None),
        (b"\x89HDF\r\n\x1a\n" + bytes(99) + b"keras_version", "keras-file", ""),
        (b"\x1c\0\0\0TFL3" + bytes(40), "tensorflow-file", None),
        (b"\x08\x01\x12\x90\x01" + bytes(40), "tensorflow-file", None),
        (bytes(40) + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb", "tensorflow-file", None),
        (pickle_bytes({"a": 1}), "pickle-not-torch", ""),
        (b"ET of old", "text-file", None),
    ],
)
def test_each_is_named(tmp_path: Path, content: bytes, code: str, found: str | None) -> None:
    (tmp_path / "model.pth").write_bytes(content)
    with open_checkpoint(tmp_path / "model.pth") as reader:
        assert reader.container.format == "unknown"
        (finding,) = reader.container.findings
    assert (finding.code, finding.severity) == (code, "error")
    assert found is None or finding.found == found


def test_a_pointer_says_what_it_points_at(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(LFS)
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.findings[0].expected == "sha256:4d7a2146, 12345 B"


@pytest.mark.parametrize("version", [b"ET12", b"ET11"])
def test_a_program_of_executorch_has_a_format_of_its_own(tmp_path: Path, version: bytes) -> None:
    (tmp_path / "x.pte").write_bytes(b"\x30\0\0\0" + version + b"eh00" + bytes(40))
    with open_checkpoint(tmp_path / "x.pte") as reader:
        assert reader.container.format == "executorch"
        assert [f.code for f in reader.container.findings] == ["executorch-file"]


def test_long_titles_are_cut(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(page("evil" * 20_000))
    with open_checkpoint(tmp_path / "x") as reader:
        assert len(reader.container.findings[0].found) <= 200


def test_a_page_of_endless_tags_costs_no_time(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"<html>" + b"<title" * 20_000 + b"<error>" + b"<code>" * 20_000)
    with open_checkpoint(tmp_path / "x") as reader:
        assert reader.container.findings[0].code == "html-page"

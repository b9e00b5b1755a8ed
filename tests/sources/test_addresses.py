from __future__ import annotations

import ast
from pathlib import Path

import pytest

from generators.errors import SourceError
from generators.model.lock import SourceAddress
from generators.sources.addresses import is_address, parse_place, published_name, readable_address
from generators.sources.faults import exit_code_of, fault_codes
from generators.sources.redaction import shown_address

PROJECT = Path(__file__).resolve().parents[2]
DRIVE = "1X_H-6S4xrQjW9GhJ3yWB-AXqUHddvkOI"
FOLDER = "12H7zkLvmJtrkCmAUAPkQ6788WAnO60gI"


@pytest.mark.parametrize(
    ("text", "kind", "address", "is_file"),
    [
        (f"https://drive.google.com/file/d/{DRIVE}/view?usp=sharing", "gdrive", DRIVE, True),
        (f"https://drive.google.com/open?id={DRIVE}", "gdrive", DRIVE, True),
        (f"https://drive.google.com/uc?id={DRIVE}&export=download", "gdrive", DRIVE, True),
        (f"https://drive.google.com/drive/folders/{FOLDER}?usp=sharing", "gdrive", FOLDER, False),
        (f"https://drive.google.com/drive/u/0/folders/{FOLDER}", "gdrive", FOLDER, False),
        (f"gdrive:{DRIVE}", "gdrive", DRIVE, True),
        ("https://huggingface.co/a/b/resolve/main/x/model.safetensors", "hub", "a/b@main:x/model.safetensors", True),
        ("https://huggingface.co/a/b/blob/refs%2Fpr%2F1/m.pt", "hub", "a/b@refs/pr/1:m.pt", True),
        ("https://huggingface.co/a/b", "hub", "a/b", False),
        ("https://huggingface.co/a/b/tree/v1", "hub", "a/b@v1", False),
        ("hf:a/b@0123abc:m.pt", "hub", "a/b@0123abc:m.pt", True),
        ("https://github.com/a/b/releases/download/v1/m.pt", "github", "a/b@v1:m.pt", True),
        ("https://github.com/a/b/releases/tag/v1", "github", "a/b@v1", False),
        ("https://zenodo.org/records/123/files/m.pt?download=1", "zenodo", "123:m.pt", True),
        ("https://zenodo.org/record/123", "zenodo", "123", False),
        ("zenodo:123:m.pt", "zenodo", "123:m.pt", True),
        ("s3://bucket/folder/m.pt", "s3", "s3://bucket/folder/m.pt", True),
        ("s3://bucket/folder/", "s3", "s3://bucket/folder/", False),
        ("gs://bucket", "gs", "gs://bucket", False),
        ("https://example.org/m.pt", "https", "https://example.org/m.pt", True),
        ("models/m.pt", "path", "models/m.pt", True),
    ],
)
def test_what_people_write_becomes_what_the_lock_keeps(text: str, kind: str, address: str, *, is_file: bool) -> None:
    place = parse_place(text)
    assert (place.kind, place.address, place.is_file) == (kind, address, is_file)
    assert is_address(text) == (kind != "path")


@pytest.mark.parametrize(
    "text", ["ftp://example.org/f", "hf:nobody", "github:a/b", "https://drive.google.com/drive/home"]
)
def test_what_names_nothing_is_refused_with_where_to_look(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_place(text)
    assert caught.value.code == "unknown-address"
    assert "assay list --help" in caught.value.remedy


def test_every_kind_of_source_has_an_address_for_people_and_a_file_name() -> None:
    sources = {
        SourceAddress(kind="hub", address="a/b@v/1:x/m.pt"): ("https://huggingface.co/a/b/blob/v%2F1/x/m.pt", "m.pt"),
        SourceAddress(kind="github", address="a/b@v1:m.pt"): (
            "https://github.com/a/b/releases/download/v1/m.pt",
            "m.pt",
        ),
        SourceAddress(kind="zenodo", address="1:a b.pt"): ("https://zenodo.org/records/1/files/a%20b.pt", "a b.pt"),
        SourceAddress(kind="gdrive", address=DRIVE): (f"https://drive.google.com/file/d/{DRIVE}/view", ""),
        SourceAddress(kind="s3", address="s3://b/k/m.pt"): ("s3://b/k/m.pt", "m.pt"),
        SourceAddress(kind="path", address="models/m.pt"): ("models/m.pt", "m.pt"),
        SourceAddress(kind="page", address="https://example.org/x"): ("https://example.org/x", ""),
        SourceAddress(kind="https", address="https://example.org/a%20b.pt?sig=1"): (
            "https://example.org/a%20b.pt?sig=...",
            "a b.pt",
        ),
    }
    for source, (readable, name) in sources.items():
        assert (readable_address(source), published_name(source)) == (readable, name)


@pytest.mark.parametrize(
    "address",
    [
        "https://user:s3cret@example.org/f",
        "https://s3cret@example.org/f?id=1",
        "https://example.org/f?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret",
        "https://example.org/f?anything=s3cret",
        "https://example.org/f#s3cret",
        "https://[s3cret/f",
    ],
)
def test_a_shown_address_has_no_secret(address: str) -> None:
    assert "s3cret" not in shown_address(address)


def test_an_address_without_secrets_is_shown_as_it_is() -> None:
    for address in ("https://example.org/a/b.pt", "https://drive.google.com/uc?id=abc&export=download", "s3://b/k"):
        assert shown_address(address) == address


def raised_codes() -> set[str]:
    """Return the code of every ``SourceError`` that the source makes with a literal."""
    found, errors = set(), {"SourceError", "BusyError"}
    for path in (PROJECT / "generators").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in errors:
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return found


def test_every_reason_that_is_ever_given_has_an_exit_code() -> None:
    assert raised_codes() <= set(fault_codes())
    assert {exit_code_of(code) for code in fault_codes()} == {4, 5, 6, 7}

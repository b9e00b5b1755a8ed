from __future__ import annotations

from pathlib import Path

import pytest

from generators.errors import CatalogError
from generators.render.catalog_file import read_catalog

HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
SENTENCE = 'msgid "All of %(total)s"\nmsgstr "Todo de %(total)s, 100%%"\n'


def read(tmp_path: Path, text: str) -> dict[tuple[str, str], tuple[str, ...]]:
    path = tmp_path / "assay.po"
    path.write_text(text, encoding="utf-8")
    return dict(read_catalog("es", path).forms)


def test_a_whole_catalog_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + SENTENCE) == {("", "All of %(total)s"): ("Todo de %(total)s, 100%%",)}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEADER + 'msgid "a"\nmsgstr "abc\n', 7),
        (HEADER + 'msgid "a"\nmsgstr abc"\n', 7),
        (HEADER + 'msgid "a"\nmsgstr "a "quote" inside"\n', 7),
        (HEADER + SENTENCE + "hello world\n", 8),
        (HEADER + 'msgid "a"\nmsgstr "b\\"\n', 7),
    ],
)
def test_a_line_that_is_no_message_is_named(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(CatalogError) as told:
        read(tmp_path, text)
    assert (told.value.code, told.value.where) == ("unreadable", f"{tmp_path / 'assay.po'}:{line}")


@pytest.mark.parametrize("text", ["de %(todo)s", "%s", "100 % de %(total)s", "%(total)d", "50%"])
def test_a_placeholder_that_nothing_fills_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(CatalogError) as told:
        read(tmp_path, HEADER + f'msgid "All of %(total)s"\nmsgstr "{text}"\n')
    assert (told.value.code, told.value.where) == ("bad-placeholder", f"{tmp_path / 'assay.po'}:6")


def test_a_coded_message_may_not_take_all_values_at_once(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="nothing fills"):
        read(tmp_path, HEADER + 'msgctxt "reason"\nmsgid "holds"\nmsgstr "%s"\n')


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("plural=(n != 1)", "plural=__import__('os')"),
        ("plural=(n != 1)", "plural=(n != 1)+7"),
        ("plural=(n != 1)", "plural=n%%0"),
        ("charset=utf-8", "charset=klingon"),
        ("nplurals=2", "nplurals=x"),
    ],
)
def test_a_header_that_cannot_work_is_told(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(CatalogError, match="can't be read"):
        read(tmp_path, HEADER.replace(old, new) + SENTENCE)

from __future__ import annotations

from pathlib import Path

import pytest

from generators.errors import CatalogError
from generators.render.catalog_file import read_catalog
from generators.render.environment import new_environment

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural}\\n"\n\n'
TWO_FORMS = "nplurals=2; plural=(n != 1);"


def write(path: Path, body: str, plural: str = TWO_FORMS) -> Path:
    path.write_text(HEADER.format(plural=plural) + body, encoding="utf-8")
    return path


def test_a_sentence_without_translation_stops_the_build(tmp_path: Path) -> None:
    catalog = read_catalog("es", write(tmp_path / "es.po", 'msgid "Yes"\nmsgstr ""\n'))
    with pytest.raises(CatalogError, match="lacks 'Yes'"):
        catalog.gettext("Yes")


def test_english_needs_no_entry_for_sentences(tmp_path: Path) -> None:
    catalog = read_catalog("en", write(tmp_path / "en.po", ""))
    assert catalog.gettext("Yes") == "Yes"
    assert catalog.ngettext("one", "many", 2) == "many"


def test_english_needs_an_entry_for_codes(tmp_path: Path) -> None:
    catalog = read_catalog("en", write(tmp_path / "en.po", ""))
    with pytest.raises(CatalogError, match="lacks kind/live"):
        catalog.message("kind", "live")


def test_a_fuzzy_translation_counts_as_missing(tmp_path: Path) -> None:
    catalog = read_catalog("es", write(tmp_path / "es.po", '#, fuzzy\nmsgid "Yes"\nmsgstr "No"\n'))
    with pytest.raises(CatalogError):
        catalog.gettext("Yes")


def test_a_code_is_looked_up_in_its_context(tmp_path: Path) -> None:
    body = 'msgctxt "a"\nmsgid "x"\nmsgstr "first"\n\nmsgctxt "b"\nmsgid "x"\nmsgstr "second %(found)s"\n'
    catalog = read_catalog("en", write(tmp_path / "en.po", body))
    assert catalog.message("b", "x", found="7") == "second 7"


def test_a_placeholder_that_nobody_fills_is_named(tmp_path: Path) -> None:
    body = 'msgctxt "a"\nmsgid "x"\nmsgstr "needs %(other)s"\n'
    catalog = read_catalog("en", write(tmp_path / "en.po", body))
    with pytest.raises(CatalogError, match="other") as caught:
        catalog.message("a", "x", found="7")
    assert caught.value.code == "bad-placeholder"


def test_a_language_has_its_own_plural_rule(tmp_path: Path) -> None:
    body = 'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "하나"\n'
    korean = read_catalog("ko", write(tmp_path / "ko.po", body, "nplurals=1; plural=0;"))
    assert korean.ngettext("one", "many", 5) == "하나"
    body = 'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "uno"\nmsgstr[1] "varios"\n'
    spanish = read_catalog("es", write(tmp_path / "es.po", body))
    assert [spanish.ngettext("one", "many", n) for n in (0, 1, 2)] == ["varios", "uno", "varios"]


def test_a_malformed_catalog_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    path.write_text("msgid no quotes", encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_catalog("es", path)
    assert caught.value.code == "unreadable"


def test_a_missing_catalog_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        read_catalog("fr", tmp_path / "fr.po")
    assert "catalogs update" in caught.value.diagnostics()


def test_templates_speak_the_language_of_the_catalog(tmp_path: Path) -> None:
    body = (
        'msgid "%(shown)s file"\nmsgid_plural "%(shown)s files"\n'
        'msgstr[0] "%(shown)s archivo"\nmsgstr[1] "%(shown)s archivos"\n'
    )
    environment = new_environment(read_catalog("es", write(tmp_path / "es.po", body)))
    template = environment.from_string(
        "{% trans count=n, shown=n %}{{ shown }} file{% pluralize count %}{{ shown }} files{% endtrans %}"
    )
    assert [template.render(n=n) for n in (1, 3)] == ["1 archivo", "3 archivos"]

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from generators.render.catalog import LOCALES, catalog_path
from generators.render.catalog_file import read_catalog
from generators.render.catalogs import build_template, find_problems, main, update_catalog
from generators.render.messages import coded_messages, sentences


@pytest.fixture
def english(tmp_path: Path) -> Path:
    return Path(shutil.copy(catalog_path("en"), tmp_path / "en.po"))


def codes(locale: str, path: Path) -> set[str]:
    return {problem.code for problem in find_problems(locale, path)}


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_catalog_is_complete_and_sound(locale: str) -> None:
    assert [problem.diagnostics() for problem in find_problems(locale, Path(catalog_path(locale)))] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_updating_changes_no_text_and_a_second_update_not_a_byte(locale: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(catalog_path(locale), tmp_path / "assay.po"))
    update_catalog(locale, path)
    assert read_catalog(locale, path).forms == read_catalog(locale, Path(catalog_path(locale))).forms
    once = path.read_bytes()
    update_catalog(locale, path)
    assert path.read_bytes() == once


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert codes("es", tmp_path / "none.po") == {"missing"}


def test_an_empty_text_is_a_problem_with_its_line(english: Path) -> None:
    change(english, 'msgid "refuted"\nmsgstr "refuted"', 'msgid "refuted"\nmsgstr ""')
    (problem,) = find_problems("en", english)
    assert problem.code == "untranslated"
    line = int(problem.where.rsplit(":", 1)[1])
    assert "refuted" in "".join(english.read_text(encoding="utf-8").splitlines()[line - 1 : line + 2])


def test_a_message_that_is_gone_is_a_problem(english: Path) -> None:
    change(english, 'msgctxt "outcome"\nmsgid "refuted"\nmsgstr "refuted"\n', "")
    assert codes("en", english) == {"message-missing"}


def test_a_fuzzy_mark_is_a_problem(english: Path) -> None:
    change(english, 'msgctxt "outcome"\nmsgid "refuted"', '#, fuzzy\nmsgctxt "outcome"\nmsgid "refuted"')
    assert codes("en", english) == {"fuzzy"}


def test_a_message_that_nobody_asks_for_is_a_problem(english: Path) -> None:
    english.write_text(english.read_text(encoding="utf-8") + '\nmsgctxt "kind"\nmsgid "x"\nmsgstr "y"\n')
    assert codes("en", english) == {"not-used"}


def test_an_obsolete_message_is_a_problem(english: Path) -> None:
    english.write_text(english.read_text(encoding="utf-8") + '\n#~ msgctxt "kind"\n#~ msgid "x"\n#~ msgstr "y"\n')
    assert codes("en", english) == {"obsolete"}


@pytest.mark.parametrize("text", ["Found: %(what)s.", "Found: %(found)s %(also)s"])
def test_an_unknown_placeholder_is_a_problem(english: Path, text: str) -> None:
    change(english, 'msgstr "Found: %(found)s, as needed."', f'msgstr "{text}"')
    assert codes("en", english) == {"placeholders"}


@pytest.mark.parametrize("text", ["<b>no</b>", "a `code`", "50 % of it", "[link](x)", "*much*"])
def test_markup_in_a_message_is_a_problem(english: Path, text: str) -> None:
    change(english, 'msgid "refuted"\nmsgstr "refuted"', f'msgid "refuted"\nmsgstr "{text}"')
    assert codes("en", english) == {"markup"}


def test_a_translation_must_keep_the_placeholders_of_the_english_text(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    update_catalog("es", path)
    change(path, 'msgctxt "reason"\nmsgid "holds"\nmsgstr ""', 'msgctxt "reason"\nmsgid "holds"\nmsgstr "Coincide."')
    assert "placeholders" in codes("es", path)


def test_updating_keeps_translations_and_adds_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    update_catalog("es", path)
    change(path, 'msgctxt "kind"\nmsgid "live"\nmsgstr ""', 'msgctxt "kind"\nmsgid "live"\nmsgstr "en vivo"')
    change(path, 'msgctxt "kind"\nmsgid "computed"\nmsgstr ""\n', "")
    update_catalog("es", path)
    text = path.read_text(encoding="utf-8")
    assert 'msgstr "en vivo"' in text
    assert 'msgctxt "kind"\nmsgid "computed"' in text


def test_a_translation_that_is_not_used_is_kept_as_a_comment_until_it_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    update_catalog("es", path)
    change(path, 'msgctxt "kind"\nmsgid "live"\nmsgstr ""', 'msgctxt "kind"\nmsgid "gone"\nmsgstr "ido"')
    update_catalog("es", path)
    assert '#~ msgid "gone"\n#~ msgstr "ido"' in path.read_text(encoding="utf-8")
    change(path, '#~ msgctxt "kind"\n#~ msgid "gone"', '#~ msgctxt "kind"\n#~ msgid "live"')
    update_catalog("es", path)
    assert 'msgctxt "kind"\nmsgid "live"\nmsgstr "ido"' in path.read_text(encoding="utf-8")


def test_a_language_with_one_plural_form_gets_one_field(tmp_path: Path) -> None:
    update_catalog("ko", tmp_path / "ko.po")
    text = (tmp_path / "ko.po").read_text(encoding="utf-8")
    assert "msgstr[0]" in text
    assert "msgstr[1]" not in text
    assert "fuzzy" not in text


def test_translators_see_the_english_text_of_each_code() -> None:
    template = build_template("ko")
    message = template.get("refuted", context="outcome")
    assert message is not None
    assert message.auto_comments == ["English: refuted"]


def test_the_command_needs_a_known_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate"]) == 2
    assert "extract" in capsys.readouterr().err


def test_the_command_writes_the_template(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract"]) == 0
    written = capsys.readouterr().out
    assert 'msgctxt "claim"\nmsgid "m-l-missing"\nmsgstr ""' in written


def test_both_forms_of_an_english_plural_show_the_same_numbers() -> None:
    for sentence in sentences():
        if sentence.plural:
            found = [set(re.findall(r"%\((\w+)\)s", form)) for form in (sentence.text, sentence.plural)]
            assert found[0] == found[1], sentence.text


def test_sentences_and_codes_are_found() -> None:
    assert any(sentence.plural for sentence in sentences())
    found = {(message.context, message.code) for message in coded_messages()}
    assert {("outcome", "refuted"), ("finding", "storage-missing"), ("reason", "protocols-differ")} <= found
    assert {("finding", "html-page"), ("finding", "tree-too-deep"), ("setting", "upsampling_blocks")} <= found

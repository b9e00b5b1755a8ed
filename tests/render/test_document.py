from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from render.hostile import HOSTILE
from render.report_builder import MemoryCache, build_report

from generators.pipeline.documents import document_parts, report_document
from generators.render.catalog import LOCALES, load_catalog
from generators.render.document import EXTENSIONS, MAX_ROWS, MAX_TABLE_ROWS, render_document
from generators.render.environment import TEMPLATES_FOLDER
from generators.render.inline_chart import colour_rules, inline_chart
from generators.render.inline_text import plain_text
from generators.render.markup import html_code
from generators.render.pages import SOURCE_SUFFIXES

PROJECT = Path(__file__).resolve().parents[2]
ADDRESS = "https://example.org/assay/"
LIGHT = b"""<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">
 <metadata>made elsewhere</metadata>
 <defs><path id="glyph" d="M 0 0"/><clipPath id="clip"><rect/></clipPath></defs>
 <g clip-path="url(#clip)"><use xlink:href="#glyph" style="fill: #22303c; stroke: #ffffff"/></g>
</svg>"""
DARK = LIGHT.replace(b"#22303c", b"#dfe6ec").replace(b"#ffffff", b"#18222c").replace(b"glyph", b"m0123abcd")
"""As matplotlib writes it: ids are digests of what is drawn, colours included."""


REPORT, CACHE = build_report(), MemoryCache()


@cache
def document(locale: str, address: str = ADDRESS) -> str:
    parts = document_parts(REPORT, locale, CACHE)
    return report_document(PROJECT, REPORT, locale, CACHE, parts, address).decode()


def parse(text: str) -> Any:
    return html.document_fromstring(text)


def made_of(markdown: str, path: str = "index.md", **charts: bytes) -> Any:
    named = {f"charts/{name.replace('_', '-')}.svg": svg for name, svg in charts.items()}
    page = f'---\ntitle: "x"\n---\n\n# x {{: #x }}\n\n{markdown}\n'
    pages = [(path, page.encode()), ("claims.md", b"# claims {: #claims }\n\n## one {: #claim-one }\n")]
    return parse(render_document(pages, named, "en", "title", ADDRESS).decode())


@pytest.mark.parametrize("locale", LOCALES)
def test_the_document_asks_nobody_for_anything(locale: str) -> None:
    root = parse(document(locale))
    assert root.xpath("//script | //link | //img | //iframe | //object | //embed | //base") == []
    assert root.xpath("//@src | //@srcset | //@style[contains(., 'url(')]") == []
    used = root.xpath("//*[local-name() = 'use' or local-name() = 'image']/@*[contains(name(), 'href')]")
    assert [one for one in used if not one.startswith(("#", "data:"))] == []
    assert "@import" not in document(locale)
    assert not re.search(r"url\((?!#)", document(locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_document_says_its_language_and_what_it_is(locale: str) -> None:
    root = parse(document(locale))
    assert root.get("lang") == locale
    question = load_catalog(locale).message("report", "convnextpose.question")
    assert root.findtext(".//title") == question
    assert [one.text for one in root.iter("h1")] == [question]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_link_inside_leads_somewhere_and_no_id_stands_twice(locale: str) -> None:
    root = parse(document(locale))
    ids = root.xpath("//@id")
    assert sorted(ids) == sorted(set(ids))
    links = [one for one in root.xpath("//a/@href") if one.startswith("#")]
    assert links
    assert {one[1:] for one in links} - set(ids) == set()


def test_links_out_of_the_document_are_published_addresses_or_none() -> None:
    outside = [one for one in parse(document("ko")).xpath("//a/@href") if not one.startswith("#")]
    assert f"{ADDRESS}evidence/report.json" in outside
    assert all(one.startswith("https://") for one in outside)
    unpublished = parse(document("ko", "")).xpath("//a/@href")
    assert not [one for one in unpublished if one.startswith(ADDRESS) or not one.startswith(("#", "https://"))]


def test_the_same_numbers_stand_in_every_language() -> None:
    english, *others = (sorted(parse(document(locale)).xpath("//@data-value")) for locale in LOCALES)
    assert english
    assert all(other == english for other in others)


def test_pages_about_assay_itself_and_what_is_too_long_are_left_out() -> None:
    root = parse(document("en"))
    sections = root.xpath("//section/h2/@id")
    assert sections[0] == "index"
    assert "claims" in sections
    assert "checkpoints-control-xs" in sections
    assert not {"speed", "scanners", "downloads", "add-a-checkpoint"} & set(sections)
    assert all(len(one.xpath(".//tr | .//li")) <= MAX_ROWS for one in root.iter("details"))


def test_a_long_folded_part_says_how_many_rows_it_had() -> None:
    rows = "".join(f"<li>{n}</li>" for n in range(MAX_ROWS + 2))
    root = made_of(f"<details>\n<summary>all</summary>\n<ul>{rows}</ul>\n</details>")
    (folded,) = root.iter("details")
    assert folded.findtext("summary") == "all"
    assert folded.xpath("string(p)").startswith(f"Left out of this file for its length: {MAX_ROWS + 2} rows.")
    assert folded.xpath(".//li") == []


def test_a_long_table_in_a_folded_part_is_left_out_with_it() -> None:
    table = f"<table>{'<tr><td>x</td></tr>' * (MAX_TABLE_ROWS + 1)}</table>"
    root = made_of(f"<details>\n<summary>all</summary>\n{table}\n</details>")
    assert list(root.iter("table")) == []
    assert root.text_content().count("Left out of this file") == 1


def test_a_table_of_hundreds_of_rows_is_left_out_wherever_it_stands() -> None:
    def table(rows: int) -> str:
        return f"<table>{'<tr><td>x</td></tr>' * rows}</table>"

    root = made_of(f"{table(MAX_TABLE_ROWS)}\n\n{table(MAX_TABLE_ROWS + 1)}\n\n<p>after</p>")
    assert len(list(root.iter("table"))) == 1
    assert f"{MAX_TABLE_ROWS + 1} rows" in root.text_content()
    assert "after" in root.text_content()


def test_a_short_folded_part_is_shown_because_paper_cannot_unfold() -> None:
    (folded,) = made_of("<details>\n<summary>all</summary>\n<ul><li>1</li></ul>\n</details>").iter("details")
    assert folded.get("open") is not None
    assert len(folded.xpath(".//li")) == 1


@pytest.mark.parametrize(
    ("path", "href", "target"),
    [
        ("index.md", "claims/#claim-one", "#claims--claim-one"),
        ("expected.md", "../claims/#claim-one", "#claims--claim-one"),
        ("checkpoints/a.md", "../../claims/", "#claims"),
        ("method.md", "claims.md#claim-one", "#claims--claim-one"),
        ("index.md", "#x", "#index--x"),
        ("index.md", "speed/", f"{ADDRESS}speed/"),
        ("expected.md", "../evidence/report.json", f"{ADDRESS}evidence/report.json"),
        ("index.md", "https://example.com/", "https://example.com/"),
        ("index.md", "javascript:alert(1)", None),
        ("index.md", "data:text/html,x", None),
    ],
)
def test_a_link_leads_where_it_led_on_the_site(path: str, href: str, target: str | None) -> None:
    (link,) = (one for one in made_of(f'<p><a href="{href}">to</a></p>', path).iter("a") if one.text == "to")
    assert link.get("href") == target


def test_a_script_of_a_page_is_dropped() -> None:
    assert made_of("<script>alert(1)</script>\n\n<p>x</p>").xpath("//script") == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    benign, attacked = (made_of(f"<p>{html_code(shown)}</p>") for shown in ("benign", text))
    assert [one.tag for one in attacked.iter()] == [one.tag for one in benign.iter()]


def test_a_name_is_written_as_the_pages_write_it_in_entities() -> None:
    name = html_code('<img src=x onerror="y">')
    page = f"# x {{: #x }}\n\n## {name} {{: #y }}\n\n<p>{name}</p>\n"
    text = render_document([("index.md", page.encode())], {}, "en", "title", "").decode()
    assert "onerror" in text
    assert "onerror=" not in text
    assert {one.text for one in parse(text).iter("code")} == {'<img src=x onerror="y">'}
    assert len(list(parse(text).iter("code"))) == 3  # in the contents, in the heading, in the text


def test_a_chart_is_drawn_in_the_readers_colours_from_one_element() -> None:
    chart = inline_chart(LIGHT, DARK, "c", 'what "it" shows')
    assert chart.pairs == (("#22303c", "#dfe6ec"), ("#ffffff", "#18222c"))
    assert "fill: var(--chart-22303c-dfe6ec); stroke: var(--chart-ffffff-18222c)" in chart.svg
    assert 'role="img"' in chart.svg
    assert 'aria-label="what &quot;it&quot; shows"' in chart.svg
    assert "metadata" not in chart.svg
    rules = colour_rules(chart.pairs)
    assert rules.startswith(":root{--chart-22303c-dfe6ec:#22303c;")
    assert "prefers-color-scheme:dark" in rules
    assert "--chart-22303c-dfe6ec:#dfe6ec;" in rules


def test_the_ids_of_two_charts_never_meet() -> None:
    svg = inline_chart(LIGHT, DARK, "c", "").svg
    assert re.findall(r'id="([^"]*)"', svg) == ["c--0", "c--1"]
    assert 'xlink:href="#c--0"' in svg
    assert 'clip-path="url(#c--1)"' in svg


@pytest.mark.parametrize("dark", [b"", DARK.replace(b"M 0 0", b"M 9 9"), DARK.replace(b"<rect/>", b"")])
def test_where_the_dark_drawing_is_another_one_the_light_one_is_shown(dark: bytes) -> None:
    assert inline_chart(LIGHT, dark, "c", "").pairs == (("#22303c", "#22303c"), ("#ffffff", "#ffffff"))


def test_a_black_that_only_one_drawing_leaves_unsaid_is_black() -> None:
    chart = inline_chart(LIGHT.replace(b"fill: #22303c; ", b""), DARK, "c", "")
    assert chart.pairs == (("#000000", "#dfe6ec"), ("#ffffff", "#18222c"))


def test_every_chart_of_the_report_follows_the_readers_colours() -> None:
    drawings = parse(document("en")).xpath("//svg")
    assert drawings
    followed = re.compile(r"--chart-333333-dddddd")
    assert [one.get("aria-label") for one in drawings if not followed.search(html.tostring(one).decode())] == []


def test_both_images_of_a_chart_become_one_drawing() -> None:
    images = "".join(f'<img src="charts/c-{theme}.svg#only-{theme}" alt="a">' for theme in ("light", "dark"))
    root = made_of(f"<figure>{images}</figure>", c_light=LIGHT, c_dark=DARK)
    (drawing,) = root.xpath("//figure/*")
    assert (drawing.tag, drawing.get("aria-label")) == ("svg", "a")


def test_a_kept_document_is_not_made_again() -> None:
    first, made = document("en"), CACHE.made
    parts = document_parts(REPORT, "en", CACHE)
    assert report_document(PROJECT, REPORT, "en", CACHE, parts, ADDRESS).decode() == first
    assert CACHE.made == made


def test_a_kept_document_is_made_again_when_anything_that_it_is_made_with_changes() -> None:
    assert {path.suffix for path in TEMPLATES_FOLDER.iterdir() if path.is_file()} <= SOURCE_SUFFIXES


def test_the_extensions_are_those_of_the_site() -> None:
    written = (PROJECT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = written.partition("markdown_extensions:\n")[2].partition("\n#")[0]
    assert set(re.findall(r"^  - ([a-z_.]+)", listed, re.MULTILINE)) == set(EXTENSIONS)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ('<span class="num" data-value="1">1\u00a0×\u00a010<sup>5</sup></span>', "1 × 10^5"),
        ("<code>a&#60;b&#62;</code>", "a<b>"),
        ("two\n  lines", "two lines"),
    ],
)
def test_what_a_page_shows_in_line_becomes_plain_text(shown: str, text: str) -> None:
    assert plain_text(shown) == text

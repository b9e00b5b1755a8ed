from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from render.report_builder import absent_checkpoint, control

from generators.errors import RenderError
from generators.render import environment, pages
from generators.render.pages import Page, render_page, subject_page


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(environment, "TEMPLATES_FOLDER", tmp_path)
    pages._environment.cache_clear()
    yield tmp_path
    pages._environment.cache_clear()


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ nothing }}",
        "{{ page.nope.nope }}",
        "{{ 1 + 'a' }}",
        "{{ 1 // 0 }}",
        "{{ 'x' | num }}",
        "{% if %}",
        "{{ 1 | no }}",
    ],
)
def test_a_wrong_template_is_told_with_its_line(templates: Path, wrong: str) -> None:
    (templates / "x.md.j2").write_text(f"one\ntwo\n{wrong}\n", encoding="utf-8")
    with pytest.raises(RenderError) as told:
        render_page(Page(path="x.md", template="x.md.j2", shows={}), "en")
    assert told.value.where == "x.md.j2:3"


def test_the_line_is_that_of_the_innermost_template(templates: Path) -> None:
    (templates / "x.md.j2").write_text("{% include 'y.md.j2' %}\n", encoding="utf-8")
    (templates / "y.md.j2").write_text("\n\n{{ 1 // 0 }}\n", encoding="utf-8")
    with pytest.raises(RenderError) as told:
        render_page(Page(path="x.md", template="x.md.j2", shows={}), "en")
    assert told.value.where == "y.md.j2:3"


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"{% include 'x.md.j2' %}"], ids=["none", "bytes", "itself"])
def test_a_template_that_cannot_be_read_is_told(templates: Path, content: bytes | None) -> None:
    if content is not None:
        (templates / "x.md.j2").write_bytes(content)
    with pytest.raises(RenderError) as told:
        render_page(Page(path="x.md", template="x.md.j2", shows={}), "en")
    assert told.value.where == "x.md.j2:1"


def test_a_page_does_not_say_that_a_file_without_tensors_holds_nothing_but_tensors() -> None:
    subject = control("control-xs", "convnextpose-xs")
    assert subject.fingerprint is not None
    bare = replace(subject.fingerprint, tensors=(), objects=(), globals=(), weights_digest=None, layout_digest=None)
    identification = replace(absent_checkpoint().identification, status="UNKNOWN", architecture=None, basis="none")
    page = subject_page(replace(subject, fingerprint=bare, identification=identification, evaluation=None), ())
    text = render_page(page, "en").decode()
    assert "Nothing but tensors" not in text
    assert "not every tensor of the model" not in text
    assert "no evidence about the contents" not in text
    assert "no tensor that belongs to a model" in text

"""What the command prints: complete in each language, and inert."""

from __future__ import annotations

import io

import msgspec
import pytest
from msgspec.structs import replace
from render.report_builder import build_report, control, damaged_checkpoint, layout
from rich.console import Console

from generators.model.finding import Finding
from generators.model.inspection import Inspection
from generators.render.catalog import LOCALES
from generators.render.terminal import show_evaluation, show_inspection, show_verdicts

HOSTILE = "\x1b]0;owned\x07[red]\u202eevil"


def _console() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=400), text


def _inspection(**changes: object) -> Inspection:
    subject = damaged_checkpoint()
    assert subject.fingerprint is not None
    fields = {f.name: getattr(subject.fingerprint, f.name) for f in msgspec.structs.fields(subject.fingerprint)}
    return Inspection(**(fields | {"identification": subject.identification} | changes))


@pytest.mark.parametrize("language", LOCALES)
def test_an_inspection_is_told_in_every_language(language: str) -> None:
    console, text = _console()
    show_inspection(_inspection(), language, console)
    told = text.getvalue()
    assert "convnextpose-xs" in told
    label = {"en": "Digest of the layout", "es": "Digest de la disposición", "ko": "레이아웃 다이제스트"}[language]
    assert label in told


@pytest.mark.parametrize("language", LOCALES)
def test_the_layout_is_told_in_every_language(language: str) -> None:
    console, text = _console()
    show_inspection(_inspection(layout=replace(layout(), model_key=HOSTILE)), language, console)
    told = text.getvalue()
    assert "Adam / AdamW (exp_avg)" in told
    assert "embed.weight = head.weight" in told
    assert {"en": "running average", "es": "promedio móvil", "ko": "이동 평균"}[language] in told
    assert not {"\x1b", "\u202e"} & set(told)


def test_an_inspection_recorded_before_layouts_were_is_told() -> None:
    console, text = _console()
    show_inspection(_inspection(layout=None), "en", console)
    assert "Tied weights" not in text.getvalue()


@pytest.mark.parametrize("language", LOCALES)
def test_an_evaluation_is_told_in_every_language_run_or_not(language: str) -> None:
    console, text = _console()
    show_evaluation(control("control-xs", "convnextpose-xs"), language, console)
    assert "convnextpose-xs" in text.getvalue()
    console, text = _console()
    show_evaluation(damaged_checkpoint(), language, console)
    assert len(text.getvalue().splitlines()) == 2


@pytest.mark.parametrize("language", LOCALES)
def test_numerics_speed_and_operations_are_told_in_every_language(language: str) -> None:
    console, text = _console()
    show_evaluation(control("control-xs", "convnextpose-xs"), language, console)
    told = text.getvalue()
    assert "ptflops 0.7.5" in told
    assert {"en": "3.25 mm", "es": "3,25 mm", "ko": "3.25 mm"}[language] in told
    assert {"en": "too old", "es": "demasiado antiguo", "ko": "오래되었습니다"}[language] in told
    assert "90" in told
    assert "GFLOP/s" in told


def test_what_torch_says_reaches_the_terminal_spelled_out() -> None:
    subject = control("control-xs", "convnextpose-xs")
    assert subject.evaluation is not None
    assert subject.evaluation.device is not None
    assert subject.evaluation.numerics is not None
    comparison = replace(subject.evaluation.numerics.comparisons[-1], detail=HOSTILE)
    evaluation = replace(
        subject.evaluation,
        device=replace(subject.evaluation.device, without_cuda_detail=HOSTILE),
        numerics=replace(subject.evaluation.numerics, comparisons=(comparison,)),
    )
    console, text = _console()
    show_evaluation(replace(subject, evaluation=evaluation), "en", console)
    assert not {"\x1b", "\x07", "\u202e"} & set(text.getvalue())
    assert "[red]" in text.getvalue()


@pytest.mark.parametrize("language", LOCALES)
def test_every_verdict_has_its_line(language: str) -> None:
    report = build_report()
    console, text = _console()
    show_verdicts(report, language, console)
    assert len(text.getvalue().splitlines()) == len(report.verdicts) + 2


def test_hostile_text_reaches_the_terminal_spelled_out() -> None:
    finding = Finding(code="storage-missing", severity="error", where=HOSTILE, expected=HOSTILE, found=HOSTILE)
    console, text = _console()
    show_inspection(_inspection(findings=(finding,), globals=(HOSTILE,)), "en", console)
    told = text.getvalue()
    assert not {"\x1b", "\x07", "\u202e"} & set(told)
    assert "[red]" in told

from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from render.accuracy_builder import P1, figure, measured, measured_checkpoint, run, untested
from render.report_builder import absent_checkpoint
from rich.console import Console

from generators.model.evidence import SubjectEvidence
from generators.render.catalog import LOCALES
from generators.render.terminal_accuracy import show_accuracy


def printed(subject: SubjectEvidence, language: str = "en") -> str:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    show_accuracy(subject, language, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("language", LOCALES)
def test_figures_actions_and_comparisons_are_printed(language: str) -> None:
    accuracy = measured(figures=(figure(51.05), figure(30.0, P1.id)))
    shown = printed(measured_checkpoint(accuracy), language).replace(",", ".")
    for text in ("h36m-p2-mpjpe", "51.20 mm", "48.70 mm - 53.95 mm", "WalkDog", "51.05 mm", "30.00 mm"):
        assert text in shown
    assert len(shown.splitlines()) > 15


def test_actions_without_images_are_left_out() -> None:
    made = run()
    empty = replace(made, actions=(replace(made.actions[0], images=0, error_mm=None), *made.actions[1:]))
    shown = printed(measured_checkpoint(measured(empty)))
    assert made.actions[0].name not in shown
    assert made.actions[1].name in shown


def test_other_data_are_told() -> None:
    shown = printed(measured_checkpoint(measured(run(recognised=False, whole=False), recognised=False)))
    assert "not recognised" in shown


@pytest.mark.parametrize("language", LOCALES)
def test_why_nothing_was_measured_is_printed_inert(language: str) -> None:
    subject = replace(absent_checkpoint(), accuracy=untested("load-refused", detail="-a\x1b[31mred"))
    shown = printed(subject, language)
    assert "\x1b" not in shown
    assert "red" in shown
    assert len(printed(replace(absent_checkpoint(), accuracy=None), language).splitlines()) == 2

from __future__ import annotations

import pytest

from generators.errors import ExecutorError
from generators.pipeline.executing import choice
from generators.pipeline.executing.choice import Dask, Inline, Processes, choose, parse_executor


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "cores", lambda: 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("inline", Inline()),
        ("processes", Processes(workers=4)),
        ("processes:1", Processes(workers=1)),
        ("processes:256", Processes(workers=256)),
        ("dask://host:8786", Dask(address="host:8786")),
        ("dask://10.0.0.1:8786/", Dask(address="10.0.0.1:8786")),
        ("dask://[::1]:8786", Dask(address="[::1]:8786")),
    ],
)
def test_each_form_names_a_place(text: str, expected: object) -> None:
    assert parse_executor(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "Inline", "inline\n", "processes:0", "processes:257", "processes:-1", "processes:2.0"),
        *("dask://host", "dask://host:99999", "dask:host:1", "tcp://host:1", "dask://a b:1", "dask://me:word@host:1"),
    ],
)
def test_anything_else_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ExecutorError) as caught:
        parse_executor(text)
    assert (caught.value.code, "processes:N" in caught.value.remedy) == ("unknown-executor", True)


def test_the_option_goes_before_the_variable() -> None:
    environment = {"ASSAY_EXECUTOR": "processes:3"}
    assert choose("", environment, 5, 0.0) == Processes(workers=3)
    assert choose("inline", environment, 5, 100.0) == Inline()


def test_unasked_a_short_work_is_done_here_and_a_long_one_by_as_many_as_have_something_to_do() -> None:
    assert choose("", {}, 500, choice.WORTHWHILE_SECONDS - 1) == Inline()
    assert choose("", {}, 500, choice.WORTHWHILE_SECONDS) == Processes(workers=4)
    assert choose("", {}, 3, 100.0) == Processes(workers=3)
    assert choose("", {}, 1, 100.0) == Inline()


def test_nothing_to_do_needs_no_workers_even_where_they_are_asked_for() -> None:
    assert choose("processes:8", {}, 0, 0.0) == Inline()
    with pytest.raises(ExecutorError):
        choose("nonsense", {}, 0, 0.0)


def test_one_core_works_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "cores", lambda: 1)
    assert choose("", {}, 500, 1000.0) == Inline()

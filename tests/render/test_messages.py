from __future__ import annotations

import ast

import pytest

from generators.render.messages import codes_of_module


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('Finding(code="a-b", severity="note")', {("finding", "a-b")}),
        ('Finding(code="a" if x else "b")', {("finding", "a"), ("finding", "b")}),
        ("""Finding(code=f"too-{'deep' if x else 'large'}")""", {("finding", "too-deep"), ("finding", "too-large")}),
        ('code = "a" if x else "b"\nFinding(code=code)', {("finding", "a"), ("finding", "b")}),
        ('raise PickleDefectError("cut", "x")', {("finding", "cut")}),
        (
            'class R:\n def report(self, code: str):\n  Finding(code=code)\n def go(self):\n  self.report("a")',
            {("finding", "a")},
        ),
        ('def report(code): ...\nreport("a")', set()),
        ('Unavailable(reason="gone")', {("unavailable", "gone")}),
        ('replace(x, reason="load-refused")', {("evaluation", "load-refused")}),
        ("replace(x, size=3)", set()),
        ('Setting(name="dims", value=1)', {("setting", "dims")}),
    ],
)
def test_codes_are_read_from_the_calls_that_make_them(source: str, expected: set[tuple[str, str]]) -> None:
    assert set(codes_of_module(ast.parse(source))) == expected

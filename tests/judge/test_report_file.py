from __future__ import annotations

from pathlib import Path

import pytest

from generators.errors import ClaimError
from generators.judge import read_report

PROJECT = Path(__file__).resolve().parents[2]

HEAD = """report-version = 1
[[source]]
key = "S"
title = "t"
address = "https://x"
pinned = "1"
licence = ""
"""
PROTOCOL = """
[[protocol]]
id = "p"
metric = "MPJPE"
dataset = "D"
subjects = "S9"
alignment = "root"
"""
CLAIM = """
[[claim]]
id = "one"
number = 1
source = "S"
locator = "l"

  [[claim.check]]
  id = "c"
  subject = "s"
  quantity = "/a"
  comparator = "equals"
  expected = 1
"""


def test_the_first_report_has_the_twelve_claims_in_their_order() -> None:
    report = read_report(PROJECT / "docs" / "reports" / "convnextpose.toml")
    assert [claim.number for claim in report.claims] == list(range(1, 13))
    assert len({claim.id for claim in report.claims}) == 12
    assert len(report.hypotheses) == 3
    assert {f.architecture for f in report.figures if not f.second_hand} == {"convnextpose-m", "convnextpose-l"}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (HEAD.replace("= 1\n", "= 9\n", 1), "unknown-version", 1),
        (HEAD + CLAIM + '  colour = "red"\n', "unknown-key", 21),
        (HEAD + CLAIM.replace('"equals"', '"smells-like"'), "wrong-value", 19),
        (HEAD + CLAIM.replace('quantity = "/a"', 'quantity = "a"'), "wrong-value", 18),
        (HEAD + CLAIM.replace("  expected = 1\n", ""), "check-incomplete", 15),
        (
            HEAD + CLAIM.replace('"equals"', '"within"').replace("expected = 1", 'expected = "a"'),
            "expected-not-a-number",
            20,
        ),
        (HEAD + PROTOCOL + 'assumed = ["flip_test"]\nlocator = "c"\n' + CLAIM, "assumed-unset", 15),
        (HEAD + PROTOCOL + 'flip-test = true\nassumed = ["flip_test"]\n' + CLAIM, "assumed-nowhere", 9),
        (HEAD + PROTOCOL + 'assumed = ["weather"]\n' + CLAIM, "wrong-value", 15),
        (HEAD + PROTOCOL.replace('"root"', '"rigid-no-scale"') + CLAIM, "metric-and-alignment", 14),
        (HEAD + PROTOCOL + "frame-step = 0\n" + CLAIM, "wrong-value", 15),
        (
            HEAD + CLAIM.replace('"equals"', '"within"').replace("expected = 1", "expected = nan"),
            "expected-not-a-number",
            20,
        ),
        (HEAD + CLAIM + "  tolerance = inf\n", "wrong-value", 21),
        (HEAD + CLAIM.replace('source = "S"', 'source = "Z"'), "unknown-reference", 12),
        (HEAD + CLAIM + '  protocol = "p"\n', "unknown-reference", 21),
        (HEAD + CLAIM + CLAIM, "duplicate-id", 22),
        (
            HEAD + CLAIM.replace('"equals"', '"at-least"').replace("expected = 1", f"expected = {10**400}"),
            "expected-not-a-number",
            20,
        ),
        (HEAD + CLAIM.replace("expected = 1", "expected = " + "9" * 5000), "not-toml", 20),
        (HEAD + CLAIM.replace("expected = 1", "expected = " + "[" * 5000), "not-toml", 20),
        (HEAD + CLAIM.replace('id = "one"', 'id = "one\\n"'), "wrong-value", 10),
        (HEAD + CLAIM.partition("  [[claim.check]]")[0] + "check = []\n", "wrong-value", 15),
    ],
)
def test_each_mistake_is_told_with_its_line_and_a_remedy(tmp_path: Path, text: str, code: str, line: int) -> None:
    path = tmp_path / "r.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ClaimError) as caught:
        read_report(path)
    assert caught.value.code == code
    assert caught.value.where == f"{path}:{line}"
    assert caught.value.remedy

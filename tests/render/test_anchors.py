from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from render.hostile import HOSTILE
from render.report_builder import build_report, damaged_checkpoint

from generators.model.finding import Finding
from generators.render.evidence_places import checks_on
from generators.render.links import finding_anchors, tensor_anchors

SUBJECT = damaged_checkpoint()
assert SUBJECT.fingerprint
TENSOR = SUBJECT.fingerprint.model_tensors[0]


def test_a_tensor_is_found_at_its_own_name() -> None:
    assert tensor_anchors([replace(TENSOR, model_name="stages.0.weight")]) == ("tensor-stages.0.weight",)


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_tensor_is_called_its_anchor_is_harmless(name: str) -> None:
    (anchor,) = tensor_anchors([replace(TENSOR, name=name, model_name="")])
    assert re.fullmatch(r"tensor-[A-Za-z0-9._-]+", anchor)
    assert len(anchor) <= 130


def test_the_same_name_twice_has_two_anchors() -> None:
    anchors = tensor_anchors([TENSOR, TENSOR, TENSOR])
    assert len(set(anchors)) == 3


def test_the_anchor_of_a_finding_stays_while_others_come_and_go() -> None:
    one, other = (Finding(code="a-code", severity="error", where=where) for where in ("<b>", "elsewhere"))
    assert finding_anchors([one])[0] == finding_anchors([other, one])[1]
    assert len(set(finding_anchors([one, other, one]))) == 3
    assert all(re.fullmatch(r"[a-z0-9-]+", anchor) for anchor in finding_anchors([one, other]))


def test_each_check_stands_on_the_page_it_rests_on_and_on_no_other() -> None:
    report = build_report()
    pages = (
        "sources.md",
        "expected.md",
        "lineage.md",
        "index.md",
        *(f"checkpoints/{s.id}.md" for s in report.subjects),
    )
    listed = [check.result.check for page in pages for check in checks_on(page, report)]
    resting = [r.check for v in (*report.verdicts, *report.hypotheses, *report.steps) for r in v.results]
    assert sorted(c.quantity for c in listed) == sorted(c.quantity for c in resting if c.quantity)

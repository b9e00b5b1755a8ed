from __future__ import annotations

from pathlib import Path

import pytest
from exports.sample import expect, export, hostile_words, words
from junitparser import Failure, JUnitXml, Skipped
from lxml import etree

from generators.exports.junit import junit_xml
from generators.model.exports import Expectation, ReportWords
from generators.render.catalog import LOCALES

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


def read(expectations: tuple[Expectation, ...] = (), told: ReportWords | None = None) -> JUnitXml:
    """Write the report, hold it against the schema, and read it as a test reporter would."""
    data = junit_xml(export(expectations), told or words())
    SCHEMA.assertValid(etree.fromstring(data))
    return JUnitXml.fromstring(data)


def results(report: JUnitXml) -> dict[str, str]:
    (suite,) = report
    return {case.name: type(case.result[0]).__name__ if case.result else "passed" for case in suite}


def test_without_expectations_what_is_refuted_fails_and_what_is_open_is_skipped() -> None:
    report = read()
    assert results(report) == {
        "m-l-missing": "Failure",
        "s-is-xs": "Skipped",
        "xs-dims": "Failure",
        "m-figures": "passed",
        "no-open-issue": "Skipped",
    }
    assert (report.tests, report.failures, report.skipped, report.errors) == (5, 2, 2, 0)


def test_what_its_owner_expected_passes_a_refuted_claim_too() -> None:
    found = results(read((expect("m-l-missing", "refuted"), expect("no-open-issue", "cannot-tell"))))
    assert found["m-l-missing"] == found["no-open-issue"] == "passed"
    assert found["xs-dims"] == "Failure"


def test_an_unexpected_support_fails_and_says_what_was_expected() -> None:
    (suite,) = read((expect("m-figures", "refuted"),))
    (case,) = (case for case in suite if case.name == "m-figures")
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert failure.type == "supported"
    assert "(!= refuted)" in failure.message


def test_a_skipped_claim_says_why() -> None:
    (suite,) = read()
    (case,) = (case for case in suite if case.name == "s-is-xs")
    (skipped,) = case.result
    assert isinstance(skipped, Skipped)
    assert skipped.message.startswith("untested: ")
    assert "The file is not here" in skipped.text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_report_speaks_every_language(locale: str) -> None:
    (suite,) = read(told=words(locale))
    told = {claim.id: claim for claim in words(locale).claims}
    assert {case.name: case.result[0].message for case in suite if case.result} == {
        name: f"{told[name].outcome}: {told[name].title}"
        for name in ("m-l-missing", "s-is-xs", "xs-dims", "no-open-issue")
    }


def test_text_that_xml_cannot_hold_is_spelled_out_and_closes_no_element() -> None:
    (suite,) = read(told=hostile_words())
    case = next(iter(suite))
    text = case.result[0].text
    assert "⟨U+0000⟩⟨U+001B⟩[31m]]></failure></script>" in text
    assert "⟨U+FFFE⟩" in text

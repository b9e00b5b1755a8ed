"""The verdicts as JUnit XML: a test case a claim.

Passed is what stands as its owner expects, or holds where nothing is expected.
Failed is a verdict other than the expected one, and a refuted claim of which
nothing is expected. Skipped is what wasn't decided. Nothing is timed, so no
element has a time.

Source: no standard; the elements and attributes are those that Jenkins' junit-10.xsd, GitLab and GitHub's reporters
read.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from generators.exports.expectations import result_of
from generators.exports.xml_text import xml_bytes, xml_text
from generators.model.exports import ClaimVerdict, ClaimWords, ReportWords, VerdictsExport


def junit_xml(verdicts: VerdictsExport, words: ReportWords) -> bytes:
    """Return the test report in the language of the words."""
    counts = _counts(verdicts)
    root = Element("testsuites", {"name": "assay", **counts})
    moment = verdicts.build.date.removesuffix("+00:00")  # the schemas in use know no time zone
    suite = SubElement(root, "testsuite", {"name": verdicts.report, **counts, "timestamp": moment})
    properties = SubElement(suite, "properties")
    for name in ("version", "code_digest", "lock_sha256"):
        value = str(getattr(verdicts.build, name))
        SubElement(properties, "property", {"name": f"assay.{name}", "value": value})
    told = {claim.id: claim for claim in words.claims}
    for claim in verdicts.claims:
        _add_case(suite, verdicts.report, claim, told[claim.id])
    return xml_bytes(root)


def _counts(verdicts: VerdictsExport) -> dict[str, str]:
    results = [result_of(claim.standing) for claim in verdicts.claims]
    return {
        "tests": str(len(results)),
        "failures": str(results.count("failed")),
        "errors": "0",
        "skipped": str(results.count("skipped")),
    }


def _add_case(suite: Element, report: str, claim: ClaimVerdict, words: ClaimWords) -> None:
    case = SubElement(suite, "testcase", {"classname": f"assay.{report}", "name": claim.id})
    message = xml_text(f"{words.outcome}: {words.title}")
    body = xml_text("\n".join((words.sentence, *words.why)))
    match result_of(claim.standing):
        case "failed":
            failure = SubElement(case, "failure", {"message": _unexpected(claim, message), "type": claim.outcome})
            failure.text = body
        case "skipped":
            SubElement(case, "skipped", {"message": message}).text = body
        case "passed":
            SubElement(case, "system-out").text = "\n".join((message, body, *_reason(claim)))


def _unexpected(claim: ClaimVerdict, message: str) -> str:
    return f"{message} (!= {claim.expectation.outcome})" if claim.expectation else message


def _reason(claim: ClaimVerdict) -> tuple[str, ...]:
    return (xml_text(claim.expectation.reason),) if claim.expectation else ()

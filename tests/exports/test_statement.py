from __future__ import annotations

import json
from typing import Any

import pytest
from exports.sample import REPORT, expect, export
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from msgspec.structs import replace

from generators.errors import ClaimError
from generators.exports.statement import files_read, make_statement
from generators.model.evidence import SubjectEvidence
from generators.model.exports import Expectation
from generators.store import encode

CONFIGURATION = (("checkpoints.lock", "ab" * 32), ("docs/reports/convnextpose.toml", "cd" * 32))
EXPECTED = (
    expect("m-l-missing", "refuted"),
    expect("xs-dims", "refuted"),
    expect("no-open-issue", "cannot-tell"),
)


def statement(*expectations: Expectation, subjects: tuple[SubjectEvidence, ...] = REPORT.subjects) -> Any:
    made = make_statement(export(expectations), subjects, CONFIGURATION, "https://example.org/assay/")
    return json.loads(encode(made))


def checkpoint() -> SubjectEvidence:
    return next(s for s in REPORT.subjects if s.role == "checkpoint" and s.fingerprint is not None)


def test_the_reference_implementation_takes_the_statement_as_valid() -> None:
    message = ParseDict(statement(*EXPECTED), StatementMessage())
    Statement.copy_from_pb(message).validate()
    predicate = ParseDict(statement(*EXPECTED)["predicate"], test_result_pb2.TestResult())
    assert predicate.result == "WARNED"
    assert list(predicate.passed_tests) == ["m-l-missing", "xs-dims", "m-figures", "no-open-issue"]
    assert list(predicate.warned_tests) == ["s-is-xs"]
    assert list(predicate.failed_tests) == []
    assert [(one.name, dict(one.digest)) for one in predicate.configuration] == [
        (name, {"sha256": digest}) for name, digest in CONFIGURATION
    ]


def test_its_types_are_those_of_the_specification() -> None:
    made = statement()
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert made["predicate"]["url"] == "https://example.org/assay/"


def test_its_subjects_are_the_published_files_that_were_read_and_no_control() -> None:
    (subject,) = statement()["subject"]
    read = checkpoint()
    assert read.fingerprint is not None
    assert subject == {
        "name": read.title,
        "digest": {"sha256": read.fingerprint.file.sha256},
        "annotations": {"assay.id": read.id, "assay.evidence": "live"},
    }


def test_what_was_read_earlier_is_said_to_be_recorded() -> None:
    (subject,) = statement(subjects=(replace(checkpoint(), available=False),))["subject"]
    assert subject["annotations"]["assay.evidence"] == "recorded"


def test_two_files_of_one_title_have_names_of_their_own() -> None:
    names = [one.name for one in files_read([checkpoint(), replace(checkpoint(), id="another")])]
    assert names == [f"{checkpoint().id}/{checkpoint().title}", f"another/{checkpoint().title}"]


def test_another_file_in_the_place_of_a_published_one_is_no_subject() -> None:
    assert list(files_read([replace(checkpoint(), lock_match="contradicted")])) == []


def test_a_file_whose_index_alone_was_read_has_no_digest_and_is_no_subject() -> None:
    read = checkpoint()
    assert read.fingerprint is not None
    file = replace(read.fingerprint.file, sha256="")
    assert list(files_read([replace(read, fingerprint=replace(read.fingerprint, file=file))])) == []


def test_without_a_file_that_was_read_there_is_no_statement() -> None:
    controls = tuple(s for s in REPORT.subjects if s.role == "control")
    with pytest.raises(ClaimError, match="no published file was read") as caught:
        statement(subjects=controls)
    assert "assay fetch" in caught.value.remedy


@pytest.mark.parametrize(
    ("expectations", "result"),
    [
        ((), "FAILED"),
        (EXPECTED, "WARNED"),
        ((*EXPECTED, expect("s-is-xs", "untested")), "PASSED"),
        ((*EXPECTED, expect("m-figures", "refuted")), "FAILED"),
    ],
)
def test_its_result_follows_from_what_was_expected(expectations: tuple[Expectation, ...], result: str) -> None:
    assert statement(*expectations)["predicate"]["result"] == result

"""An in-toto statement: what the claims came to for the files that were read.

Source: in-toto attestation framework, ``spec/v1/statement.md``, ``spec/v1/resource_descriptor.md`` and
``spec/predicates/test-result.md`` (v0.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from generators.errors import ClaimError
from generators.exports.expectations import result_of
from generators.model.evidence import SubjectEvidence
from generators.model.exports import VerdictsExport

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
TEST_RESULT_TYPE = "https://in-toto.io/attestation/test-result/v0.1"


class Resource(Struct, frozen=True, kw_only=True):
    """A ResourceDescriptor: a file, by its digest. ``annotations`` says what kind of evidence it is."""

    name: str
    digest: dict[str, str]
    annotations: dict[str, str] | UnsetType = UNSET


class TestResult(Struct, frozen=True, kw_only=True, rename="camel"):
    """The predicate: claims by id. Warned of is what wasn't decided."""

    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: tuple[Resource, ...]
    passed_tests: tuple[str, ...]
    warned_tests: tuple[str, ...]
    failed_tests: tuple[str, ...]
    url: str | UnsetType = UNSET


class Statement(Struct, frozen=True, kw_only=True, rename="camel"):
    """The statement."""

    type: str = field(name="_type", default=STATEMENT_TYPE)
    subject: tuple[Resource, ...]
    predicate_type: str = TEST_RESULT_TYPE
    predicate: TestResult


def files_read(subjects: Sequence[SubjectEvidence]) -> Iterator[Resource]:
    """Yield the published files whose every byte was read, now or earlier.

    A control is Assay's own and nobody's release; another file in a published one's place isn't that one. Two files of
    one title are told apart by their ids: names in a statement should be unique.
    """
    titles = Counter(subject.title for subject in subjects)
    for subject in subjects:
        fingerprint = subject.fingerprint
        if subject.role != "checkpoint" or subject.lock_match == "contradicted" or fingerprint is None:
            continue
        if fingerprint.file.sha256:
            kind = "live" if subject.available else "recorded"
            annotations = {"assay.id": subject.id, "assay.evidence": kind}
            name = subject.title if titles[subject.title] == 1 else f"{subject.id}/{subject.title}"
            yield Resource(name=name, digest={"sha256": fingerprint.file.sha256}, annotations=annotations)


def make_statement(
    verdicts: VerdictsExport,
    subjects: Sequence[SubjectEvidence],
    configuration: Sequence[tuple[str, str]],
    address: str = "",
) -> Statement:
    """Return the statement about the files that were read.

    Args:
        verdicts: What each claim came to.
        subjects: All entries of the lock.
        configuration: What decided what was tried: each file's name and SHA-256.
        address: Where the report is published; empty where that isn't known.

    Raises:
        ClaimError: No published file was read: there is nothing to make a statement about.
    """
    files = tuple(files_read(subjects))
    if not files:
        raise ClaimError(
            "nothing-read",
            "no published file was read, so a statement would have no subject",
            remedy="get the files with `assay fetch`, or put them into checkpoints/<id>/",
        )
    tests: dict[str, list[str]] = {"passed": [], "skipped": [], "failed": []}
    for claim in verdicts.claims:
        tests[result_of(claim.standing)].append(claim.id)
    return Statement(
        subject=files,
        predicate=TestResult(
            result="FAILED" if tests["failed"] else "WARNED" if tests["skipped"] else "PASSED",
            configuration=tuple(Resource(name=name, digest={"sha256": digest}) for name, digest in configuration),
            passed_tests=tuple(tests["passed"]),
            warned_tests=tuple(tests["skipped"]),
            failed_tests=tuple(tests["failed"]),
            url=address or UNSET,
        ),
    )

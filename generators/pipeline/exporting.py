"""A judged report to files in the formats of others, in one language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from generators.exports.badge import make_badge
from generators.exports.claim_review import claim_reviews
from generators.exports.expectations import read_expectations
from generators.exports.feed import FEED_PATH, atom_feed
from generators.exports.junit import junit_xml
from generators.exports.statement import files_read, make_statement
from generators.exports.tensors import tensors_csv
from generators.exports.verdicts import export_verdicts, verdicts_schema
from generators.lock import LOCK_NAME
from generators.model.evidence import Report, ReportEvidence, SubjectEvidence
from generators.model.exports import Expectation, ReportWords, VerdictsExport
from generators.model.history import VerdictHistory
from generators.pipeline.project import REPORTS
from generators.render.links import claim_place
from generators.render.markup import show_invisible
from generators.render.words import feed_entries, report_words
from generators.store import encode

EXPECTATIONS = Path("docs") / "expectations"
FOLDER = "exports"
"""Where a site has its exports; the feed lies at its root."""
LONGEST_NAME = 10_000
"""Characters of a tensor's name that a table holds."""


class ExportInputs(Struct, frozen=True, kw_only=True):
    """What all exports of a report are made of, in every language.

    Attributes:
        evidence: The judged report.
        verdicts: What it came to, with what was expected.
        history: Verdicts as they were recorded; None where none were.
        configuration: What decided what was tried: each file's name and SHA-256.
    """

    evidence: ReportEvidence
    verdicts: VerdictsExport
    history: VerdictHistory | None
    configuration: tuple[tuple[str, str], ...]


def expected_verdicts(root: Path, report: Report) -> tuple[Expectation, ...]:
    """Return what a report's owner expects of its claims; asked before evidence is collected, which can take minutes.

    Raises:
        ClaimError: The file of expectations is wrong.
    """
    return read_expectations(root / EXPECTATIONS / f"{report.id}.toml", tuple(claim.id for claim in report.claims))


def gather_inputs(
    root: Path, evidence: ReportEvidence, expectations: tuple[Expectation, ...], history: VerdictHistory | None
) -> ExportInputs:
    """Return what the exports of a report are made of."""
    report = evidence.report
    files = (Path(LOCK_NAME), REPORTS / f"{report.id}.toml", EXPECTATIONS / f"{report.id}.toml")
    return ExportInputs(
        evidence=evidence,
        verdicts=export_verdicts(evidence, expectations, claim_pages(evidence)),
        history=history,
        configuration=tuple((file.as_posix(), _sha256(root / file)) for file in files if (root / file).exists()),
    )


def claim_pages(evidence: ReportEvidence) -> dict[str, str]:
    """Return the address of each claim's verdict, from the start of the site."""
    return {verdict.claim.id: claim_place(verdict.claim.id) for verdict in evidence.verdicts}


def shared_files(inputs: ExportInputs) -> Iterator[tuple[str, bytes]]:
    """Yield the files that are the same in every language: their paths in the site and what they hold."""
    yield f"{FOLDER}/verdicts.json", encode(inputs.verdicts)
    yield f"{FOLDER}/verdicts.schema.json", verdicts_schema()
    for subject in inputs.evidence.subjects:
        if subject.fingerprint is not None:
            yield tensors_path(subject.id), export_tensors(subject)


def language_files(inputs: ExportInputs, locale: str, address: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one language.

    Args:
        inputs: What they are made of.
        locale: The language.
        address: Where the language's site is published, ending with ``/``; empty where that isn't known.
    """
    words = words_of(inputs, locale)
    yield f"{FOLDER}/junit.xml", export_junit(inputs, words)
    yield f"{FOLDER}/badge.json", export_badge(inputs, words)
    yield FEED_PATH, export_feed(inputs, words, address)
    if has_statement(inputs):
        yield f"{FOLDER}/statement.json", export_statement(inputs, address)


def has_statement(inputs: ExportInputs) -> bool:
    """Tell whether a published file was read, so that a statement has a subject."""
    return any(True for _ in files_read(inputs.evidence.subjects))


def tensors_path(subject_id: str) -> str:
    """Return the path of a table of tensors in the site."""
    return f"{FOLDER}/tensors-{subject_id}.csv"


def export_tensors(subject: SubjectEvidence) -> bytes:
    """Return a subject's tensors as CSV; the header alone where its file was never read."""
    tensors = subject.fingerprint.tensors if subject.fingerprint else ()
    return tensors_csv(tensors, _spell)


def words_of(inputs: ExportInputs, locale: str) -> ReportWords:
    """Return the words of a language, which several exports share."""
    return report_words(inputs.evidence, locale)


def export_junit(inputs: ExportInputs, words: ReportWords) -> bytes:
    """Return the test report."""
    return junit_xml(inputs.verdicts, words)


def export_badge(inputs: ExportInputs, words: ReportWords) -> bytes:
    """Return the badge."""
    return encode(make_badge(inputs.evidence.tally, words))


def export_feed(inputs: ExportInputs, words: ReportWords, address: str) -> bytes:
    """Return the feed of verdicts that changed."""
    evidence = inputs.evidence
    entries = feed_entries(evidence, inputs.history, words.locale)
    return atom_feed(evidence.report.id, words, entries, address, evidence.build.version)


def export_claim_reviews(inputs: ExportInputs, locale: str, address: str) -> str:
    """Return the verdicts as JSON-LD that can stand in a ``<script>`` element."""
    evidence = inputs.evidence
    return claim_reviews(evidence, words_of(inputs, locale), claim_pages(evidence), address, inputs.history)


def export_statement(inputs: ExportInputs, address: str) -> bytes:
    """Return the in-toto statement.

    Raises:
        ClaimError: No published file was read.
    """
    return encode(make_statement(inputs.verdicts, inputs.evidence.subjects, inputs.configuration, address))


def _spell(text: str) -> str:
    if (
        text.isascii() and text.isprintable() and " " not in text
    ):  # most of thousands; looking at each letter takes time
        return text
    return show_invisible(text, LONGEST_NAME)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

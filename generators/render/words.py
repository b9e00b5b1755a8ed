"""The words of exports: a report's sentences in one language, as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from generators.model.claim import Outcome, Tally, Verdict
from generators.model.evidence import ReportEvidence
from generators.model.exports import ClaimWords, FeedEntry, ReportWords
from generators.model.history import ClaimState, VerdictFlip, VerdictHistory, VerdictRecord
from generators.render.catalog import Catalog, load_catalog
from generators.render.inline_text import plain_text, result_text
from generators.render.links import claim_place
from generators.render.values import Values

_BETWEEN = " · "


def report_words(evidence: ReportEvidence, locale: str) -> ReportWords:
    """Return the words of a report.

    Raises:
        CatalogError: The language lacks a message.
    """
    catalog = load_catalog(locale)
    return ReportWords(
        locale=locale,
        question=catalog.message("report", f"{evidence.report.id}.question"),
        description=catalog.message("frame", "description"),
        tally=_tally_text(_counts_of(evidence.tally), catalog),
        claims=tuple(_claim_words(verdict, catalog) for verdict in evidence.verdicts),
    )


def feed_entries(evidence: ReportEvidence, history: VerdictHistory | None, locale: str) -> tuple[FeedEntry, ...]:
    """Return what a feed tells, newest first: each verdict that changed, and the state that was recorded first.

    Where nothing is recorded yet, it tells the present state.

    Raises:
        CatalogError: The language lacks a message.
    """
    catalog = load_catalog(locale)
    records = history.records if history else ()
    if not records:
        state = _tally_text(_counts_of(evidence.tally), catalog)
        return (_entry("state", evidence.build.date, catalog.message("feed", "state"), state),)
    changes = [entry for record in reversed(records[1:]) for entry in _changes(record, catalog)]
    return (*changes, _first(records[0], catalog))


def _claim_words(verdict: Verdict, catalog: Catalog) -> ClaimWords:
    claim, values = verdict.claim, Values(catalog)
    return ClaimWords(
        id=claim.id,
        title=catalog.message("claim-title", claim.id),
        sentence=catalog.message("claim", claim.id),
        outcome=catalog.message("outcome", verdict.outcome),
        why=tuple(result_text(claim, result, catalog, values) for result in verdict.decisive),
    )


def _changes(record: VerdictRecord, catalog: Catalog) -> Iterator[FeedEntry]:
    for flip in record.flips:
        before, after = _outcome(flip.before, "new", catalog), _outcome(flip.after, "gone", catalog)
        title = f"{_title(flip, catalog)}: {before} → {after}"
        causes = [catalog.message("feed-cause", cause) for cause in flip.causes]
        text = " ".join([f"{title}.", *(causes or [catalog.message("feed", "no-cause")])])
        shown = flip.claim if flip.after else ""
        yield _entry(f"{record.recorded_at}/{flip.claim}", record.recorded_at, title, text, claim=shown)


def _first(record: VerdictRecord, catalog: Catalog) -> FeedEntry:
    text = _tally_text(_counts_recorded(record.claims), catalog)
    return _entry(f"{record.recorded_at}/first", record.recorded_at, catalog.message("feed", "first"), text)


def _entry(key: str, updated: str, title: str, text: str, *, claim: str = "") -> FeedEntry:
    return FeedEntry(key=key, updated=updated, title=title, text=text, page=claim_place(claim))


def _title(flip: VerdictFlip, catalog: Catalog) -> str:
    """Return a claim's title; its id where the claim is gone and nobody knows its title any more."""
    if ("claim-title", flip.claim) in catalog.forms:
        return catalog.message("claim-title", flip.claim)
    return plain_text(flip.claim)


def _outcome(outcome: Outcome | None, otherwise: str, catalog: Catalog) -> str:
    return catalog.message("outcome", outcome) if outcome else catalog.message("feed", otherwise)


def _counts_of(tally: Tally) -> dict[Outcome, int]:
    return {
        "refuted": tally.refuted,
        "supported": tally.supported,
        "cannot-tell": tally.cannot_tell,
        "untested": tally.untested,
    }


def _counts_recorded(claims: tuple[ClaimState, ...]) -> dict[Outcome, int]:
    outcomes = [claim.outcome for claim in claims]
    return {outcome: outcomes.count(outcome) for outcome in ("refuted", "supported", "cannot-tell", "untested")}


def _tally_text(counts: dict[Outcome, int], catalog: Catalog) -> str:
    return _BETWEEN.join(f"{catalog.message('outcome', code)}: {count}" for code, count in counts.items() if count)

"""Pages of what was recorded: marked wherever it is shown, and held against what is found."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from render.hostile import HOSTILE
from render.page_check import ParsedPage, parse_page
from render.report_builder import build_report, control

from generators.judge.flips import claim_states
from generators.model.conditions import CodePart, Conditions, Library
from generators.model.evidence import Provenance, ReportEvidence, SubjectEvidence
from generators.model.history import FileState, VerdictFlip, VerdictHistory, VerdictRecord
from generators.model.measurements import Measurements
from generators.model.recorded import Drift
from generators.render.catalog import LOCALES, load_catalog
from generators.render.pages import MAX_TIMELINE, plan_pages, render_page

S = "convnextpose-s"
DATE = "2026-01-31T10:00:00+00:00"
DAYS = {"en": "January 31, 2026", "es": "31 de enero de 2026", "ko": "2026년 1월 31일"}
DRIFT = Drift(
    subject=S, pointer="/fingerprint/file/sha256", recorded="12" * 32, found="99" * 32, causes=("file", "lock")
)
NOTE = Drift(
    subject=S, pointer="/evaluation/output_mean", recorded="1.5", found="1.7", causes=("device",), severity="note"
)


def made_by(text: str = "word") -> Conditions:
    evaluation = control(S, S).evaluation
    assert evaluation is not None
    assert evaluation.device is not None
    return Conditions(
        version="0.1.0",
        code=(CodePart(name="reading", digest="0123456789ab"),),
        libraries=(Library(name="torch", version=text), Library(name="absent", version="")),
        device=replace(evaluation.device, name="Earlier CPU"),
        python="3.12.1",
        platform=text,
    )


def recorded_checkpoint() -> SubjectEvidence:
    provenance = Provenance(addresses=("https://example.org/s",), recorded_at=DATE, conditions=made_by())
    return replace(
        control(S, S),
        role="checkpoint",
        title="ConvNeXtPose_S.tar",
        kinds=("recorded",),
        available=False,
        unavailable_reason="not-fetched",
        provenance=provenance,
    )


def report() -> ReportEvidence:
    evidence = build_report()
    return replace(evidence, subjects=(recorded_checkpoint(), *evidence.subjects))


def rendered(path: str, evidence: ReportEvidence, measurements: Measurements, locale: str = "en") -> ParsedPage:
    page = next(page for page in plan_pages(evidence, measurements) if page.path == path)
    return parse_page(render_page(page, locale))


def text_of(path: str, measurements: Measurements | None = None, locale: str = "en") -> str:
    return "".join(rendered(path, report(), measurements or Measurements(), locale).text)


def state(date: str = DATE, flips: tuple[VerdictFlip, ...] = (), text: str = "word") -> VerdictRecord:
    return VerdictRecord(
        recorded_at=date,
        conditions=made_by(text),
        lock_sha256="ab" * 32,
        files=(FileState(subject=S, kinds=("recorded",), sha256="12" * 32, weights_digest=None),),
        claims=claim_states(build_report().verdicts),
        flips=flips,
    )


def history(*records: VerdictRecord, **changes: Any) -> Measurements:
    return Measurements(history=VerdictHistory(report="convnextpose", records=records), **changes)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_of_a_recorded_file_says_when_by_what_and_on_what_it_was_read(locale: str) -> None:
    text = text_of(f"checkpoints/{S}.md", locale=locale)
    assert DAYS[locale] in text
    reading = load_catalog(locale).message("code-part", "reading")
    for made in ("0.1.0", "Earlier CPU", "3.12.1", "torch word", f"{reading} 0123456789ab"):
        assert made in text, made
    assert "absent" not in text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "path", ["index.md", "checkpoints/index.md", "expected.md", "claims.md", "evaluation.md", "missing.md"]
)
def test_every_page_that_shows_a_recorded_file_has_its_date_or_its_kind(path: str, locale: str) -> None:
    page = rendered(path, report(), Measurements(), locale)
    kind = {"en": "recorded", "es": "registrad", "ko": "기록"}[locale]
    assert kind in "".join(page.text)
    if path != "missing.md":
        assert DAYS[locale] in "".join(page.text)


def test_a_recorded_file_is_marked_in_the_table_of_kinship() -> None:
    evidence = report()
    assert evidence.lineage is not None
    pair = replace(evidence.lineage.pairs[0], first=S)
    lineage = replace(evidence.lineage, pairs=(pair,))
    assert "recorded" in "".join(rendered("lineage.md", replace(evidence, lineage=lineage), Measurements()).text)
    assert "recorded" not in "".join(rendered("lineage.md", evidence, Measurements()).text)


def test_the_summary_does_not_say_that_a_recorded_files_bytes_were_never_read() -> None:
    text = text_of("index.md")
    assert "never from their bytes" not in text
    assert "Read byte by byte earlier, and recorded with the date: 1 of these." in text


def test_a_recorded_page_does_not_call_its_network_not_run() -> None:
    text = text_of(f"checkpoints/{S}.md")
    assert "The network was not run" not in text
    assert "Charts and tables show the recorded values" in text


def drifting(*drifts: Drift, held: tuple[tuple[str, str], ...] = ()) -> str:
    live = replace(recorded_checkpoint(), available=True, kinds=("live",), provenance=Provenance(origin="project"))
    evidence = replace(build_report(), subjects=(live, *build_report().subjects))
    return "".join(rendered(f"checkpoints/{S}.md", evidence, Measurements(drifts=drifts, held=held)).text)


def test_a_contradiction_is_told_on_the_subjects_page_with_both_values_and_the_causes() -> None:
    text = drifting(DRIFT, NOTE)
    assert "contradicted by what was found now, in 1 value." in text
    assert "12" * 32 in text
    assert "99" * 32 in text
    assert "the file, the list of files" in text
    assert f"assay record {S}" in text


def test_a_note_is_not_called_a_contradiction() -> None:
    text = drifting(NOTE)
    assert "is contradicted by" not in text
    assert "no more than another device" in text


def test_without_drift_nothing_is_said_of_it() -> None:
    assert "differs from the record" not in drifting()
    assert "differs from the record" not in drifting(replace(DRIFT, subject="another"))


def test_a_file_that_agrees_with_its_record_says_so_and_one_that_differs_does_not() -> None:
    agrees = "agrees with what was recorded of it on January 31, 2026"
    assert agrees in drifting(held=((S, DATE),))
    assert agrees not in drifting()
    assert agrees not in drifting(held=(("another", DATE),))
    assert agrees not in drifting(DRIFT, held=((S, DATE),))


def test_without_a_history_the_page_says_how_to_begin_one() -> None:
    text = text_of("history.md")
    assert "No verdicts were recorded" in text
    assert "assay record" in text


def test_one_record_is_called_one_and_no_flip_is_claimed() -> None:
    text = text_of("history.md", history(state(), is_recorded=True))
    assert "The verdicts were recorded once, on January 31, 2026" in text
    assert "the records begin here" in text
    assert "flipped." not in text


FLIP = VerdictFlip(claim="s-is-xs", before="untested", after="refuted", causes=("file", "code"))


def test_a_flip_stands_with_its_date_verdicts_and_causes() -> None:
    text = text_of("history.md", history(state(), state("2026-02-28T10:00:00+00:00", (FLIP,)), is_recorded=True))
    assert "in 2 states, the first on January 31, 2026" in text
    assert "Meanwhile, 1 verdict flipped." in text
    assert "untested → refuted What changed with it: the file, Assay's code." in text


def test_the_newest_states_stand_in_the_timeline_and_all_of_them_below() -> None:
    many = [state(f"2026-03-{day:02}T10:00:00+00:00") for day in range(1, MAX_TIMELINE + 3)]
    page = rendered("history.md", report(), history(*many))
    assert sum(anchor.startswith("state-") for anchor in page.anchors) == len(many)
    timeline = "".join(page.text).partition("State by state")[0]
    assert "March 3, 2026" in timeline
    assert "March 2, 2026" not in timeline.partition("The last 8 states")[2]


def test_a_verdict_that_is_not_recorded_yet_is_told_on_both_pages() -> None:
    changed = history(state(), unrecorded=(FLIP,))
    assert "Not recorded yet" in text_of("history.md", changed)
    assert "Not recorded yet. The last record says: untested." in text_of("claims.md", changed)
    assert "Not recorded yet." not in text_of("claims.md", history(state(), is_recorded=True))


def test_the_same_verdicts_on_other_files_are_told_as_that() -> None:
    assert "they rest on other files or reasons" in text_of("history.md", history(state()))


def test_a_claim_that_is_gone_is_shown_by_its_id() -> None:
    gone = VerdictFlip(claim="was-removed", before="refuted", after=None, causes=("claim",))
    assert "was-removed: refuted → no such claim" in text_of("history.md", history(state(), state(flips=(gone,))))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_tells_the_same_numbers_of_the_records(locale: str) -> None:
    measured = history(state(), state("2026-02-28T10:00:00+00:00", (FLIP,)), unrecorded=(FLIP,), drifts=(DRIFT, NOTE))
    for path in ("history.md", f"checkpoints/{S}.md", "claims.md", "index.md"):
        numbers = rendered(path, report(), measured, locale).numbers
        assert sorted(numbers) == sorted(rendered(path, report(), measured).numbers), path


def hostile_pages(text: str) -> list[ParsedPage]:
    drift = replace(DRIFT, pointer=text, recorded=text, found=text)
    subject = replace(recorded_checkpoint(), provenance=Provenance(recorded_at=DATE, conditions=made_by(text or "x")))
    evidence = replace(build_report(), subjects=(subject,))
    measured = history(state(text=text or "x"), drifts=(drift,), unrecorded=(FLIP,))
    return [rendered(path, evidence, measured) for path in ("history.md", f"checkpoints/{S}.md")]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_of_a_record_adds_no_element(text: str) -> None:
    assert [page.elements for page in hostile_pages(text)] == [page.elements for page in hostile_pages("word")]

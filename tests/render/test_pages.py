from __future__ import annotations

import json
import os
import posixpath
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from render.hostile import HOSTILE
from render.page_check import ParsedPage, front_matter, parse_page
from render.report_builder import (
    MemoryCache,
    absent_checkpoint,
    build_report,
    control,
    damaged_checkpoint,
    lineage,
    listings,
    whole_site,
)

from generators.errors import RenderError
from generators.exports.verdicts import export_verdicts
from generators.model.checkpoint import ObjectEntry
from generators.model.claim import Check
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.finding import Finding
from generators.model.identification import Candidate
from generators.model.listed import ListedPlace
from generators.pipeline.documents import DOCUMENT_PATH
from generators.pipeline.exporting import ExportInputs, claim_pages, language_files, shared_files
from generators.render.catalog import LOCALES
from generators.render.links import page_url
from generators.render.pages import (
    INDEX_PAGES,
    evidence_place,
    navigation,
    plan_pages,
    render_page,
    subject_page,
)

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "ASSAY_UPDATE_GOLDEN"
"""Set this variable to write the golden files anew; then read what changed."""
WITHOUT_FILE_TEXT = {"claims.md", "hypotheses.md", "next-steps.md"}
"""Pages that show no text of a subject."""
DOCS = Path(__file__).parents[2] / "docs" / "en"
AUTHORED = {"method.md", "glossary.md", "add-a-checkpoint.md"}


@pytest.fixture(scope="module")
def report() -> ReportEvidence:
    return build_report()


@pytest.fixture(scope="module")
def english(report: ReportEvidence) -> dict[str, bytes]:
    return {page.path: render_page(page, "en") for page in plan_pages(report)}


def test_every_page_is_as_it_was_last_read_by_a_person(english: dict[str, bytes]) -> None:
    if os.environ.get(UPDATE):
        for path, content in english.items():
            (GOLDEN / path).parent.mkdir(parents=True, exist_ok=True)
            (GOLDEN / path).write_bytes(content)
    kept = {path.relative_to(GOLDEN).as_posix(): path for path in GOLDEN.rglob("*.md")}
    assert kept.keys() == english.keys()
    for path, content in english.items():
        assert content.decode() == kept[path].read_text(encoding="utf-8"), f"{path}: set {UPDATE}=1 if this is meant"


def test_every_page_of_the_navigation_is_generated_or_authored(english: dict[str, bytes]) -> None:
    assert set(INDEX_PAGES.values()) - english.keys() == AUTHORED
    assert [path for entry in navigation("en") for path in entry.values()] == list(INDEX_PAGES.values())


def exported(report: ReportEvidence) -> set[str]:
    verdicts = export_verdicts(report, (), claim_pages(report))
    inputs = ExportInputs(evidence=report, verdicts=verdicts, history=None, configuration=())
    files = (*shared_files(inputs), *language_files(inputs, "en", ""))
    return {DOCUMENT_PATH, *(path for path, _ in files)}


def test_every_link_and_image_leads_somewhere(report: ReportEvidence) -> None:
    files = whole_site(report, MemoryCache())
    pages = {path: parse_page(content) for path, content in files.items() if path.endswith(".md")}
    authored = {path: parse_page((DOCS / path).read_bytes()) for path in AUTHORED}
    anchors = {page_url(path): page.anchors for path, page in (pages | authored).items()}
    evidence = {f"evidence/{name}.json" for name in ("report", "schema", *(s.id for s in report.subjects))}
    known = anchors.keys() | files.keys() | evidence | exported(report)
    for path, page in pages.items():
        for address in (*page.links, *page.images):
            if address.startswith("https://"):
                continue
            target, _, anchor = address.partition("#")
            place = posixpath.normpath(posixpath.join(page_url(path), target))
            folder = "" if place == "." else f"{place}/"
            assert place in known or folder in known, f"{path} -> {address}"
            if anchor and not anchor.startswith("only-"):
                assert anchor in anchors[folder if target else page_url(path)], f"{path} -> {address}"


def test_every_anchor_is_unique_and_every_heading_has_one_of_its_own(english: dict[str, bytes]) -> None:
    for path, content in english.items():
        page = parse_page(content)
        assert len(page.anchors) == len(set(page.anchors)), path
        headings = [line for line in content.decode().splitlines() if line.startswith("#")]
        assert all(line.rstrip().endswith("}") and "{: #" in line for line in headings), path


def test_every_title_is_one_quoted_line(english: dict[str, bytes]) -> None:
    for content in english.values():
        key, _, value = front_matter(content).splitlines()[0].partition(": ")
        assert key == "title"
        assert isinstance(json.loads(value), str)


def test_no_page_hides_anything_in_a_comment(english: dict[str, bytes]) -> None:
    assert all(parse_page(content).comments == [] for content in english.values())


def test_a_control_says_that_it_is_a_stand_in(english: dict[str, bytes]) -> None:
    assert b"role-control" in english["checkpoints/control-xs.md"]
    assert b"stand-in" in english["checkpoints/control-xs.md"]
    assert b"assay-banner" not in english["checkpoints/convnextpose-xs.md"]


def test_a_file_that_is_not_here_is_on_the_page_of_missing_files(english: dict[str, bytes]) -> None:
    page = "".join(parse_page(english["missing.md"]).text)
    assert "ConvNeXtPose_M.tar" in page
    assert "checkpoints/convnextpose-m/" in page
    assert "ConvNeXtPose_XS.tar" not in page


def test_with_every_file_here_nothing_is_missing(report: ReportEvidence) -> None:
    complete = replace(report, subjects=(damaged_checkpoint(),))
    page = next(page for page in plan_pages(complete) if page.path == "missing.md")
    assert b"Nothing is missing" in render_page(page, "en")


@pytest.mark.parametrize("path", ["index.md", "expected.md", "missing.md", "checkpoints/index.md"])
def test_another_file_in_the_place_of_the_official_one_is_nowhere_taken_for_it(
    report: ReportEvidence, path: str
) -> None:
    file = damaged_checkpoint()
    found = replace(file.identification, architecture="rootnet-resnet50")
    other = replace(file, lock_match="contradicted", identification=found)
    subjects = (report.subjects[0], other, *report.subjects[2:])
    page = next(page for page in plan_pages(replace(report, subjects=subjects)) if page.path == path)
    text = "".join(parse_page(render_page(page, "en")).text)
    assert "Another file is in its place" in text
    assert "rootnet-resnet50" not in text


def test_a_file_that_changed_and_is_gone_elsewhere_says_so_on_its_page_and_on_that_of_missing_files(
    english: dict[str, bytes],
) -> None:
    for path in ("missing.md", "checkpoints/convnextpose-m.md"):
        text = english[path].decode()
        assert "Changed: on" in text
        assert "No longer listed on" in text
        assert "Still not listed on" in text
    assert "In the listing of" not in english["checkpoints/control-xs.md"].decode()


def test_without_kept_listings_no_page_speaks_of_any(report: ReportEvidence) -> None:
    pages = [render_page(page, "en").decode() for page in plan_pages(replace(report, listings=()))]
    assert not any("listings" in page or "In the listing of" in page for page in pages)


def test_a_control_that_was_not_recognised_changes_the_summary(report: ReportEvidence) -> None:
    worse = replace(report, comparison=replace(report.comparison, controls_identified=1))
    page = next(page for page in plan_pages(worse) if page.path == "index.md")
    assert b"Read the results with caution" in render_page(page, "en")


@pytest.mark.parametrize(
    ("locale", "file", "control"),
    [
        ("en", "The file under investigation is not here.", "the control, a stand-in file"),
        ("es", "El archivo investigado no está aquí.", "el control, un archivo sustituto"),
        ("ko", "조사 대상 파일은 여기에 없습니다.", "대조군(공개된 설계로 만든 대체 파일)이"),
    ],
)
def test_of_one_file_and_one_control_the_summary_speaks_in_the_singular(
    report: ReportEvidence, locale: str, file: str, control: str
) -> None:
    one = replace(
        report.comparison, checkpoints_total=1, checkpoints_missing=1, controls_total=1, controls_identified=1
    )
    page = next(page for page in plan_pages(replace(report, comparison=one)) if page.path == "index.md")
    text = "".join(parse_page(render_page(page, locale)).text)
    assert file in text
    assert control in text


def hostile_subject(subject: SubjectEvidence, text: str) -> SubjectEvidence:
    """The subject with the text wherever a file or a lock can put one."""

    def change(part: Any, /, **fields: Any) -> Any:
        return replace(part, **fields)

    fingerprint, evaluation = subject.fingerprint, subject.evaluation
    if fingerprint:
        fingerprint = change(
            fingerprint,
            file=change(fingerprint.file, name=text, sha256=text),
            container=change(fingerprint.container, root=text or "x"),
            model_prefix=text or "x",
            tensors=tuple(
                change(
                    t,
                    name=text,
                    model_name=t.model_name and (text or "x"),
                    dtype=text,
                    storage=text,
                    digest=text or "x",
                )
                for t in fingerprint.tensors
            ),
            objects=(ObjectEntry(path=text, type=text, text=text),),
            globals=(text,),
            findings=(
                Finding(
                    code="findings-cut", severity="error", where=text or "x", expected=text or "x", found=text or "x"
                ),
            ),
        )
    if evaluation:
        device, numerics = evaluation.device, evaluation.numerics
        if device:
            device = change(device, name=text, platform=text, capability=text or "x", without_cuda_detail=text or "x")
        if numerics:
            numerics = change(
                numerics, comparisons=tuple(change(c, detail=c.reason and (text or "x")) for c in numerics.comparisons)
            )
        macs = tuple(change(count, counter=text) for count in evaluation.macs)
        evaluation = change(evaluation, detail=text, device=device, numerics=numerics, macs=macs)
    training = subject.training
    if training:
        training = change(
            training,
            layers=tuple(change(e, name=text) for e in training.layers),
            normalisation=tuple(change(e, name=text) for e in training.normalisation),
            dead=tuple(change(e, name=text) for e in training.dead),
            summary=change(training.summary, parts=tuple(change(p, name=text) for p in training.summary.parts)),
        )
    candidate = Candidate(
        architecture="convnextpose-s", score=0.1, unexpected=(text,), reshaped=(text,), missing=(text,)
    )
    return replace(
        subject,
        title=text,
        fingerprint=fingerprint,
        evaluation=evaluation,
        training=training,
        identification=change(
            subject.identification, candidates=(candidate,), dtypes=(text,), configurations=(text,), searched=1
        ),
        reported=tuple(change(fact, value=text, locator=text or "x", date="") for fact in subject.reported),
        provenance=change(subject.provenance, addresses=(f"https://{text}",), licence=text or "x", searched=(text,)),
    )


def hostile_place(place: ListedPlace, text: str) -> ListedPlace:
    files = tuple(
        replace(file, name=text, events=tuple(replace(one, digest=text or "x", address=text) for one in file.events))
        for file in place.files
    )
    return replace(place, source=text, files=files)


def render_subjects(text: str) -> list[ParsedPage]:
    subjects = tuple(
        hostile_subject(subject, text)
        for subject in (absent_checkpoint(), damaged_checkpoint(), control("control-xs", "convnextpose-xs"))
    )
    kinship = lineage()
    pairs = (replace(kinship.pairs[0], differing=(text,), reinitialised=(text,)), *kinship.pairs[1:])
    report = replace(
        build_report(),
        subjects=subjects,
        lineage=replace(kinship, pairs=pairs),
        listings=tuple(hostile_place(place, text) for place in listings()),
    )
    return [parse_page(render_page(page, "en")) for page in plan_pages(report) if page.path not in WITHOUT_FILE_TEXT]


@pytest.fixture(scope="module")
def benign() -> list[ParsedPage]:
    return render_subjects("word")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element_and_no_attribute_to_any_page(benign: list[ParsedPage], text: str) -> None:
    pages = render_subjects(text)
    assert [page.elements for page in pages] == [page.elements for page in benign]
    assert [page.comments for page in pages] == [page.comments for page in benign]
    addresses = {address.split(":")[0] for page in pages for address in page.links if ":" in address}
    assert addresses <= {"https"}


@pytest.mark.parametrize("subject_id", ["../escape", "a b", "<script>", "</title>"])
def test_an_id_that_could_leave_its_page_stops_the_build(subject_id: str) -> None:
    with pytest.raises(RenderError):
        subject_page(replace(damaged_checkpoint(), id=subject_id), ())


@pytest.mark.parametrize(
    ("quantity", "place"),
    [
        ("/subjects/a/size/identification/architecture", ("checkpoints/a.md", "size")),
        ("/subjects/a/evaluation/accuracy", ("checkpoints/a.md", "evaluation")),
        ("/subjects/a/training/state", ("checkpoints/a.md", "weights-alone")),
        ("/subjects/a", ("checkpoints/a.md", "identification")),
        ("/lineage/pairs/0/relation", ("lineage.md", "pairs")),
        ("/subjects/a/fingerprint/parameters", ("checkpoints/a.md", "facts")),
        ("/architectures/b/parameters", ("expected.md", "architecture-b")),
        ("/report/figures/x/value", ("sources.md", "figure-x")),
        ("/report/reported/x/value", ("sources.md", "reported-x")),
        ("/comparison/controls_total", ("expected.md", "first-layer")),
        ("/operations/counts", ("expected.md", "operations")),
        ("/tally/refuted", ("index.md", "verdicts")),
        ("", ("", "")),
    ],
)
def test_a_check_leads_to_the_evidence_it_rests_on(quantity: str, place: tuple[str, str]) -> None:
    check = Check(id="c", subject="a", quantity=quantity, comparator="equals", expected=1)
    assert evidence_place(check) == place


def test_a_second_build_renders_and_draws_nothing(report: ReportEvidence) -> None:
    cache = MemoryCache()
    first = whole_site(report, cache)
    made = cache.made
    assert whole_site(report, cache) == first
    assert cache.made == made == len(cache.kept)


def test_a_changed_subject_renders_only_what_shows_it(report: ReportEvidence) -> None:
    cache = MemoryCache()
    whole_site(report, cache)
    made = cache.made
    changed = replace(damaged_checkpoint(), sources=("UP",))
    whole_site(replace(report, subjects=(report.subjects[0], changed, *report.subjects[2:])), cache)
    pages_that_show_checkpoints = 5  # the summary, expected, missing, checkpoints, its own
    assert cache.made - made == pages_that_show_checkpoints


def test_a_warm_build_does_not_import_matplotlib() -> None:
    program = (
        "import sys; from render.report_builder import build_report, whole_site;"
        "kept = type('Kept', (), {'get_or_make': lambda self, key, make: b''})();"
        "whole_site(build_report(), kept);"
        "sys.exit('matplotlib' in sys.modules)"
    )
    folders = [str(Path(__file__).parents[n]) for n in (1, 2)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(folders)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0


def test_the_same_numbers_stand_in_every_language(report: ReportEvidence) -> None:
    numbers = {
        locale: {page.path: parse_page(render_page(page, locale)).numbers for page in plan_pages(report)}
        for locale in LOCALES
    }
    for locale in LOCALES:
        for path, found in numbers[locale].items():
            assert sorted(found) == sorted(numbers["en"][path]), f"{locale} {path}"
    assert sum(map(len, numbers["en"].values())) > 100

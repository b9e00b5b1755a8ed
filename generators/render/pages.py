"""The pages, charts and navigation of a report, in one language.

A page is a template and the evidence that it shows. Whatever it shows is part
of the key it is cached under, so that a build in which nothing changed renders
nothing.
"""

from __future__ import annotations

import functools
import hashlib
import json
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import msgspec
from jinja2 import Environment, TemplateError, TemplateSyntaxError, pass_context
from jinja2.runtime import Context
from msgspec import Struct
from msgspec.structs import replace

from generators.architectures import ARCHITECTURES, STAND_INS
from generators.errors import RenderError
from generators.model.cache import ContentCache
from generators.model.claim import EvidenceKind, Verdict
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.exports import UNPUBLISHED, Publication, TensorTable
from generators.model.lineage import Relation
from generators.model.measurements import NOTHING_MEASURED, Measurements
from generators.model.metric import ProtocolField
from generators.model.recorded import Drift
from generators.render.accuracy_chart import joints_chart_name
from generators.render.catalog import catalog_path, load_catalog, report_texts_digest
from generators.render.chart_inputs import layers_chart_name, plan_charts
from generators.render.chart_tables import ChartTable, chart_tables
from generators.render.charts import THEMES, Theme, chart_key, draw_chart
from generators.render.environment import new_environment
from generators.render.evidence_places import RestingCheck, check_anchor, checks_on, evidence_place
from generators.render.issue_charts import chart_pictures
from generators.render.links import check_id, finding_anchors, is_shared, relative_url, tensor_anchors
from generators.render.listed_shows import Listed, listings_of
from generators.render.sanity_inputs import OVERVIEW
from generators.render.sanity_pages import evaluation_shows, sanity_chart_names
from generators.render.speed_chart import speed_chart_name
from generators.render.values import Values, template_filters
from generators.render.weights_chart_inputs import distances_chart_name

INDEX_PAGES = {
    "summary": "index.md",
    "claims": "claims.md",
    "history": "history.md",
    "expected": "expected.md",
    "lineage": "lineage.md",
    "missing": "missing.md",
    "checkpoints": "checkpoints/index.md",
    "evaluation": "evaluation.md",
    "sources": "sources.md",
    "hypotheses": "hypotheses.md",
    "next-steps": "next-steps.md",
    "scanners": "scanners.md",
    "speed": "speed.md",
    "downloads": "downloads.md",
    "method": "method.md",
    "glossary": "glossary.md",
    "add-a-checkpoint": "add-a-checkpoint.md",
}
"""Pages of the navigation, in its order, by the code of their title. The last three are authored prose."""
PROSE_PAGES = ("method.md", "glossary.md", "add-a-checkpoint.md")
"""Authored pages that come with Assay; a project may have its own in their place."""
DOCUMENTATION = "assay"
"""Folder of the documentation of Assay itself, which is English: other languages have its first page alone."""
MAX_LISTED_NAMES = 200
"""Names of a list that a page shows; the evidence file has them all."""
MAX_COMMANDS = 12
"""Files of a place for which the first page writes the command out; another page lists them all."""
PLACE_PREFIXES = MappingProxyType({"hub": "hf:", "github": "github:", "zenodo": "zenodo:", "gdrive": "gdrive:"})
"""What a command has in front of an address that a listing keeps; other kinds have whole addresses."""
MAX_LISTED_TENSORS = 5000
"""Rows of a tensor table, which the page's script sorts and filters; the evidence file has all."""
DOCUMENTATION_PAGES = (
    "index.md",
    "quick-start.md",
    "tutorial.md",
    "how-to.md",
    "explanation.md",
    "comparison.md",
    "security.md",
    "command-line.md",
    "files.md",
    "codes.md",
    "evidence.md",
    "python.md",
)
"""Of Assay itself, in the order of the navigation."""
TEMPLATE_SUFFIX = ".j2"
SOURCE_SUFFIXES = frozenset({".py", ".j2", ".css"})
"""Files of this folder that decide what pages and documents look like."""
_TEMPLATE_MISTAKES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What an expression of a template, or a filter that is given the wrong thing, ends with."""
MAX_TIMELINE = 8
"""States of the verdicts that stand side by side in the table over time; the page lists all of them below it."""
MAX_OPTIMIZER_ROWS = 12
"""Optimizer tensors that a page lists; more are only counted."""


NO_TABLES: Mapping[str, ChartTable] = MappingProxyType({})


class Page(Struct, frozen=True, kw_only=True):
    """A page to render.

    Attributes:
        path: In the docs folder.
        template: File under ``templates/``.
        shows: Everything that the template may use, by name.
        kinds: Kinds of the evidence that it shows, strongest first.
    """

    path: str
    template: str
    shows: Mapping[str, Any]
    kinds: tuple[EvidenceKind, ...] = ()


BUILD_DATE = "⟦build-date⟧"
"""Stands for the date of the build, which is put in last: else no build could use a page that another one kept. No
text of a checkpoint, being escaped, can look like it."""


def navigation(locale: str, prose: Path | None = None) -> list[Any]:
    """Return the navigation of the site: titles in the language, and paths; further prose by its own title.

    Args:
        locale: The language.
        prose: Folder of the project's prose in that language; None: only the pages that every site has.
    """
    catalog = load_catalog(locale)
    entries: list[Any] = [{catalog.message("page", code): path} for code, path in INDEX_PAGES.items()]
    if prose is None:
        return entries
    known = set(INDEX_PAGES.values())
    entries += sorted(path.name for path in prose.glob("*.md") if path.name not in known)
    pages = documentation_pages(prose / DOCUMENTATION)
    if pages:
        entries.append({catalog.message("page", "assay"): pages if len(pages) > 1 else pages[0]})
    return entries


def is_english_only(path: str) -> bool:
    """Whether a page of the docs folder exists in English alone; the others have the section's first page."""
    return path.startswith(f"{DOCUMENTATION}/") and path != f"{DOCUMENTATION}/index.md"


def documentation_pages(folder: Path) -> list[str]:
    """Return the paths of the documentation of Assay itself, as far as a language has it."""
    return [f"{DOCUMENTATION}/{name}" for name in DOCUMENTATION_PAGES if (folder / name).is_file()]


def undated_pages(
    evidence: ReportEvidence,
    locale: str,
    cache: ContentCache,
    measurements: Measurements = NOTHING_MEASURED,
    publication: Publication = UNPUBLISHED,
) -> Iterator[tuple[str, bytes]]:
    """Yield every generated page as it is kept: :data:`BUILD_DATE` stands for the date of the build.

    Raises:
        RenderError: An id can't stand in an address, or a template fails.
        CatalogError: The language lacks a message.
    """
    for page in plan_pages(evidence, measurements, publication):
        make = functools.partial(render_page, page, locale, publication.shared)
        yield page.path, cache.get_or_make(_page_key(page, locale, publication.shared), make)


def with_date(content: bytes, evidence: ReportEvidence, locale: str) -> bytes:
    """Return a page with the date of the build."""
    date = Values(load_catalog(locale)).date(evidence.build.date)
    return content.replace(BUILD_DATE.encode(), date.encode())


def render_charts(evidence: ReportEvidence, cache: ContentCache) -> Iterator[tuple[str, bytes]]:
    """Yield every chart as its path in the docs folder and its content."""
    for name, inputs in plan_charts(evidence).items():
        for theme in THEMES:
            make = functools.partial(draw_chart, inputs, theme)
            yield chart_path(name, theme), cache.get_or_make(chart_key(inputs, theme), make)
    for theme in THEMES:
        for picture in chart_pictures(evidence, theme):
            yield picture.file, cache.get_or_make(picture.key, picture.draw)


def chart_path(name: str, theme: Theme) -> str:
    """Return the path of a chart in the docs folder."""
    return f"charts/{name}-{theme}.svg"


def plan_pages(
    evidence: ReportEvidence,
    measurements: Measurements = NOTHING_MEASURED,
    publication: Publication = UNPUBLISHED,
) -> Iterator[Page]:
    """Yield the pages of a report with what each of them shows."""
    checkpoints = tuple(s for s in evidence.subjects if s.role == "checkpoint")
    controls = tuple(s for s in evidence.subjects if s.role == "control")
    subjects = {"checkpoints": checkpoints, "controls": controls}
    facts = {"report": evidence.report, "architectures": evidence.architectures}
    verdicts = {"verdicts": evidence.verdicts}
    planned = plan_charts(evidence)
    charts, tables = tuple(planned), chart_tables(planned)
    drawn = {"charts": charts}
    earlier = {"recorded": recorded_subjects(evidence)}
    yield Page(
        path="index.md",
        template="index.md.j2",
        kinds=_kinds_of(evidence.verdicts),
        shows={
            **subjects,
            **verdicts,
            **drawn,
            **earlier,
            "report": evidence.report,
            "report_id": evidence.report.id,
            "about_files": is_about_files(evidence),
            "listings": evidence.listings,
            "tally": evidence.tally,
            "steps": evidence.steps,
            "build": replace(evidence.build, date=""),
            "build_date": BUILD_DATE,
            "comparison": evidence.comparison,
            "resting": checks_on("index.md", evidence),
            "chart_tables": _of(tables, "sizes", "matrix"),
        },
    )
    yield Page(
        path="claims.md",
        template="claims.md.j2",
        kinds=_kinds_of(evidence.verdicts),
        shows={**verdicts, **earlier, "report": evidence.report, "unrecorded": measurements.unrecorded},
    )
    yield history_page(evidence, measurements)
    yield Page(
        path="expected.md",
        template="expected.md.j2",
        shows={
            **subjects,
            **facts,
            **drawn,
            "comparison": evidence.comparison,
            "operations": evidence.operations,
            "resting": checks_on("expected.md", evidence),
            "chart_tables": _of(tables, "capacity"),
        },
    )
    yield lineage_page(evidence, charts, _of(tables, "kinship"))
    listed = {subject.id: listings_of(subject.id, evidence.listings) for subject in checkpoints}
    yield Page(path="missing.md", template="missing.md.j2", shows={**subjects, "listed": listed})
    places = {"places": evidence.listings}
    yield Page(
        path="checkpoints/index.md",
        template="checkpoints.md.j2",
        shows={**subjects, **places, "resting": checks_on("checkpoints/index.md", evidence)},
    )
    fields = {"protocol_fields": get_args(ProtocolField)}
    yield Page(
        path="sources.md",
        template="sources.md.j2",
        shows={**facts, **fields, "resting": checks_on("sources.md", evidence)},
    )
    shows = {**evaluation_shows(evidence, charts), "chart_tables": _of(tables, OVERVIEW)}
    yield Page(path="evaluation.md", template="evaluation.md.j2", shows=shows)
    for name, judged in (("hypotheses", evidence.hypotheses), ("next-steps", evidence.steps)):
        yield Page(path=f"{name}.md", template=f"{name}.md.j2", kinds=_kinds_of(judged), shows={"verdicts": judged})
    yield Page(path="scanners.md", template="scanners.md.j2", shows={"comparison": measurements.scanners})
    speed = {
        "record": measurements.benchmarks,
        "many": measurements.many_files,
        "pages": measurements.pages,
    }
    yield Page(path="speed.md", template="speed.md.j2", shows=speed)
    yield downloads_page(evidence, publication)
    for subject in evidence.subjects:
        drifts = tuple(drift for drift in measurements.drifts if drift.subject == subject.id)
        yield subject_page(
            subject,
            charts,
            listed.get(subject.id, ()),
            drifts,
            dict(measurements.held).get(subject.id, ""),
            resting=checks_on(f"checkpoints/{check_id(subject.id)}.md", evidence),
            tables=tables,
        )


def is_about_files(evidence: ReportEvidence) -> bool:
    """Whether any claim is about more than controls, which are stand-ins."""
    controls = {subject.id for subject in evidence.subjects if subject.role == "control"}
    return any(check.subject not in controls for verdict in evidence.verdicts for check in verdict.claim.checks)


def recorded_subjects(evidence: ReportEvidence) -> tuple[dict[str, str], ...]:
    """Return which files were not read in this build, but earlier, with the date."""
    dates = {s.id: s.provenance.recorded_at for s in evidence.subjects if s.provenance.recorded_at}
    return tuple({"id": name, "recorded_at": date} for name, date in dates.items())


def history_page(evidence: ReportEvidence, measurements: Measurements) -> Page:
    """Return the page of the verdicts over time."""
    records = measurements.history.records if measurements.history else ()
    shown = ("unrecorded", "is_recorded")
    return Page(
        path="history.md",
        template="history.md.j2",
        shows={
            **{name: getattr(measurements, name) for name in shown},
            "verdicts": tuple((v.claim.id, v.outcome) for v in evidence.verdicts),
            "records": records,
            "timeline": records[-MAX_TIMELINE:],
            "flips": sum(len(record.flips) for record in records),
        },
    )


def lineage_page(
    evidence: ReportEvidence, charts: tuple[str, ...], tables: Mapping[str, ChartTable] = NO_TABLES
) -> Page:
    """Return the page of the kinship of all files; ``tables`` are the numbers of its chart."""
    return Page(
        path="lineage.md",
        template="lineage.md.j2",
        shows={
            "lineage": evidence.lineage,
            "control_ids": tuple(s.id for s in evidence.subjects if s.role == "control"),
            "recorded_ids": tuple(s["id"] for s in recorded_subjects(evidence)),
            "relations": get_args(Relation),
            "is_drawn": "kinship" in charts,
            "chart_tables": tables,
            "resting": checks_on("lineage.md", evidence),
        },
    )


def downloads_page(evidence: ReportEvidence, publication: Publication) -> Page:
    """Return the page of what can be taken away, and of how it is cited."""
    return Page(
        path="downloads.md",
        template="downloads.md.j2",
        shows={
            "tables": tuple(
                TensorTable(id=s.id, role=s.role, tensors=len(s.fingerprint.tensors))
                for s in evidence.subjects
                if s.fingerprint is not None
            ),
            "report_id": evidence.report.id,
            "build": replace(evidence.build, date=evidence.build.date[:4]),
            "build_date": BUILD_DATE,
            "publication": publication,
        },
    )


def subject_page(
    subject: SubjectEvidence,
    charts: tuple[str, ...],
    listed: Listed = (),
    drifts: tuple[Drift, ...] = (),
    held_against: str = "",
    resting: tuple[RestingCheck, ...] = (),
    tables: Mapping[str, ChartTable] = NO_TABLES,
) -> Page:
    """Return the page of one checkpoint or control.

    Args:
        subject: The checkpoint or control.
        charts: Names of all charts that are drawn.
        listed: What kept listings tell of it.
        drifts: What this build finds otherwise than it was recorded.
        held_against: Date of the record that the file was held against; empty where it wasn't.
        resting: Checks that rest on what the page shows.
        tables: The numbers of charts, by the charts' names.
    """
    layers, joints, speed = layers_chart_name(subject), joints_chart_name(subject), speed_chart_name(subject)
    distances = distances_chart_name(subject)
    return Page(
        path=f"checkpoints/{check_id(subject.id)}.md",
        template="subject.md.j2",
        kinds=subject.kinds,
        shows={
            "subject": subject,
            "drifts": drifts,
            "held_against": held_against,
            "chart": layers if layers in charts else "",
            "joints_chart": joints if joints in charts else "",
            "speed_chart": speed if speed in charts else "",
            "distances": distances if distances in charts else "",
            "sanity_charts": sanity_chart_names(subject, charts),
            "listed": listed,
            "resting": resting,
            "chart_tables": _of(tables, joints, speed, distances, *sanity_chart_names(subject, charts).values()),
        },
    )


def _of(tables: Mapping[str, ChartTable], *names: str) -> dict[str, ChartTable]:
    return {name: tables[name] for name in names if name in tables}


def render_page(page: Page, locale: str, shared: str = "") -> bytes:
    """Return the Markdown of a page in a language; ``shared`` is that of its :class:`Publication`."""
    environment = _environment(locale, report_texts_digest())
    try:
        text = environment.get_template(page.template).render(page=page.path, shared=shared, **page.shows)
    except _TEMPLATE_MISTAKES as error:
        raise RenderError(
            "template",
            f"{page.path} can't be rendered: {error}",
            where=_template_place(error, page),
            remedy="Correct the template, or the evidence it is given.",
        ) from error
    return _with_kinds(_apart(text), page.kinds).encode()


def _apart(text: str) -> str:
    """Put a space between cells and between a fact's name and value: the search takes the text as it stands."""
    for end, begin in (("</td>", "<td"), ("</th>", "<th"), ("</dt>", "<dd")):
        text = text.replace(end + begin, f"{end} {begin}")
    return text


def _with_kinds(text: str, kinds: tuple[EvidenceKind, ...]) -> str:
    """Put the kinds of evidence into a page's front matter, from where its foot takes them."""
    return text.replace("\n---\n", f"\nevidence-kinds: [{', '.join(kinds)}]\n---\n", 1) if kinds else text


def _kinds_of(verdicts: Iterable[Verdict]) -> tuple[EvidenceKind, ...]:
    """Return the kinds of evidence that verdicts rest on, strongest first."""
    found = {kind for verdict in verdicts for result in verdict.results for kind in result.kinds}
    return tuple(kind for kind in get_args(EvidenceKind) if kind in found)


def _template_place(error: BaseException, page: Page) -> str:
    """Return template and line; Jinja gives the innermost of them in the error or in its traceback."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or page.template}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename.endswith(TEMPLATE_SUFFIX)]
    return f"{Path(inside[-1].filename).name}:{inside[-1].lineno}" if inside else f"{page.template}:1"


@functools.cache
def _environment(locale: str, _texts: str) -> Environment:
    catalog = load_catalog(locale)
    environment = new_environment(
        catalog,
        url=_url,
        locale=locale,
        rests_on=evidence_place,
        check_anchor=check_anchor,
        tensor_anchors=tensor_anchors,
        finding_anchors=finding_anchors,
        known_architectures=tuple(architecture.id for architecture in ARCHITECTURES),
        stand_ins=tuple(architecture.id for architecture in STAND_INS),
        max_names=MAX_LISTED_NAMES,
        max_commands=MAX_COMMANDS,
        place_prefixes=PLACE_PREFIXES,
        max_tensors=MAX_LISTED_TENSORS,
        max_optimizer_rows=MAX_OPTIMIZER_ROWS,
    )
    environment.filters |= template_filters(Values(catalog)) | {"link_id": check_id, "yaml": json.dumps}
    return environment


@pass_context
def _url(context: Context, target: str, anchor: str = "") -> str:
    return relative_url(context["page"], f"{context['shared']}{target}" if is_shared(target) else target, anchor)


def _page_key(page: Page, locale: str, shared: str) -> str:
    digest = hashlib.sha256(source_digest(locale) + report_texts_digest().encode())
    digest.update(_encode([page.path, page.template, page.kinds, page.shows, shared]))
    return f"page-{locale}-{digest.hexdigest()}"


def _encode(shown: object) -> bytes:
    try:
        return msgspec.msgpack.encode(shown)
    except UnicodeEncodeError:  # a name with half a surrogate pair
        return repr(shown).encode(errors="surrogatepass")


@functools.cache
def source_digest(locale: str) -> bytes:
    """Return the digest of what turns evidence into text: code, templates, the language's catalog."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(locale.encode())
    for path in (*_sources(folder), Path(catalog_path(locale))):
        digest.update(path.read_bytes())
    return digest.digest()


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCE_SUFFIXES)

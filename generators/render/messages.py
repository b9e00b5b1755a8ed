"""Which messages the catalogs must hold: found in templates, types, report files and the stages' own source.

Nothing is kept in a list by hand where the code itself says it: enumerations
come from their types, findings and reasons from the calls that make them.
"""

from __future__ import annotations

import ast
import functools
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from babel.messages.extract import extract_from_dir
from jinja2 import nodes
from msgspec import Struct

from generators.architectures import ARCHITECTURES
from generators.architectures.training import TRAINING_SETS
from generators.model.accuracy import ComparisonReason, UntestedReason
from generators.model.architecture import ConvNeXtPoseConfiguration, ResNetPoseConfiguration
from generators.model.benchmarks import BenchmarkId
from generators.model.changes import Difference
from generators.model.checkpoint import ContainerFormat
from generators.model.claim import ChangeBy, Comparator, EvidenceKind, Outcome, Wanted
from generators.model.conditions import Cause, CodePartName
from generators.model.difference import DifferenceColumn, DifferencePart
from generators.model.evaluation import Device, NotCounted, WithoutCuda
from generators.model.evidence import LockMatch, SubjectEvidence
from generators.model.executors import Bottleneck, FileSetId, Traffic, WorkerKind
from generators.model.finding import Severity
from generators.model.fingerprint import TensorRole
from generators.model.history import VerdictFlip
from generators.model.identification import Basis, Candidate, Status
from generators.model.layout import LayoutName, OpenQuestion, PartKind
from generators.model.lineage import Relation, RelationReason
from generators.model.listed import ListedEventKind
from generators.model.lock import Artifact, StaleReason
from generators.model.metric import Alignment, Average, ProtocolField, Truth
from generators.model.numerics import NotCompared, NumericsId
from generators.model.operations import CountingRule
from generators.model.pinning import PinRefusal, PinState
from generators.model.recorded import RecordState
from generators.model.sanity import Answer, CriterionName, MeasureName, ProbeKind, Statement, TwinKind
from generators.model.scanners import AttackKind, ScannerId, ScanOutcome
from generators.model.speed import CeilingId, SpeedStop
from generators.model.sweeping import SweptKind
from generators.model.training import DeadBy, InitialiserKind, TrainingReason, TrainingState
from generators.model.transfers import FetchState, FileState, ListingChange, TransferColumn, VerifyState
from generators.model.updating import UpdateState, UpstreamBasis, UpstreamState
from generators.render.catalog import SOURCE_LOCALE, load_catalog
from generators.render.chart_tables import CHART_COLUMNS
from generators.render.environment import TEMPLATES_FOLDER, new_environment
from generators.render.foot import FOOT
from generators.render.frame import WORDS
from generators.render.pages import DOCUMENTATION, INDEX_PAGES

PACKAGE_FOLDER = Path(__file__).parents[1]
REPORTS_FOLDER = PACKAGE_FOLDER.parent / "docs" / "reports"

JUDGE_MODULE = "generators/judge/verdicts.py"
"""Where reasons are returned."""

SNIFF_MODULE = "generators/containers/sniff.py"
"""Where the kinds of file that are no checkpoint are named."""

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ENUMERATIONS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("outcome", "outcome-meaning", "answer", "hypothesis-outcome", "step-outcome", "step-outcome-meaning"), Outcome),
    (("any-headline", "any-state"), Outcome),
    (("kind", "kind-meaning"), EvidenceKind),
    (("comparator",), Comparator),
    (("change-wanted",), Wanted),
    (("change-by",), ChangeBy),
    (("verdict-change",), Outcome),
    (("status", "status-meaning"), Status),
    (("basis",), Basis),
    (("severity",), Severity),
    (("lock-match",), LockMatch),
    (("tensor-role",), TensorRole),
    (("format",), ContainerFormat),
    (("layout",), LayoutName),
    (("layout-part",), PartKind),
    (("layout-open",), OpenQuestion),
    (("attack", "attack-meaning"), AttackKind),
    (("benchmark",), BenchmarkId),
    (("file-set",), FileSetId),
    (("worker-kind",), WorkerKind),
    (("traffic",), Traffic),
    (("bottleneck",), Bottleneck),
    (("scan-outcome", "scan-outcome-meaning"), ScanOutcome),
    (("scanner",), ScannerId),
    (("accuracy-untested",), UntestedReason),
    (("accuracy-comparison",), ComparisonReason),
    (("protocol-field",), ProtocolField),
    (("alignment",), Alignment),
    (("truth",), Truth),
    (("average",), Average),
    (("counting-rule",), CountingRule),
    (("numerics",), NumericsId),
    (("not-compared",), NotCompared),
    (("ceiling",), CeilingId),
    (("speed-stop",), SpeedStop),
    (("without-cuda",), WithoutCuda),
    (("not-counted",), NotCounted),
    (("training-state", "training-meaning"), TrainingState),
    (("training-reason",), TrainingReason),
    (("initialiser",), InitialiserKind),
    (("dead-by",), DeadBy),
    (("relation", "relation-meaning"), Relation),
    (("relation-reason",), RelationReason),
    (("statement",), Statement),
    (("probe-kind", "probe-meaning"), ProbeKind),
    (("twin",), TwinKind),
    (("measure",), MeasureName),
    (("criterion",), CriterionName),
    (("criterion-answer",), Answer),
    (("cause",), Cause),
    (("code-part",), CodePartName),
    (("record-state", "record-check"), RecordState),
    (("fetch-state",), FetchState),
    (("file-state",), FileState),
    (("verify-state",), VerifyState),
    (("listing-change",), ListingChange),
    (("transfer-column",), TransferColumn),
    (("stale",), StaleReason),
    (("pin-state",), PinState),
    (("pin-refusal",), PinRefusal),
    (("difference-part",), DifferencePart),
    (("difference-column",), DifferenceColumn),
    (("upstream-state",), UpstreamState),
    (("upstream-basis",), UpstreamBasis),
    (("update-state",), UpdateState),
    (("swept",), SweptKind),
    (("difference",), Difference),
    (("listed-state",), ListedEventKind),
    (("feed-cause",), get_args(get_type_hints(VerdictFlip)["causes"])[0]),
)
_MODEL_FIELDS: tuple[tuple[str, type, str], ...] = (
    ("role", SubjectEvidence, "role"),
    ("device", Device, "kind"),
    ("memory", Device, "kind"),
    ("origin", Artifact, "origin"),
)
_DOCUMENTED: Mapping[str, tuple[str, ...]] = {
    "unavailable": ("not-fetched", "ambiguous-folder", "unreadable", "another-file", "torch-missing", "torch-broken"),
    "evaluation": (
        "weights-incomplete",
        "not-identified",
        "no-file",
        "torch-missing",
        "torch-broken",
        "load-refused",
        "out-of-memory",
        "device-failed",
        "switched-off",
        "no-heatmap",
    ),
    "statement-meaning": (
        "trained.criteria",
        "untrained.criteria",
        "cannot-tell.mixed",
        "cannot-tell.too-few",
        "cannot-tell.not-finite",
    ),
    "probe-kind": ("volume",),
    "difference": ("same", "recorded", "bounds"),
    "record": ("causes",),
    "update": ("not-judged", "no-flips"),
    "sweep": ("freed", "would-free", "kept", "records-stay"),
    "document": ("left-out",),
    "feed": ("state", "first", "new", "gone", "no-cause"),
    "transfer": ("peeked", "resumed", "size-unknown", "as-said", "not-as-said", "unrecognised", "pin-it"),
}
"""Codes that a docstring of :mod:`generators.model` promises, whether or not a stage makes them yet."""


FRAME = ("description", "feed", "not-found", "palette-auto", "palette-light", "palette-dark", *WORDS)
"""Words around the pages that the site's theme has no translation of."""


class CodedMessage(Struct, frozen=True, kw_only=True, order=True):
    """A message whose id is a code.

    Attributes:
        context: What the code is of.
        code: The code.
        place: File or folder that asks for it, from the project's root.
    """

    context: str
    code: str
    place: str


class Sentence(Struct, frozen=True, kw_only=True):
    """A message whose id is its English text.

    Attributes:
        text: The sentence; with ``plural``, its singular.
        plural: The plural; empty where there is none.
        place: Template that has it.
    """

    text: str
    plural: str
    place: str


@functools.cache  # every language asks, and the whole source is parsed for it
def coded_messages() -> tuple[CodedMessage, ...]:
    """Return every coded message that a page can ask for, each once, sorted."""
    found: dict[tuple[str, str], CodedMessage] = {}
    for source in (_enumerated, _of_templates, _of_reports, _of_source):
        for message in source():
            found.setdefault((message.context, message.code), message)
    return tuple(sorted(found.values()))


@functools.cache
def sentences() -> tuple[Sentence, ...]:
    """Return every sentence of the templates, each once, in the order of the files."""
    found: dict[str, Sentence] = {}
    extracted = extract_from_dir(
        TEMPLATES_FOLDER,
        method_map=[("**.j2", "jinja2")],
        options_map={"**.j2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}},
    )
    for filename, _, text, _, _ in sorted(extracted, key=lambda item: (item[0], item[1])):
        singular, plural = (text, "") if isinstance(text, str) else (text[0], text[1])
        place = f"generators/render/templates/{filename}"
        found.setdefault(singular, Sentence(text=singular, plural=plural or "", place=place))
    return tuple(found.values())


def _enumerated() -> Iterator[CodedMessage]:
    for contexts, kind in _ENUMERATIONS:
        for context in contexts:
            yield from _messages(context, get_args(kind), "generators/model")
    for context, owner, field in _MODEL_FIELDS:
        hint = get_type_hints(owner)[field]
        if get_origin(hint) is Literal:
            yield from _messages(context, get_args(hint), "generators/model")
    for configuration in (ConvNeXtPoseConfiguration, ResNetPoseConfiguration):
        names = (field.name for field in msgspec.structs.fields(configuration))
        yield from _messages("setting", names, "generators/model/architecture.py")
    for context, codes in _DOCUMENTED.items():
        yield from _messages(context, codes, "generators/model")
    yield from _messages("page", (*INDEX_PAGES, DOCUMENTATION), "generators/render/pages.py")
    yield from _messages("page", ("verdict-changes",), "generators/render/verdict_changes.py")
    yield from _messages("naming", _namings(), "generators/architectures")
    yield from _messages("training-set", (s.id for s in TRAINING_SETS), "generators/architectures/training.py")
    yield from _messages("frame", FRAME, "generators/hooks.py")
    yield from _messages("chart-column", CHART_COLUMNS, "generators/render/chart_tables.py")
    yield from _messages("foot", ("label", *FOOT), "generators/render/foot.py")
    yield from _messages("value", ("scalar", "nothing", "empty", "yes", "no"), "generators/render/values.py")


def _namings() -> Iterator[str]:
    yield from (str(field.default) for field in msgspec.structs.fields(Candidate) if field.name == "naming")
    for architecture in ARCHITECTURES:
        yield from (renaming.naming for renaming in architecture.renamings)


def _of_templates() -> Iterator[CodedMessage]:
    environment = new_environment(load_catalog(SOURCE_LOCALE))
    for path in sorted(TEMPLATES_FOLDER.glob("*.j2")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            match call:
                case nodes.Call(node=nodes.Name(name="t"), args=[nodes.Const(value=context), nodes.Const(value=code)]):
                    yield CodedMessage(context=context, code=code, place=f"generators/render/templates/{path.name}")


def _of_reports() -> Iterator[CodedMessage]:
    for path in sorted(REPORTS_FOLDER.glob("*.toml")):
        yield from report_messages(path)


def report_messages(path: Path) -> Iterator[CodedMessage]:
    """Yield every message that a report file asks for; of another project they are in its own catalogs."""
    place = f"docs/reports/{path.name}"
    report = tomllib.loads(path.read_text(encoding="utf-8"))
    yield from _messages("report", (f"{path.stem}.question", f"{path.stem}.claims"), place)
    for context, codes in _report_codes(report).items():
        yield from _messages(context, codes, place)


def _report_codes(report: Mapping[str, Any]) -> dict[str, list[str]]:
    claims, hypotheses, steps = (report.get(key, []) for key in ("claim", "hypothesis", "step"))
    claim_ids = [claim["id"] for claim in claims]
    headlines = [f"{claim_id}.{outcome}" for claim_id in claim_ids[:1] for outcome in get_args(Outcome)]
    return {
        "claim": claim_ids,
        "claim-title": claim_ids,
        "headline": headlines,
        "state": headlines,
        "hypothesis": [item["id"] for item in hypotheses],
        "hypothesis-title": [item["id"] for item in hypotheses],
        "step": [item["id"] for item in steps],
        "step-how": [item["id"] for item in steps],
        "check": [f"{item['id']}.{c['id']}" for item in (*claims, *hypotheses, *steps) for c in item["check"]],
        "source": [source["key"] for source in report.get("source", [])],
        "protocol": [protocol["id"] for protocol in report.get("protocol", [])],
        "quantity": [item["quantity"] for key in ("figure", "reported") for item in report.get(key, [])],
    }


def _of_source() -> Iterator[CodedMessage]:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE_FOLDER.rglob("*.py"))}
    shared = _shared_makers(trees)
    for path, tree in trees.items():
        module = path.relative_to(PACKAGE_FOLDER.parent)
        place = module.parent.as_posix()  # modules are split and renamed; translators need no more than the stage
        for context, code in codes_of_module(tree, shared[path.parent]):
            yield CodedMessage(context=context, code=code, place=place)
        if module.as_posix() == JUDGE_MODULE:
            for code in _returned_codes(tree):
                yield from _messages("reason", (code,), place)
                yield from _messages("change", (code,), place)
        if module.as_posix() == SNIFF_MODULE:
            yield from _messages("finding", _file_kinds(tree), place)


_CALLS: Mapping[str, tuple[str, str]] = {
    "Finding": ("finding", "code"),
    "Setting": ("setting", "name"),
    "Unavailable": ("unavailable", "reason"),
    "Evaluation": ("evaluation", "reason"),
    "Obstacle": ("evaluation", "reason"),
    "replace": ("evaluation", "reason"),
    "Missing": ("not-measured", "reason"),
}
"""Which call makes which kind of code, and the keyword under which the code stands."""


def _shared_makers(trees: Mapping[Path, ast.Module]) -> dict[Path, frozenset[str]]:
    """Return for each folder the public makers of findings that its modules have and may lend to each other."""
    shared: dict[Path, frozenset[str]] = {}
    for path, tree in trees.items():
        public = frozenset(name for name in _own_makers(tree) if not name.startswith("_"))
        shared[path.parent] = shared.get(path.parent, frozenset()) | public
    return shared


def codes_of_module(tree: ast.Module, shared: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield (context, code) for every code that the calls of a module name.

    Where a call passes a variable on, the texts that the module gives to a variable of that name count.
    Functions whose first parameter is ``code`` in a module that makes findings are makers of findings.

    Args:
        tree: The module.
        shared: Makers that it may call on what other modules of its folder give it.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    given = _given_texts(tree)
    makers = _own_makers(tree) | shared
    for call in calls:
        name = _name_of(call)
        if name.endswith("DefectError") or name in makers:
            context, value = "finding", call.args[0] if call.args else _keyword(call, "code")
        else:
            context, keyword = _CALLS.get(name, ("", ""))
            value = _keyword(call, keyword)
        yield from ((context, text) for text in _texts(value, given) if context and text)


def _own_makers(tree: ast.Module) -> frozenset[str]:
    if not any(isinstance(node, ast.Call) and _name_of(node) == "Finding" for node in ast.walk(tree)):
        return frozenset()
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(f.name for f in functions if [a.arg for a in f.args.args if a.arg != "self"][:1] == ["code"])


def _given_texts(tree: ast.Module) -> dict[str, list[ast.expr]]:
    given: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given.setdefault(node.targets[0].id, []).append(node.value)
    return given


def _texts(node: ast.expr | None, given: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """Yield every text that an expression of literals, choices and f-strings can be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body, given)
            yield from _texts(orelse, given)
        case ast.JoinedStr(values=parts):
            values = (part.value if isinstance(part, ast.FormattedValue) else part for part in parts)
            choices = [list(_texts(value, given)) for value in values]
            yield from ("".join(choice) for choice in itertools.product(*choices))
        case ast.Name(id=name):
            for value in given.get(name, ()):
                yield from _texts(value, {})


def _name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _returned_codes(tree: ast.Module) -> Iterator[str]:
    """Yield what the judge's functions return as reasons: kebab-case texts that are no outcome."""
    outcomes = set(get_args(Outcome))
    for returned in (node for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value):
        for node in ast.walk(returned):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and _CODE.fullmatch(node.value)
                and node.value not in outcomes
            ):
                yield node.value


def _file_kinds(tree: ast.Module) -> Iterator[str]:
    """Yield the names of foreign files: beside a signature, or returned; each has a hyphen."""
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=bytes()), ast.Constant(value=str(code))]):
                yield code
            case ast.Return(value=ast.expr() as value):
                yield from (text for text in _texts(value, {}) if "-" in text)


def _messages(context: str, codes: Iterable[str], place: str) -> Iterator[CodedMessage]:
    for code in codes:
        yield CodedMessage(context=context, code=code, place=place)

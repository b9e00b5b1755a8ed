"""The evidence and the Python interface, from types and docstrings.

griffe reads the source; nothing is imported for its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import griffe
import msgspec

from generators.model.accuracy import Accuracy
from generators.model.changes import VerdictChanges
from generators.model.difference import Difference
from generators.model.evaluation import Evaluation
from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.exports import VerdictsExport
from generators.model.history import VerdictHistory
from generators.model.inspection import Inspection
from generators.model.issue import PublishedState
from generators.model.lock import LockEntry
from generators.model.pinning import PinOutcome, StaleEntry
from generators.model.recorded import RecordedSubject, RecordOutcome
from generators.model.sweeping import Sweep
from generators.model.transfers import FetchOutcome, FileStanding, Listing, ListingHistory, Verified
from generators.model.updating import Update
from generators.reference.markdown import anchor, cell, code, fenced, heading, table, words
from generators.shipped import PACKAGE

_NAME = re.compile(r"[A-Za-z]+")
DOCUMENTS: Mapping[str, type] = {
    "`evidence/report.json`": ReportEvidence,
    "`evidence/ID.json`": SubjectEvidence,
    "`evidence/history.json`": VerdictHistory,
    "`exports/verdicts.json`": VerdictsExport,
    "`published.json`": PublishedState,
    "`docs/evidence/ID.json`": RecordedSubject,
    "`docs/evidence/listings/*.json`": ListingHistory,
}
"""The files that Assay writes, the first five into each site, and what each of them is a value of."""

OUTPUT: Mapping[str, type] = {
    "accuracy": Accuracy,
    "add": LockEntry,
    "diff": Difference,
    "evaluate": Evaluation,
    "fetch": FetchOutcome,
    "gc": Sweep,
    "inspect": Inspection,
    "judge": ReportEvidence,
    "list": Listing,
    "lock": PinOutcome,
    "lock --check": StaleEntry,
    "record": RecordOutcome,
    "status": FileStanding,
    "update": Update,
    "verdicts": VerdictChanges,
    "verify": Verified,
}
"""What each command prints with ``--json``: one value, or one a line for each file or entry."""

INTERFACE = (
    "generators.pipeline.files.reading.inspect_file",
    "generators.pipeline.files.heading.inspect_heading",
    "generators.containers.reader.open_checkpoint",
    "generators.containers.reader.CheckpointReader",
    "generators.pipeline.evidence.report.collect_evidence",
    "generators.pipeline.project.open_project",
    "generators.pipeline.project.Project",
    "generators.lock.read_lock",
    "generators.judge.report_file.read_report",
    "generators.architectures.find_architecture",
    "generators.pipeline.evidence.report.architecture_facts",
    "generators.pipeline.states.compare_names",
    "generators.pipeline.starting.start_investigation",
    "generators.pipeline.starting_wishes.NewInvestigation",
    "generators.pipeline.starting.Started",
    "generators.pipeline.starting_subject.Found",
    "generators.store.encode",
    "generators.store.decode",
    "generators.store.json_schema",
    "generators.render.markup.escape_html",
    "generators.render.markup.github_code",
    "generators.render.markup.terminal_text",
    "generators.errors.AssayError",
)
"""What a program may rely on, besides the types of the evidence."""


def evidence_reference() -> str:
    """Return the reference of the evidence: each type with its fields, in the order in which they are met."""
    parts = [table(("File", "Is a"), [(name, _link(root)) for name, root in DOCUMENTS.items()])]
    for name in _reachable():
        parts += _described_type(name)
    return "\n".join(parts)


def output_reference() -> str:
    """Return what each command prints with ``--json``."""
    rows = [(f"[`assay {name}`](command-line.md#{anchor(name.split()[0])})", _link(t)) for name, t in OUTPUT.items()]
    return table(("With `--json`", "Prints"), rows)


def _link(kind: type) -> str:
    return f"[{code(kind.__name__)}](evidence.md#{anchor(kind.__name__)})"


def undescribed_fields() -> tuple[str, ...]:
    """Return the fields of the evidence that no docstring tells about."""
    return tuple(
        f"{name}.{field}"
        for name in _reachable()
        for field in _fields(_types()[name])
        if field not in dict(_attributes(_types()[name]))
    )


def python_reference() -> str:
    """Return the reference of what programs call."""
    parts: list[str] = []
    for path in INTERFACE:
        found = _object(path)
        parts += _described_function(path, found) if isinstance(found, griffe.Function) else _described_class(found)
    return "\n".join(parts)


@cache
def _reachable() -> tuple[str, ...]:
    roots = list(dict.fromkeys((*DOCUMENTS.values(), *OUTPUT.values())))
    _, components = msgspec.json.schema_components(roots, ref_template="{name}")
    known = [name for name in components if name in _types()]
    first = [root.__name__ for root in roots]
    return (*first, *sorted(name for name in known if name not in first))


@cache
def _types() -> Mapping[str, griffe.Class]:
    """Return the classes of the model by name."""
    package = _object("generators.model")
    return {
        name: member
        for module in package.modules.values()
        for name, member in module.classes.items()
        if not member.is_alias
    }


def _described_type(name: str) -> Iterator[str]:
    kind = _types()[name]
    yield heading(2, code(name), anchor(name))
    texts = dict(_attributes(kind))
    rows = [
        (code(field), _shown_type(attribute), cell(texts.get(field, ""))) for field, attribute in _fields(kind).items()
    ]
    yield words(_prose(kind)) + "\n"
    yield table(("Field", "Type", "Meaning"), rows)


def _fields(kind: griffe.Class) -> dict[str, griffe.Attribute]:
    """Return the fields of a class, those that it inherits first."""
    fields: dict[str, griffe.Attribute] = {}
    for one in _lineage(kind):
        fields |= {name: found for name, found in one.attributes.items() if "property" not in found.labels}
    return fields


def _lineage(kind: griffe.Class) -> Iterator[griffe.Class]:
    """Yield the classes of the model that a class inherits from, the farthest first, and the class."""
    for base in kind.bases:
        if str(base) in _types():
            yield from _lineage(_types()[str(base)])
    yield kind


def _shown_type(attribute: griffe.Attribute) -> str:
    text = str(attribute.annotation or "")
    link = next((name for name in _NAME.findall(text) if name in _reachable()), "")
    return f"[{code(text)}](#{anchor(link)})" if link else code(text)


def _described_function(path: str, function: griffe.Function) -> Iterator[str]:
    yield heading(2, code(path.removeprefix("generators.")), anchor(path))
    yield fenced(f"from {path.rpartition('.')[0]} import {function.name}\n\n{_signature(function)}", "python")
    yield words(_prose(function)) + "\n"
    for section in _sections(function):
        match section.kind.value:
            case "parameters":
                yield table(("Argument", "Meaning"), [(code(p.name), cell(p.description)) for p in section.value])
            case "raises":
                yield table(("Raises", "When"), [(code(str(r.annotation)), cell(r.description)) for r in section.value])
            case "returns" | "yields":
                yield f"Returns: {cell(' '.join(r.description for r in section.value))}\n"


def _described_class(found: griffe.Object) -> Iterator[str]:
    yield heading(2, code(found.path.removeprefix("generators.")), anchor(found.path))
    yield fenced(f"from {found.path.rpartition('.')[0]} import {found.name}", "python")
    yield words(_prose(found)) + "\n"
    for section in _sections(found):
        if section.kind.value in {"parameters", "attributes"}:
            head = "Argument" if section.kind.value == "parameters" else "Attribute"
            yield table((head, "Meaning"), [(code(part.name), cell(part.description)) for part in section.value])
    rows = [(code(_signature(method)), cell(_prose(method))) for method in _public_methods(found)]
    rows += [(code(name), cell(_prose(found.attributes[name]))) for name in _properties(found)]
    yield table(("Member", "What it gives"), rows)


def _public_methods(found: griffe.Object) -> list[griffe.Function]:
    return [function for name, function in found.functions.items() if not name.startswith("_")]


def _properties(found: griffe.Object) -> list[str]:
    return [name for name, one in found.attributes.items() if "property" in one.labels and not name.startswith("_")]


def undocumented_parts() -> tuple[str, ...]:
    """Return what the docstrings of the interface leave out: a text, an argument, a result, a member of a class."""
    return tuple(missing for path in INTERFACE for missing in _missing_of(path, _object(path)))


def _missing_of(path: str, found: griffe.Object) -> Iterator[str]:
    if not _prose(found):
        yield path
    if not isinstance(found, griffe.Function):
        members = (*_public_methods(found), *(found.attributes[name] for name in _properties(found)))
        yield from (member.path for member in members if not _prose(member))
        return
    told = {part.name for section in _sections(found) if section.kind.value == "parameters" for part in section.value}
    yield from (f"{path}({parameter.name})" for parameter in found.parameters if parameter.name not in told)
    # a function without arguments says in its one sentence what it returns
    if told and not any(section.kind.value in {"returns", "yields"} for section in _sections(found)):
        yield f"{path} -> {found.returns}"


def _signature(function: griffe.Function) -> str:
    parts = []
    keyword_only = False
    for parameter in (one for one in function.parameters if one.name != "self"):
        if parameter.kind is griffe.ParameterKind.keyword_only and not keyword_only:
            parts.append("*")
            keyword_only = True
        text = f"{parameter.name}: {parameter.annotation}" if parameter.annotation else parameter.name
        parts.append(f"{text} = {parameter.default}" if parameter.default is not None else text)
    return f"{function.name}({', '.join(parts)}) -> {function.returns}"


def _prose(described: griffe.Object) -> str:
    return "\n\n".join(section.value for section in _sections(described) if section.kind.value == "text")


def _attributes(kind: griffe.Class) -> Iterator[tuple[str, str]]:
    for section in (section for one in _lineage(kind) for section in _sections(one)):
        if section.kind.value == "attributes":
            yield from ((attribute.name, attribute.description) for attribute in section.value)


def _sections(described: griffe.Object) -> list[griffe.DocstringSection]:
    return described.docstring.parse("google", warnings=False) if described.docstring else []


@cache
def _object(path: str) -> griffe.Object:
    found = _package()[path.removeprefix("generators.")]
    return found.final_target if isinstance(found, griffe.Alias) else found


@cache
def _package() -> griffe.Object:
    loaded = griffe.load("generators", search_paths=[PACKAGE.parent], resolve_aliases=True)
    return loaded.final_target if isinstance(loaded, griffe.Alias) else loaded

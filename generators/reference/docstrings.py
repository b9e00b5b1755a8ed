"""The evidence and the Python interface, from types and docstrings.

griffe reads the source; nothing is imported for its documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

import griffe
import msgspec

from generators.model.evidence import ReportEvidence, SubjectEvidence
from generators.model.history import VerdictHistory
from generators.model.inspection import Inspection
from generators.model.recorded import RecordedSubject
from generators.reference.markdown import anchor, cell, code, fenced, heading, table, words
from generators.shipped import PACKAGE

_NAME = re.compile(r"[A-Za-z]+")
ROOTS: Mapping[str, tuple[type, ...]] = {
    "In each site": (ReportEvidence, SubjectEvidence),
    "Of `assay inspect --json`": (Inspection,),
    "In the repository": (RecordedSubject, VerdictHistory),
}
"""The documents that Assay writes, and what each of them is a value of."""

INTERFACE = (
    "generators.pipeline.files.reading.inspect_file",
    "generators.pipeline.files.heading.inspect_heading",
    "generators.pipeline.starting.start_investigation",
    "generators.pipeline.project.open_project",
    "generators.pipeline.evidence.report.collect_evidence",
    "generators.pipeline.evidence.report.architecture_facts",
    "generators.lock.read_lock",
    "generators.judge.report_file.read_report",
    "generators.containers.reader.open_checkpoint",
    "generators.store.encode",
    "generators.store.decode",
    "generators.store.json_schema",
    "generators.errors.AssayError",
)
"""What a program may rely on, besides the types of the evidence."""


def evidence_reference() -> str:
    """Return the reference of the evidence: each type with its fields, in the order in which they are met."""
    parts = []
    for title, roots in ROOTS.items():
        names = ", ".join(f"[{root.__name__}](#{anchor(root.__name__)})" for root in roots)
        parts.append(f"- {title}: {names}")
    parts.append("")
    for name in _reachable():
        parts += _described_type(name)
    return "\n".join(parts)


def python_reference() -> str:
    """Return the reference of what programs call."""
    parts: list[str] = []
    for path in INTERFACE:
        found = _object(path)
        parts += _described_function(path, found) if isinstance(found, griffe.Function) else _described_class(found)
    return "\n".join(parts)


@cache
def _reachable() -> tuple[str, ...]:
    roots = [root for group in ROOTS.values() for root in group]
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
        (code(field), _shown_type(attribute), cell(texts.get(field, "")))
        for field, attribute in kind.attributes.items()
        if "property" not in attribute.labels
    ]
    yield words(_prose(kind)) + "\n"
    yield table(("Field", "Type", "Meaning"), rows)


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
    yield words(_prose(found)) + "\n"
    for section in _sections(found):
        if section.kind.value == "parameters":
            yield table(("Argument", "Meaning"), [(code(p.name), cell(p.description)) for p in section.value])


def _signature(function: griffe.Function) -> str:
    parts = []
    keyword_only = False
    for parameter in function.parameters:
        if parameter.kind is griffe.ParameterKind.keyword_only and not keyword_only:
            parts.append("*")
            keyword_only = True
        text = f"{parameter.name}: {parameter.annotation}" if parameter.annotation else parameter.name
        parts.append(f"{text} = {parameter.default}" if parameter.default is not None else text)
    return f"{function.name}({', '.join(parts)}) -> {function.returns}"


def _prose(described: griffe.Object) -> str:
    return "\n\n".join(section.value for section in _sections(described) if section.kind.value == "text")


def _attributes(kind: griffe.Class) -> Iterator[tuple[str, str]]:
    for section in _sections(kind):
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

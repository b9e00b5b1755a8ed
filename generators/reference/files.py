"""The keys of the files that people write, from the types that they are read with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from generators.exports.expectations import _ExpectationsFile
from generators.judge.report_file import _ReportFile
from generators.lock import _LockFile
from generators.reference.markdown import cell, code, heading, table

DESCRIPTIONS: Mapping[str, str] = {
    "lock.lock-version": "Of the format: 1.",
    "lock.checkpoint": "A file that is investigated; one table each.",
    "lock.control": "A file that Assay builds by recipe and examines as it examines the others; one table each.",
    "checkpoint.id": "Unique name, also of its page and of its folder below `checkpoints/`.",
    "checkpoint.title": "The file's published name.",
    "checkpoint.variant": "Architecture that its publisher says it is; `unknown` where nobody says one that Assay has.",
    "checkpoint.report": "Name of the report file, without `.toml`.",
    "checkpoint.sources": "Where it can be had, the best first.",
    "checkpoint.licence": "Of the weights, as the publisher says.",
    "checkpoint.size_bytes": "Its size, or a range where only a rounded one is known.",
    "checkpoint.sha256": "Digest of the file: another file under the name is a finding.",
    "checkpoint.weights_digest": "Digest of the weights alone, whatever the container.",
    "checkpoint.resolved": "What the sources were found to hold; Assay writes it, people don't.",
    "resolved.asked": "The sources as they were asked for: other ones make what follows stale.",
    "resolved.resolved_at": "When it was found out.",
    "resolved.source": "The source that the file came from; a hub's revision as its commit.",
    "resolved.size_bytes": "Exact size of the file.",
    "resolved.sha256": "Digest of the file.",
    "resolved.weights_digest": "Digest of the weights alone.",
    "source.kind": "How the address is meant.",
    "source.address": "Of the file, in the form of its kind.",
    "source.hosts": "Hosts that its server may redirect to.",
    "range.minimum": "Smallest size.",
    "range.maximum": "Largest size.",
    "control.id": "Unique name.",
    "control.recipe": "Architecture that is built.",
    "control.seed": "Of weights, batch and gradients.",
    "control.training": "What it is trained on; left out, its weights are drawn at random.",
    "reportfile.report-version": "Of the format: 1.",
    "reportfile.source": "Who says something; one table each.",
    "reportfile.protocol": "How an error figure is measured; one table each.",
    "reportfile.figure": "A figure that someone published; one table each.",
    "reportfile.reported": "What a third party saw of a file; one table each.",
    "reportfile.claim": "What is claimed and judged; one table each, in the order of the report.",
    "reportfile.hypothesis": "A theory that would explain what was claimed, as a claim.",
    "reportfile.step": "What should be done, under a condition: the checks of a claim.",
    "reportsource.key": "Short name, by which everything else refers to it.",
    "reportsource.title": "What it is called.",
    "reportsource.address": "Where it can be read; empty where it can't be.",
    "reportsource.pinned": "The version that was read: commit, date or number.",
    "reportsource.licence": "Of what it publishes; empty where it says none.",
    "figure.id": "Unique name.",
    "figure.architecture": "Of which network.",
    "figure.quantity": "What was measured.",
    "figure.value": "The figure.",
    "figure.unit": "Its unit.",
    "figure.source": "Key of the source that gives it.",
    "figure.locator": "Where in the source.",
    "figure.protocol": "Protocol under which it was measured.",
    "figure.second-hand": "Whether the source only quotes it.",
    "reported.id": "Unique name.",
    "reported.subject": "Id of the lock's entry.",
    "reported.quantity": "What was seen.",
    "reported.value": "What it was.",
    "reported.source": "Key of the source that saw it.",
    "reported.locator": "Where in the source.",
    "reported.date": "When it was seen.",
    "protocol.id": "Unique name.",
    "protocol.metric": "Mean error of joints, as it is or after alignment (PA).",
    "protocol.dataset": "Data set.",
    "protocol.subjects": "People whose images are tested.",
    "protocol.alignment": "How the prediction is laid onto the truth; MPJPE goes with `root`.",
    "protocol.frame-step": "Each how manyth frame is tested.",
    "protocol.root": "Joint that the others are relative to.",
    "protocol.joints-predicted": "Joints that the network gives.",
    "protocol.joints-evaluated": "Joints that the error is averaged over.",
    "protocol.flip-test": "Whether the mirrored image is averaged in.",
    "protocol.boxes": "Whose boxes the crops are made from.",
    "protocol.roots": "Whose depth of the root is used.",
    "protocol.average": "What the mean is taken over.",
    "protocol.training-subjects": "People whose images were trained on.",
    "protocol.assumed": "Fields that only follow from the code's defaults.",
    "protocol.locator": "Where the assumed fields stand.",
    "claim.id": "Unique name; its sentence is the message `claim` of that id.",
    "claim.number": "Its place in the report.",
    "claim.source": "Key of the source that claims it.",
    "claim.locator": "Where in the source.",
    "claim.check": "What has to hold for it; at least one.",
    "check.id": "Unique within the claim; its question is the message `check`, `CLAIM.CHECK`.",
    "check.subject": "Id of the entry or architecture that it is about.",
    "check.quantity": "JSON pointer into `evidence/report.json`; in a list, a step may be an object's `id` or `name`.",
    "check.comparator": "How the value is compared with what is expected.",
    "check.expected": "What the claim says; left out only with `not-observable`.",
    "check.tolerance": "Allowed distance, as a share of the expected value.",
    "check.unit": "Of the value.",
    "check.protocol": "Metric protocol that the claim states.",
    "expectationsfile.expectations-version": "Of the format: 1.",
    "expectationsfile.expect": "A verdict that the report's owner expects; one table each. A claim without one "
    "fails when it is refuted.",
    "expected.claim": "Id of the claim.",
    "expected.outcome": "Verdict that is expected of it.",
    "expected.reason": "Why, for whoever reads the test report; it may not be empty.",
}
"""What each key says, by kind of table. A test finds a key without."""

_TABLES: Mapping[str, tuple[str, str]] = {
    "_LockFile": ("lock", "The file"),
    "_Checkpoint": ("checkpoint", "`[[checkpoint]]`"),
    "_Source": ("source", "`sources`"),
    "_Range": ("range", "`size_bytes` as a range"),
    "_Resolved": ("resolved", "`[checkpoint.resolved]`"),
    "_Control": ("control", "`[[control]]`"),
    "_ReportSource": ("reportsource", "`[[source]]`"),
    "_ReportFile": ("reportfile", "The file"),
    "_Protocol": ("protocol", "`[[protocol]]`"),
    "_Figure": ("figure", "`[[figure]]`"),
    "_Reported": ("reported", "`[[reported]]`"),
    "_Claim": ("claim", "`[[claim]]`, `[[hypothesis]]`, `[[step]]`"),
    "_Check": ("check", "`[[claim.check]]`"),
    "_ExpectationsFile": ("expectationsfile", "The file"),
    "_Expected": ("expected", "`[[expect]]`"),
}
FILES: Mapping[str, tuple[str, type[msgspec.Struct]]] = {
    "checkpoints.lock": ("lock", _LockFile),
    "docs/reports/*.toml": ("report", _ReportFile),
    "docs/expectations/*.toml": ("expectations", _ExpectationsFile),
}
"""The files that people write: the id of each one's heading, and what it is read as."""
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def files_reference() -> str:
    """Return the reference of ``checkpoints.lock``, of the report files and of what is expected of them."""
    parts = []
    for title, (anchor_id, kind) in FILES.items():
        parts += [heading(2, title, anchor_id), *_tables(kind)]
    return "\n".join(parts)


def known_keys() -> Iterator[str]:
    """Yield every key of the files, as :data:`DESCRIPTIONS` names them."""
    for _, kind in FILES.values():
        for name, definition in _definitions(kind):
            yield from (f"{_table(name)[0]}.{key}" for key in definition["properties"])


def _tables(kind: type[msgspec.Struct]) -> Iterator[str]:
    for name, definition in _definitions(kind):
        table_name, title = _table(name)
        yield heading(3, title, f"keys-{table_name}")
        required = set(definition.get("required", ()))
        rows = [
            (
                code(key),
                "yes" if key in required else "no",
                cell(_described(schema)),
                cell(DESCRIPTIONS.get(f"{table_name}.{key}", "")),
            )
            for key, schema in definition["properties"].items()
        ]
        yield table(("Key", "Needed", "Value", "What it says"), rows)


def _table(name: str) -> tuple[str, str]:
    """Return how :data:`DESCRIPTIONS` calls a kind of table, and its title."""
    plain = name.strip("_").lower()
    return _TABLES.get(name, (plain, code(plain)))


def _definitions(kind: type[msgspec.Struct]) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables of a file, the outermost first, then in the order in which they are met."""
    text = msgspec.json.encode(msgspec.json.schema(kind)["$defs"]).decode()
    if kind is _ReportFile:  # both files have sources, of different keys
        text = text.replace('"_Source":', '"_ReportSource":').replace('"#/$defs/_Source"', '"#/$defs/_ReportSource"')
    definitions: dict[str, dict[str, Any]] = msgspec.json.decode(text)
    order = [kind.__name__]
    for name in order:
        order += [found for found in dict.fromkeys(_references(definitions[name])) if found not in order]
    return [(name, definitions[name]) for name in order]


def _references(schema: object) -> Iterator[str]:
    match schema:
        case {"$ref": str(target)}:
            yield target.rpartition("/")[2]
        case dict():
            for value in schema.values():
                yield from _references(value)
        case list():
            for value in schema:
                yield from _references(value)


def _described(schema: Mapping[str, Any]) -> str:
    """Return what a value may be, in words."""
    match schema:
        case {"$ref": str(target)}:
            return f"a table of {_table(target.rpartition('/')[2])[1]}"
        case {"anyOf": choices}:
            return ", or ".join(_described(choice) for choice in choices if choice != {"type": "null"})
        case {"enum": values}:
            return ", ".join(code(str(value)) for value in values)
        case {"type": "array", "items": items}:
            return f"list of: {_described(items)}"
        case {"type": str(kind)}:
            return _TYPES.get(kind, kind) + _limits(schema)
    return "text, number, or true or false"


def _limits(schema: Mapping[str, Any]) -> str:
    limits = []
    if "pattern" in schema:
        limits.append(f"of the form `{schema['pattern']}`")
    if "minimum" in schema:
        limits.append(f"from {schema['minimum']}")
    if "maximum" in schema:
        limits.append(f"to {schema['maximum']}")
    if "maxLength" in schema:
        limits.append(f"at most {schema['maxLength']} characters")
    return " " + ", ".join(limits) if limits else ""

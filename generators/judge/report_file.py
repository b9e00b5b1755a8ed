"""Reads and checks a report file: its sources, figures, reported facts, claims, theories and next steps."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from generators.errors import ClaimError
from generators.model.claim import Check, Claim, Comparator, Scalar, Value
from generators.model.evidence import Report, ReportedFact, SourceRecord
from generators.model.metric import Alignment, Average, Figure, Protocol, ProtocolField, Truth
from generators.toml_places import TomlDocument, check_version, convert_document, read_toml

REPORT_VERSION = 1
LARGEST = 1e300
"""Expected numbers are compared as float64; nothing that a checkpoint has comes near."""

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]+\Z", min_length=1, max_length=64)]
_Raw = Scalar | list[Scalar]


class _Source(msgspec.Struct, forbid_unknown_fields=True):
    key: _Id
    title: str
    address: Annotated[str, msgspec.Meta(pattern=r"^(https://.*)?$")]
    pinned: str
    licence: str


class _Protocol(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    metric: Literal["MPJPE", "PA-MPJPE"]
    dataset: str
    subjects: str
    alignment: Alignment
    frame_step: Annotated[int, msgspec.Meta(ge=1)] | None = msgspec.field(default=None, name="frame-step")
    root: str = ""
    joints_predicted: Annotated[int, msgspec.Meta(ge=1)] | None = msgspec.field(default=None, name="joints-predicted")
    joints_evaluated: Annotated[int, msgspec.Meta(ge=1)] | None = msgspec.field(default=None, name="joints-evaluated")
    flip_test: bool | None = msgspec.field(default=None, name="flip-test")
    boxes: Truth | None = None
    roots: Truth | None = None
    average: Average | None = None
    training_subjects: str = msgspec.field(default="", name="training-subjects")
    assumed: tuple[ProtocolField, ...] = ()
    locator: str = ""


class _Figure(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    architecture: _Id
    quantity: Literal["mpjpe", "pa-mpjpe", "macs", "parameters"]
    value: float
    unit: Literal["mm", "G", "M"]
    source: _Id
    locator: str
    protocol: str = ""
    second_hand: bool = msgspec.field(default=False, name="second-hand")


class _Reported(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    subject: _Id
    quantity: Literal[
        "listed",
        "size-mib",
        "file-date",
        "container",
        "keys",
        "head-naming",
        "elements",
        "records",
        "root",
        "tensor-shape",
        "named-by",
        "open-access",
    ]
    value: _Raw
    source: _Id
    locator: str
    date: str = ""


class _Check(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    subject: _Id
    comparator: Comparator
    quantity: Annotated[str, msgspec.Meta(pattern=r"^(/.*)?$")] = ""
    expected: _Raw | None = None
    tolerance: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    unit: str = ""
    protocol: str = ""


class _Claim(msgspec.Struct, forbid_unknown_fields=True):
    id: _Id
    number: int
    source: _Id
    locator: str
    check: Annotated[list[_Check], msgspec.Meta(min_length=1)]


class _ReportFile(msgspec.Struct, forbid_unknown_fields=True):
    report_version: int = msgspec.field(name="report-version")
    source: list[_Source] = []
    protocol: list[_Protocol] = []
    figure: list[_Figure] = []
    reported: list[_Reported] = []
    claim: list[_Claim] = []
    hypothesis: list[_Claim] = []
    step: list[_Claim] = []


def read_report(path: Path) -> Report:
    """Read and check a report file.

    Args:
        path: For example ``docs/reports/convnextpose.toml``; its stem is the report's id.

    Returns:
        Sources, protocols, figures and claims, checked; whether a quantity leads anywhere, only evidence can tell.

    Raises:
        ClaimError: With file, line and remedy: unreadable, not TOML, unknown key, wrong type, duplicate id, a source or
            protocol that isn't in the file, a check without quantity or expected value.
    """
    document = read_toml(path, ClaimError)
    check_version(document, "report-version", REPORT_VERSION, ClaimError)
    raw = convert_document(document, _ReportFile, ClaimError)
    _check_references(document, raw)
    return Report(
        id=path.stem,
        sources=tuple(SourceRecord(**msgspec.structs.asdict(s)) for s in raw.source),
        protocols=tuple(Protocol(**msgspec.structs.asdict(p)) for p in raw.protocol),
        figures=tuple(Figure(**msgspec.structs.asdict(f)) for f in raw.figure),
        reported=tuple(ReportedFact(**{**msgspec.structs.asdict(r), "value": _value(r.value)}) for r in raw.reported),
        claims=tuple(_claims(document, "claim", raw.claim)),
        hypotheses=tuple(_claims(document, "hypothesis", raw.hypothesis)),
        steps=tuple(_claims(document, "step", raw.step)),
    )


def _claims(document: TomlDocument, table: str, claims: Iterable[_Claim]) -> Iterable[Claim]:
    for index, claim in enumerate(claims):
        place = f"$.{table}[{index}]"
        checks = tuple(_check(document, f"{place}.check[{n}]", check) for n, check in enumerate(claim.check))
        yield Claim(
            id=claim.id,
            number=claim.number,
            source=claim.source,
            locator=claim.locator,
            checks=checks,
            line=document.line_of(place),
        )


def _check(document: TomlDocument, place: str, check: _Check) -> Check:
    observable = check.comparator != "not-observable"
    if observable and (not check.quantity or check.expected is None):
        raise ClaimError(
            "check-incomplete",
            f"the check {check.id!r} has no {'expected' if check.quantity else 'quantity'}",
            where=document.place(place),
            remedy="say which quantity of the evidence is compared, and what the claim expects",
        )
    expected = None if check.expected is None else _value(check.expected)
    number = isinstance(expected, int | float) and not isinstance(expected, bool) and abs(expected) <= LARGEST
    if check.comparator in {"within", "at-least", "at-most", "same-protocol"} and not number:
        raise ClaimError(
            "expected-not-a-number",
            f"the check {check.id!r} compares with {check.comparator!r}, which needs a number",
            where=document.place(f"{place}.expected"),
            remedy="give a number, or compare with equals, differs, contains or lacks",
        )
    return Check(
        id=check.id,
        subject=check.subject,
        quantity=check.quantity,
        comparator=check.comparator,
        expected=expected,
        tolerance=check.tolerance,
        unit=check.unit,
        protocol=check.protocol,
    )


def _value(raw: _Raw) -> Value:
    return tuple(raw) if isinstance(raw, list) else raw


def _check_references(document: TomlDocument, raw: _ReportFile) -> None:
    for table, ids in (
        ("source", [s.key for s in raw.source]),
        ("protocol", [p.id for p in raw.protocol]),
        ("figure", [f.id for f in raw.figure]),
        ("reported", [r.id for r in raw.reported]),
        ("claim", [c.id for c in raw.claim]),
        ("hypothesis", [c.id for c in raw.hypothesis]),
        ("step", [c.id for c in raw.step]),
    ):
        _check_unique(document, table, ids)
    sources = {s.key for s in raw.source}
    protocols = {p.id for p in raw.protocol} | {""}
    cited = {
        "figure": [f.source for f in raw.figure],
        "reported": [r.source for r in raw.reported],
        "claim": [c.source for c in raw.claim],
        "hypothesis": [c.source for c in raw.hypothesis],
        "step": [c.source for c in raw.step],
    }
    for table, keys in cited.items():
        for index, key in enumerate(keys):
            _check_known(document, f"$.{table}[{index}].source", key, sources)
    for index, protocol in enumerate(raw.protocol):
        _check_metric(document, f"$.protocol[{index}].alignment", protocol)
        _check_assumed(document, f"$.protocol[{index}]", protocol)
    for index, figure in enumerate(raw.figure):
        _check_known(document, f"$.figure[{index}].protocol", figure.protocol, protocols)
    for table, claims in (("claim", raw.claim), ("hypothesis", raw.hypothesis), ("step", raw.step)):
        for index, claim in enumerate(claims):
            _check_unique(document, f"{table}[{index}].check", [c.id for c in claim.check])
            for n, check in enumerate(claim.check):
                _check_known(document, f"$.{table}[{index}].check[{n}].protocol", check.protocol, protocols)


def _check_metric(document: TomlDocument, place: str, protocol: _Protocol) -> None:
    """Make sure that a metric has the alignment that its name says."""
    if (protocol.metric == "MPJPE") != (protocol.alignment == "root"):
        raise ClaimError(
            "metric-and-alignment",
            f"the protocol {protocol.id!r} has the metric {protocol.metric} with the alignment {protocol.alignment!r}",
            where=document.place(place),
            remedy="MPJPE is with the alignment `root`, PA-MPJPE with one of the others",
        )


def _check_assumed(document: TomlDocument, place: str, protocol: _Protocol) -> None:
    """Make sure that what a protocol calls assumed has a value, and says where that is from."""
    unset = [field for field in protocol.assumed if getattr(protocol, field) in {None, ""}]
    if unset:
        raise ClaimError(
            "assumed-unset",
            f"the protocol {protocol.id!r} calls {unset[0]} assumed, but gives no value for it",
            where=document.place(f"{place}.assumed"),
            remedy="give the value that the code's default implies, or leave the field unknown and out of `assumed`",
        )
    if protocol.assumed and not protocol.locator:
        raise ClaimError(
            "assumed-nowhere",
            f"the protocol {protocol.id!r} has assumed fields, but doesn't say where they stand",
            where=document.place(place),
            remedy="add `locator`: repository, commit and file",
        )


def _check_unique(document: TomlDocument, table: str, ids: list[str]) -> None:
    for index, entry_id in enumerate(ids):
        if entry_id in ids[:index]:
            raise ClaimError(
                "duplicate-id",
                f"the id {entry_id!r} stands twice",
                where=document.place(f"$.{table}[{index}]"),
                remedy="give each entry an id of its own",
            )


def _check_known(document: TomlDocument, place: str, name: str, known: set[str]) -> None:
    if name not in known:
        raise ClaimError(
            "unknown-reference",
            f"{name!r} is not in this file",
            where=document.place(place),
            remedy=f"use one of {', '.join(sorted(k for k in known if k))}, or add it",
        )

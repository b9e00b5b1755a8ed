"""The zip archive that torch writes since 1.6, and TorchScript's, which adds code.

Below one root: ``data.pkl`` (the object), ``data/<key>`` (the storages),
``byteorder``, ``version`` and more. TorchScript has ``constants.pkl`` with
``constants/<key>``, and ``code/``.

Source: ``_save`` and ``_load`` in ``torch/serialization.py`` and
``caffe2/serialize/inline_container.cc`` of PyTorch 2.13.
"""

from __future__ import annotations

from msgspec import Struct, field

from generators.containers.budget import Budget
from generators.containers.checksums import archive_checksums
from generators.containers.foreign_pickles import collect_globals, hold_deflated, may_be_pickle
from generators.containers.global_policy import printable
from generators.containers.index import Index, Root
from generators.containers.pickle_machine import run_pickle
from generators.containers.segments import DeflatedSegment, Segment
from generators.containers.storages import StorageSlot, StorageTable
from generators.containers.torch_legacy import read_nested
from generators.containers.values import Global, Value
from generators.containers.zip_archive import Archive, Record
from generators.model.checkpoint import ByteOrder
from generators.model.finding import Finding

_BYTEORDER_BYTES = 16
_MAX_SHOWN_ROOT = 200


class _Contents(Struct):
    archive: Archive
    root: str
    globals: set[Global] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    slots: list[StorageSlot] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    budget: Budget = field(default_factory=Budget)

    def content(self, name: str) -> Segment | None:
        record = self.archive.find(self.root + name)
        if record is None:
            return None
        self.seen.add(record.name)
        return record.segment

    def report(self, code: str, where: str, found: str = "") -> None:
        where = printable(self.root + where)
        self.findings.append(Finding(code=code, severity="error", where=where, found=found))

    def note(self, code: str, where: str, found: str = "") -> None:
        where = printable(self.root + where)
        self.findings.append(Finding(code=code, severity="note", where=where, found=found))


def read_torch(archive: Archive, root: str, budget: Budget | None = None) -> Index:
    """Read the index of an archive whose records lie below ``root``.

    Args:
        archive: The archive.
        root: With its slash; empty for none.
        budget: Shared with other archives of the same file.
    """
    contents = _Contents(archive, root, budget=budget or Budget())
    contents.budget.count_records(len(archive.records) + len(archive.shadowed))
    is_script = any(n == f"{root}constants.pkl" or n.startswith(f"{root}code/") for n in archive.records)
    if not root:
        contents.findings.append(Finding(code="zip-root-missing", severity="warning"))
    elif archive.has_directory and not archive.first_name.startswith(root):
        contents.findings.append(_other_root(archive, root))
    byteorder = _read_byteorder(contents)
    _read_object(contents, "data.pkl", "data/", "data/" if is_script else "", None)
    if is_script:
        contents.note("code-present", "code/", str(sum(n.startswith(f"{root}code/") for n in archive.records)))
        if contents.content("constants.pkl") is not None:
            _read_object(contents, "constants.pkl", "constants/", "constants/", "constants")
    _read_other_pickles(contents)
    _note_unreferenced(contents)
    return Index(
        format="torchscript" if is_script else "torch-zip",
        archive_root=root.rstrip("/"),
        byteorder=byteorder,
        records=len(archive.records),
        roots=tuple(contents.roots),
        slots=tuple(contents.slots),
        globals=frozenset(contents.globals),
        findings=(*archive.findings, *contents.findings),
        checksums=archive_checksums(archive),
        sized_by_index=not archive.has_directory,
        expected_bytes=0 if archive.has_directory else _expected_bytes(contents),
    )


def read_stray_pickles(archive: Archive, budget: Budget) -> Index:
    """Return what the pickles name that lie in an archive without being torch's."""
    contents = _Contents(archive, "", budget=budget)
    _read_other_pickles(contents)
    return Index(format="unknown", globals=frozenset(contents.globals), findings=tuple(contents.findings))


def find_root(archive: Archive) -> str | None:
    """Return the root with its slash: of the first record, of the first ``data.pkl``, or of what looks like torch's.

    Source: ``PyTorchStreamReader::init`` in ``caffe2/serialize/inline_container.cc`` of PyTorch 2.13 takes the first
    record's, whatever else there is.
    """
    root, slash, _ = archive.first_name.partition("/")
    if slash and archive.find(f"{root}/data.pkl") is not None:
        return f"{root}/"
    names = list(archive.records)
    for name in names:
        root, slash, rest = name.partition("/")
        if slash and rest.lower() == "data.pkl":
            return f"{root}/"
    if archive.find("data.pkl") is not None:
        return ""
    for name in names:
        root, slash, rest = name.partition("/")
        if slash and (rest == "constants.pkl" or (rest.startswith("data/") and f"{root}/version" in archive.records)):
            return f"{root}/"
    return None


def _other_root(archive: Archive, root: str) -> Finding:
    first = printable(archive.first_name.partition("/")[0][:_MAX_SHOWN_ROOT])
    return Finding(code="zip-root-not-first", severity="warning", expected=printable(root.rstrip("/")), found=first)


def _expected_bytes(contents: _Contents) -> int:
    """Return where a file without a directory should end at least: behind the storages that its index promises."""
    records = contents.archive.records.values()
    if any(isinstance(record.segment, DeflatedSegment) for record in records):
        return 0  # how much would come is not to be told
    present = max((r.start + r.segment.size for r in records if r.segment is not None), default=0)
    missing = sum(slot.declared_bytes - slot.present_bytes for slot in contents.slots)
    return present + missing if missing else 0


def _read_byteorder(contents: _Contents) -> ByteOrder:
    segment = contents.content("byteorder")
    if segment is None:
        return "little"
    match segment.read(0, _BYTEORDER_BYTES):
        case b"little":
            return "little"
        case b"big":
            return "big"
        case other:
            contents.report("byteorder-unknown", "byteorder", repr(other)[2:-1])
            return "little"


def _read_object(contents: _Contents, pickle: str, folder: str, key_prefix: str, name_prefix: str | None) -> None:
    segment = contents.content(pickle)
    if segment is None:
        contents.report("index-missing", pickle)
        return
    table = StorageTable(key_prefix, contents.root + folder, read_nested, contents.budget)
    root = _run(contents, segment, table, pickle)
    contents.roots.append(Root(value=root, prefix=name_prefix))
    claimed: set[str] = set()
    for slot in table.slots.values():
        record = contents.archive.find(slot.record)
        contents.slots.append(slot)
        if record is None:
            continue
        if record.name in claimed:
            contents.report("storages-share-record", record.name.removeprefix(contents.root), slot.key)
        claimed.add(record.name)
        slot.record = record.name if slot.record == record.name else slot.record  # one text for both
        contents.seen.add(record.name)
        if slot.segment is None:
            slot.segment = _storage_segment(contents.archive, record, slot.declared_bytes)


def _storage_segment(archive: Archive, record: Record, declared_bytes: int) -> Segment | None:
    if isinstance(record.segment, DeflatedSegment) and not archive.has_directory:
        record.segment.size = record.segment.measure(declared_bytes)
    return record.segment


def _run(contents: _Contents, segment: Segment, table: StorageTable, record: str) -> Value:
    """Read the pickle that torch reads, and look at what follows it."""
    where = printable(contents.root + record)
    size = segment.size
    segment = hold_deflated(segment, contents.budget)
    run = run_pickle(segment, 0, table, where)
    contents.globals.update(run.globals)
    contents.findings.extend(run.findings)
    trailing = run.complete and run.end < size and contents.archive.has_directory
    if trailing:
        contents.findings.append(
            Finding(code="pickle-trailing-bytes", severity="warning", where=where, found=str(size - run.end))
        )
        _collect_globals(contents, segment, run.end, where)
    contents.globals.update(table.globals)
    contents.findings.extend(table.findings)
    return run.value


def _read_other_pickles(contents: _Contents) -> None:
    """Collect the globals of pickles that torch.load leaves alone."""
    unread = [r for r in contents.archive.records.values() if r.name not in contents.seen]
    for record in (*contents.archive.shadowed, *unread):
        if record.segment is not None and _is_pickle(record.name, record.segment):
            _collect_globals(contents, record.segment, 0, printable(record.name))


def _is_pickle(name: str, segment: Segment) -> bool:
    """Go by the name or by the first bytes: what an attacker hides has another name."""
    return name.lower().endswith(".pkl") or may_be_pickle(segment)


def _collect_globals(contents: _Contents, segment: Segment, start: int, record: str) -> None:
    named, findings = collect_globals(segment, start, contents.budget, record)
    contents.globals.update(named)
    contents.findings.extend(findings)


def _note_unreferenced(contents: _Contents) -> None:
    prefix = f"{contents.root}data/"
    for name in contents.archive.records:
        if name.startswith(prefix) and name not in contents.seen:
            contents.note("record-unreferenced", name.removeprefix(contents.root))

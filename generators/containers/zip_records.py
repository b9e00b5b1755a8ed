"""The records of a zip file by name, and what was noticed of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from generators.containers.file_bytes import FileBytes
from generators.containers.global_policy import printable
from generators.containers.segments import DeflatedSegment, FileSegment, Inflaters, Segment
from generators.containers.storages import MAX_FINDINGS
from generators.containers.zip_names import fold_name, normalise_name
from generators.model.finding import Finding, Severity

STORED, DEFLATED = 0, 8
"""Source: APPNOTE.TXT 6.3.10, section 4.4.5: the two methods that torch's reader knows."""
MAX_RECORDS = 300_000
"""Records of one archive: as many tensors as are listed, at some 500 bytes of memory each."""
_SHOWN_CHARACTERS = 200


class Record(Struct, frozen=True, kw_only=True):
    """One record.

    Attributes:
        name: With the archive's root.
        segment: Its content, None when it can't be read.
        start: First byte of the content in the file.
        stored_bytes: Bytes it takes in the file.
        size: Bytes of the content by the directory.
        crc32: By the directory; None when there is none.
    """

    name: str
    segment: Segment | None
    start: int
    stored_bytes: int
    size: int
    crc32: int | None


class Archive(Struct):
    """All records by name, and what is wrong with them.

    Attributes:
        records: By name; the last of a name that is there twice, in whatever letters.
        shadowed: The others of those names, and what another directory of the same file has.
        findings: What was noticed; of each code so many at most.
        has_directory: Whether the central directory was there.
        first_name: Of the directory's first record, whose folder torch takes for the root.
    """

    records: dict[str, Record] = field(default_factory=dict)
    shadowed: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    has_directory: bool = True
    first_name: str = ""
    _folded: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take in a record; torch looks names up without regard to case, and at random among several."""
        self.first_name = self.first_name or record.name
        other = self.find(record.name)
        if other is not None:
            self.report("record-repeated", record.name)
            self.shadowed.append(self.records.pop(other.name))
        self.records[record.name] = record
        folded = fold_name(record.name)
        if folded != record.name or folded in self._folded:
            self._folded[folded] = record.name

    def find(self, name: str) -> Record | None:
        """Return the record of a name, in whatever letters.

        Source: ``PyTorchStreamReader::getRecordID`` in ``caffe2/serialize/inline_container.cc`` of PyTorch 2.13
        calls ``mz_zip_reader_locate_file`` without its flag for case.
        """
        record = self.records.get(name)
        if record is not None:
            return record
        folded = fold_name(name)
        return self.records.get(self._folded.get(folded, folded))

    def report_twins(self) -> None:
        """Report the names that become another record's on the way to a file system."""
        for name in self._unusual_names():
            normal = normalise_name(name)
            if normal != name and normal in self.records:
                self.report("record-repeated", name, warning=True, found=normal)

    def _unusual_names(self) -> Iterator[str]:
        return (n for n in self.records if not n.isascii() or "\\" in n or "//" in n or "/." in n or n.startswith("."))

    def report(self, code: str, where: str = "", *, expected: str = "", found: str = "", warning: bool = False) -> None:
        """Add a finding."""
        self._add(code, "warning" if warning else "error", where, expected, found)

    def note(self, code: str, where: str = "", *, expected: str = "", found: str = "") -> None:
        """Add a finding that is only worth knowing."""
        self._add(code, "note", where, expected, found)

    def _add(self, code: str, severity: Severity, where: str, expected: str, found: str) -> None:
        # beyond the limit they are only counted where the container's findings are: a few more are enough for that
        self._counts[code] = self._counts.get(code, 0) + 1
        if self._counts[code] > MAX_FINDINGS + 1:
            return
        texts = (printable(text) for text in (where, expected[:_SHOWN_CHARACTERS], found[:_SHOWN_CHARACTERS]))
        where, expected, found = texts
        self.findings.append(Finding(code=code, severity=severity, where=where, expected=expected, found=found))


def content_segment(
    file: FileBytes, start: int, stored_bytes: int, size: int, method: int, inflaters: Inflaters
) -> Segment:
    """Return the bytes of a record."""
    run = FileSegment(file, start, stored_bytes)
    return run if method == STORED else DeflatedSegment(run, size, inflaters)

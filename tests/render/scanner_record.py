"""A small record of the comparison with other scanners."""

from __future__ import annotations

from generators.model.scanners import ScannedCase, Scanner, ScannerRecord


def scanner_record(name: str = "calls-reduce", version: str = "1.2") -> ScannerRecord:
    """Return two tools and four files; ``name`` and ``version`` may be hostile."""
    return ScannerRecord(
        date="2026-01-02",
        python="3.11.9",
        system="Linux x86_64",
        limit_seconds=30,
        limit_bytes=8 << 30,
        tools=(Scanner(id="assay", version=version), Scanner(id="fickling", version="0.1")),
        cases=(
            ScannedCase(
                id=name,
                kind="calls",
                carrier="torch-zip",
                advisories=("CVE-2025-1716",),
                fires=True,
                outcomes=("flagged", "flagged"),
            ),
            ScannedCase(
                id="calls-obj",
                kind="calls",
                carrier="pickle",
                advisories=(),
                fires=True,
                outcomes=("flagged", "crashed"),
            ),
            ScannedCase(
                id="zip-gap",
                kind="zip",
                carrier="torch-zip",
                advisories=(),
                fires=False,
                outcomes=("passed", "unreadable"),
            ),
            ScannedCase(
                id="benign-safetensors",
                kind="benign",
                carrier="safetensors",
                advisories=(),
                fires=False,
                outcomes=("passed", "not-asked"),
            ),
        ),
    )

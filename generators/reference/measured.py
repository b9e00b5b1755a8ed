"""What was measured of other tools, counted from the record of it."""

from __future__ import annotations

from pathlib import Path

from generators.model.scanners import ScannedCase, ScannerId
from generators.pipeline.measurements.scanners import RECORD, read_scanners
from generators.reference.markdown import table

NAMES: dict[ScannerId, str] = {
    "assay": "Assay",
    "torch": "torch, `weights_only=True`",
    "picklescan": "picklescan",
    "picklescan-strict": "picklescan `--strict`",
    "fickling": "fickling",
    "modelscan": "modelscan",
}


def scanner_table(root: Path) -> str:
    """Return what each tool said of the files whose payload was shown to run, and of ordinary ones.

    Raises:
        StoreError: The record can't be read.
    """
    comparison = read_scanners(root)
    if comparison is None:
        return f"Nothing is recorded in `{RECORD.as_posix()}`.\n"
    record = comparison.record
    firing = tuple(case for case in record.cases if case.fires)
    benign = tuple(case for case in record.cases if case.kind == "benign")
    head = ("Tool", f"Warned of or refused, of {len(firing)} files that run code", f"Of {len(benign)} ordinary files")
    rows = [
        (f"{NAMES[tool.id]} {tool.version}", _flagged(firing, index), _flagged(benign, index))
        for index, tool in enumerate(record.tools)
    ]
    return f"Recorded on {record.date}, with Python {record.python}:\n\n{table(head, rows)}"


def _flagged(cases: tuple[ScannedCase, ...], tool: int) -> str:
    said = [case.outcomes[tool] for case in cases]
    asked = len(said) - said.count("not-asked")
    others = [
        f"{said.count(outcome)} {words}"
        for outcome, words in (
            ("skipped", "not looked at"),
            ("unreadable", "not readable to it"),
            ("crashed", "crashed"),
            ("timed-out", "out of time"),
            ("executed", "executed"),
        )
        if outcome in said
    ]
    shown = str(said.count("flagged")) if asked == len(said) else f"{said.count('flagged')} of {asked} asked"
    return "; ".join([shown, *others])

"""What ``assay record`` prints for people."""

from __future__ import annotations

from generators.model.recorded import RecordOutcome
from generators.render.catalog import load_catalog
from generators.render.decimals import decimal_text
from generators.render.markup import terminal_text

MAX_CHANGED = 5
"""Changed values that a line names."""


def outcome_line(outcome: RecordOutcome, language: str, *, check: bool) -> str:
    """Return what became of a record, or would.

    Args:
        outcome: Of one entry, or of the verdicts.
        language: Of the sentence.
        check: Whether nothing was written.
    """
    catalog = load_catalog(language)
    context = "record-check" if check else "record-state"
    parts = [f"{outcome.id}: {catalog.message(context, outcome.state)}"]
    if outcome.size_bytes:
        parts.append(f"{outcome.path} ({decimal_text(outcome.size_bytes, language)} B)")
    if outcome.causes:
        causes = ", ".join(catalog.message("cause", cause) for cause in outcome.causes)
        parts.append(catalog.message("record", "causes", causes=causes))
    if outcome.changed:
        shown = ", ".join(terminal_text(name) for name in outcome.changed[:MAX_CHANGED])
        parts.append(shown + (", …" if len(outcome.changed) > MAX_CHANGED else ""))
    return "; ".join(parts)

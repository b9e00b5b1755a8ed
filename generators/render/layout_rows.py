"""What ``assay inspect`` says of a checkpoint's layout, in the words of the pages."""

from __future__ import annotations

from collections.abc import Iterator

from generators.model.layout import CheckpointLayout, LayoutPart, OptimizerState
from generators.render.catalog import Catalog
from generators.render.markup import terminal_text

SHOWN_PARTS = 8
"""Lines of one kind before the rest is only counted; ``--json`` has all."""


def layout_rows(layout: CheckpointLayout, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield labels and values; a value is empty where there is nothing to say."""
    say = catalog.gettext
    yield say("Layout"), catalog.message("layout", layout.name)
    yield say("Key of the model"), terminal_text(layout.model_key)
    for part in layout.parts[:SHOWN_PARTS]:
        yield say("Other weights"), _part_text(part, catalog)
    if len(layout.parts) > SHOWN_PARTS:
        yield say("Other weights"), f"... + {len(layout.parts) - SHOWN_PARTS} (--json)"
    for optimizer in layout.optimizers[:SHOWN_PARTS]:
        yield say("Optimizer"), _optimizer_text(optimizer, catalog)
    for names in layout.tied[:SHOWN_PARTS]:
        yield say("Tied weights"), " = ".join(map(terminal_text, names))
    if layout.tied_groups > SHOWN_PARTS:
        yield say("Tied weights"), f"... + {layout.tied_groups - SHOWN_PARTS} (--json)"
    yield say("ZeRO stage"), "" if layout.zero_stage is None else str(layout.zero_stage)
    for question in layout.open_questions:
        yield say("Not determined"), catalog.message("layout-open", question)


def _part_text(part: LayoutPart, catalog: Catalog) -> str:
    equal = "-" if part.equal is None else str(part.equal)
    counts = catalog.gettext("tensors: %(tensors)s, as in the model: %(matched)s, equal: %(equal)s")
    values = {"tensors": part.tensors, "matched": part.matched, "equal": equal}
    return f"{terminal_text(part.key)}: {catalog.message('layout-part', part.kind)} ({counts % values})"


def _optimizer_text(optimizer: OptimizerState, catalog: Catalog) -> str:
    algorithms = " / ".join(optimizer.algorithms) or catalog.message("value", "nothing")
    kept = ", ".join(map(terminal_text, optimizer.state_keys))
    key = f"{terminal_text(optimizer.key)}: " if optimizer.key else ""
    return f"{key}{algorithms}" + (f" ({kept})" if kept else "")

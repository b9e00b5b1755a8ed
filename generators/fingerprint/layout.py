"""What is where in a checkpoint: model, averages, optimizers, tied weights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from generators.fingerprint.model_search import ModelPart, dotless, names_average, unwrapped
from generators.fingerprint.optimizer_kind import find_algorithms, state_keys_of
from generators.model.checkpoint import Container, ObjectEntry
from generators.model.fingerprint import TensorFingerprint
from generators.model.layout import CheckpointLayout, LayoutPart, OpenQuestion, OptimizerState, PartKind

MAX_PARTS = 32
MAX_OPTIMIZERS = 32
MAX_TIED_GROUPS = 100
MAX_TIED_NAMES = 16
_SHARDED_CLASSES = ("DTensor", "ShardedTensor")
_SHADOW = re.compile(r"(?:shadow_params\.)?([0-9]{1,9})")
"""An average that is a list, in the order of the model's parameters.

Source: fadel/pytorch_ema d661859, torch_ema/ema.py.
"""
_WORDS: tuple[PartKind, ...] = ("teacher", "student")
"""Words of a key that are also what it holds."""


def describe_layout(container: Container, part: ModelPart, tensors: Sequence[TensorFingerprint]) -> CheckpointLayout:
    """Return a checkpoint's layout.

    Args:
        container: Its index.
        part: Where its model is.
        tensors: What was read of its tensors.
    """
    optimizers = tuple(_optimizers(container, part))
    groups = _tied(tensors)
    stage = _zero_stage(container.objects) if part.layout == "deepspeed-optimizer" else None
    return CheckpointLayout(
        name=part.layout,
        source=part.source,
        model_key=part.key,
        parts=tuple(_parts(part, tensors)),
        optimizers=optimizers,
        tied=tuple(group[:MAX_TIED_NAMES] for group in groups[:MAX_TIED_GROUPS]),
        tied_groups=len(groups),
        sharded=any(name.rpartition(".")[2] in _SHARDED_CLASSES for name in container.globals),
        zero_stage=stage,
        open_questions=tuple(dict.fromkeys((*part.questions, *_questions(part, tensors, optimizers)))),
    )


def _questions(
    part: ModelPart, tensors: Sequence[TensorFingerprint], optimizers: Sequence[OptimizerState]
) -> Iterator[OpenQuestion]:
    model = [t for t in tensors if t.role == "parameter" and t.model_name]
    emptied = bool(model) and all(0 in t.shape for t in model)
    if part.layout == "deepspeed-optimizer" or (part.layout == "deepspeed-model" and (emptied or not model)):
        yield "weights-elsewhere"
    if any(len(o.algorithms) != 1 for o in optimizers if o.state_keys):
        yield "optimizer"


def _tied(tensors: Iterable[TensorFingerprint]) -> list[tuple[str, ...]]:
    """Return the names of the model's tensors that are the same view of the same storage."""
    views: dict[tuple[object, ...], list[str]] = {}
    for t in tensors:
        if t.model_name and 0 not in t.shape:
            views.setdefault((t.storage, t.offset, t.dtype, t.shape, t.strides), []).append(t.model_name)
    return [tuple(names) for names in views.values() if len(names) > 1]


def _optimizers(container: Container, part: ModelPart) -> Iterator[OptimizerState]:
    for key in part.optimizers[:MAX_OPTIMIZERS]:
        names = [t.name for t in container.tensors if t.name.startswith(key)]
        objects = [o for o in container.objects if o.path.startswith(key)]
        first = f"{key}param_groups.0."
        # FSDP keeps the state by the parameters' names
        named = any(o.type == "str" and o.path.startswith(f"{first}params.") for o in objects)
        state_keys = state_keys_of((*names, *(o.path for o in objects)), key, named=named)
        group = _first_group(objects, first)
        yield OptimizerState(
            key=key.rstrip("."),
            algorithms=find_algorithms(state_keys, group),
            state_keys=tuple(sorted(state_keys)[:MAX_TIED_NAMES]),
            tensors=len(names),
        )


def _first_group(objects: Iterable[ObjectEntry], start: str) -> dict[str, str]:
    return {
        o.path[len(start) :].partition(".")[0]: o.text
        for o in objects
        if o.path.startswith(start) and not o.path.startswith(f"{start}params.")
    }


def _zero_stage(objects: Iterable[ObjectEntry]) -> int | None:
    """Return the stage, which is a plain number or a member of an enumeration of numbers."""
    text = next((o.text for o in objects if o.path == "optimizer_state_dict.zero_stage"), "")
    return int(text) if text in {"0", "1", "2", "3"} else None


def _parts(part: ModelPart, tensors: Sequence[TensorFingerprint]) -> Iterator[LayoutPart]:
    if not part.others:
        return
    model = [t for t in tensors if t.model_name] if not part.questions else []
    by_name = {t.model_name: t for t in model}
    by_name |= {dotless(t.model_name): t for t in model}
    parameters = [t for t in model if t.role == "parameter"]
    for key in part.others[:MAX_PARTS]:
        start = f"{key}."
        held = [t for t in tensors if t.name.startswith(start)]
        pairs = [(t, twin) for t in held if (twin := _twin(t.name[len(start) :], by_name, parameters))]
        pairs = [(t, twin) for t, twin in pairs if t.shape == twin.shape]
        known = [(t, twin) for t, twin in pairs if t.digest and twin.digest]
        yield LayoutPart(
            key=key,
            kind=_kind(key, part, matched=len(pairs), tensors=len(held)),
            tensors=len(held),
            matched=len(pairs),
            equal=sum(t.digest == twin.digest and t.dtype == twin.dtype for t, twin in known) if known else None,
        )


def _twin(
    name: str, by_name: dict[str, TensorFingerprint], parameters: Sequence[TensorFingerprint]
) -> TensorFingerprint | None:
    shadow = _SHADOW.fullmatch(name)
    if shadow and int(shadow[1]) < len(parameters) and name not in by_name:
        return parameters[int(shadow[1])]
    return by_name.get(name) or by_name.get(unwrapped(name))


def _kind(key: str, part: ModelPart, *, matched: int, tensors: int) -> PartKind:
    if part.rule and key in part.rule.trained:
        return "trained"
    if part.rule and key in part.rule.averages:
        return "average"
    last = key.rpartition(".")[2]
    if names_average(last):
        return "average"
    for word in _WORDS:
        if word in last.lower():
            return word
    return "copy" if tensors and matched == tensors else "part"

"""Where in a checkpoint the model is, by the training code's layout and else by what the keys are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from generators.fingerprint.layout_rules import LayoutRule, find_rule
from generators.fingerprint.model_part import (
    MODEL_KEYS,
    common_wrapper,
    find_model_prefix,
    is_optimizer,
    tensor_role,
)
from generators.model.checkpoint import Branch, Container, Outline
from generators.model.fingerprint import TensorRole
from generators.model.layout import LayoutName, OpenQuestion
from generators.model.tensor import TensorEntry

_AVERAGE_KEY = r"(?i:.*[_\-.])?(?i:ema|swa|avg|averaged?|shadow|polyak)(?i:[_\-.].*|model|net|weights)?"
"""Keys that name a running average of weights, as whole words."""

AVERAGE_COUNTERS = frozenset({"decay", "num_updates", "n_averaged", "initted", "step"})
"""What the classes that average keep beside the weights. Source: ``torch/optim/swa_utils.py`` of PyTorch 2.13,
CompVis/latent-diffusion ``ldm/modules/ema.py``, lucidrains/ema-pytorch ``ema_pytorch.py``."""

FLAT_PARAMETERS = ("flat_param", "_flat_param")
"""Names of FSDP's flattened parameters. Source: ``torch/distributed/fsdp/_flat_param.py`` of PyTorch 2.13."""

_RANDOM_STATE = r"(?i:(?:^|.*[_\-.])(?:rng|random|seed)s?(?:[_\-.].*)?)"
_GENERATOR = r"(?i:(?:net|model)?_?(?:g|gen|generator)(?:_[ab]|_?[ab]2[ab])?(?:_state_dict)?)"
_DISCRIMINATOR = r"(?i:(?:net|model)?_?(?:d|dis|disc|discriminator|critic)(?:_[ab])?(?:_state_dict)?)"
_MAX_DOTS = 16
_MAX_KEY_CHARACTERS = 100
"""A longer key is no word that a training code chose."""
_MODULE_MEMBER = "training"
"""Every pickled module has it. Source: ``torch/nn/modules/module.py`` of PyTorch 2.13."""


class ModelPart(Struct, frozen=True, kw_only=True):
    """Which tensors are the model's.

    Attributes:
        layout: The layout.
        source: Of the rule that it was recognised by; empty when none was.
        key: Key of the model; empty for the root.
        prefix: What stands in front of the names of the model's tensors.
        has_model: Whether the file holds a model.
        optimizers: Keys of optimizers, each with a dot at its end.
        others: Keys of other weights.
        excluded: What of that lies within the model's prefix, each with a dot at its end.
        rule: The training code's rule, None when none applies.
        questions: What is undetermined.
    """

    layout: LayoutName
    prefix: str
    key: str = ""
    source: str = ""
    has_model: bool = True
    optimizers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    rule: LayoutRule | None = None
    questions: tuple[OpenQuestion, ...] = ()

    def role(self, name: str, dtype: str) -> TensorRole:
        """Return what a tensor is for."""
        if name.startswith(self.optimizers):
            return "optimizer"
        if not self.has_model and not is_optimizer(name):
            return "other"
        return "other" if name.startswith(self.excluded) else tensor_role(name, self.prefix, dtype)


def find_model_part(container: Container) -> ModelPart:
    """Return which of a container's tensors are the model's."""
    names = [tensor.name for tensor in container.tensors]
    if not names:
        return ModelPart(layout="no-tensors", prefix="", has_model=False)
    if container.outline is None:
        prefix = find_model_prefix(names)
        return _with_averages(names, ModelPart(layout="state-dict", prefix=prefix, key=_key_of(prefix)))
    return _with_averages(names, _by_outline(container, container.outline, names))


def _by_outline(container: Container, outline: Outline, names: Sequence[str]) -> ModelPart:
    optimizers = tuple(f"{b.name}." for b in outline.branches if b.is_optimizer)
    if outline.is_optimizer:
        return ModelPart(layout="optimizer-state", prefix="", has_model=False, optimizers=("",))
    if outline.root in {"tensor", "value"}:
        return ModelPart(layout="tensor", prefix="")
    if outline.root not in {"dict", "list"} and not outline.branches:
        return ModelPart(layout=_object_layout(container), prefix=find_model_prefix(names))
    if any(name.rpartition(".")[2] in FLAT_PARAMETERS for name in names[:16]):
        return ModelPart(layout="fsdp-flat", prefix="", optimizers=optimizers, questions=("weights-flat",))
    rule = find_rule(_keys(container, outline))
    if rule is not None and not rule.has_model:
        return ModelPart(
            layout=rule.name, source=rule.source, prefix="", has_model=False, optimizers=optimizers, rule=rule
        )
    return _among_branches(outline, container.tensors, rule, optimizers)


def _object_layout(container: Container) -> LayoutName:
    if container.format == "torchscript":
        return "torchscript"
    return "module" if any(entry.path == _MODULE_MEMBER for entry in container.objects) else "object"


def _keys(container: Container, outline: Outline) -> set[str]:
    keys = {branch.name for branch in outline.branches}
    for entry in container.objects:
        keys.add(entry.path)
        keys.add(entry.path.partition(".")[0])
    keys.update(t.name for t in container.tensors if "." not in t.name)
    return keys


class _Weights(Struct):
    """How many tensors lie below each branch, and how many of them in no deeper one."""

    below: Counter[str]
    directly: Counter[str]


def _count_weights(outline: Outline, tensors: Iterable[TensorEntry], optimizers: tuple[str, ...]) -> _Weights:
    weights = _Weights(Counter(), Counter())
    known = {branch.name for branch in outline.branches}
    for tensor in tensors:
        if tensor.name.startswith(optimizers):
            continue
        deepest = ""
        for above in _keys_above(tensor.name):
            if above in known:
                weights.below[above] += 1
                deepest = above
        if tensor.shape:
            weights.directly[deepest] += 1
    return weights


def _keys_above(name: str) -> Iterator[str]:
    place = name.find(".")
    for _ in range(_MAX_DOTS):
        if place < 0:
            return
        yield name[:place]
        place = name.find(".", place + 1)


def _among_branches(
    outline: Outline, tensors: Iterable[TensorEntry], rule: LayoutRule | None, optimizers: tuple[str, ...]
) -> ModelPart:
    weights = _count_weights(outline, tensors, optimizers)
    candidates = [b.name for b in _holders(outline.branches, weights) if b.depth == 1]
    key = next((k for k in rule.models if weights.below[k]), None) if rule else None
    if key is not None and rule is not None:
        listed = (*rule.averages, *rule.trained)
        others = [
            *(c for c in candidates if c != key and not _covers(c, listed)),
            *(k for k in listed if weights.below[k]),
        ]
        others = [k for k in dict.fromkeys(others) if k != key]
        return ModelPart(
            layout=rule.name,
            source=rule.source,
            prefix=f"{key}.",
            key=key,
            optimizers=optimizers,
            others=tuple(others),
            rule=rule,
        )
    return _without_rule(outline, weights, candidates, optimizers)


def _covers(key: str, listed: Iterable[str]) -> bool:
    return any(k.startswith(f"{key}.") for k in listed)


def _without_rule(
    outline: Outline, weights: _Weights, candidates: Sequence[str], optimizers: tuple[str, ...]
) -> ModelPart:
    key = _choose(candidates, alone=not weights.directly[""])
    if key is None:
        return _undetermined(outline, weights, candidates, optimizers)
    others = [c for c in candidates if c != key]
    while (inner := _choose_inner(key, outline.branches, weights)) is not None:
        siblings = [b.name for b in _holders(_below(key, outline.branches), weights)]
        others += [s for s in siblings if s != inner]
        key = inner
    return ModelPart(layout="training-loop", prefix=f"{key}.", key=key, optimizers=optimizers, others=tuple(others))


def _choose(candidates: Sequence[str], *, alone: bool) -> str | None:
    known = next((key for key in MODEL_KEYS if key in candidates), None)
    if known is not None:
        return known
    return candidates[0] if alone and len(candidates) == 1 else None


def _choose_inner(key: str, branches: Sequence[Branch], weights: _Weights) -> str | None:
    """Return the model's key in a dict that is a checkpoint itself: one with an optimizer or an average beside it."""
    if weights.directly[key]:
        return None
    below = _below(key, branches)
    last = {b.name: b.name[len(key) + 1 :] for b in _holders(below, weights)}
    known = next((name for wanted in MODEL_KEYS for name, tail in last.items() if tail == wanted), None)
    if known is None:
        return None
    beside = any(b.is_optimizer for b in below) or any(names_average(tail) for tail in last.values())
    return known if beside or len(last) == 1 else None


def _below(key: str, branches: Sequence[Branch]) -> list[Branch]:
    depth = next((b.depth for b in branches if b.name == key), 0) + 1
    return [b for b in branches if b.depth == depth and b.name.startswith(f"{key}.")]


def _holders(branches: Iterable[Branch], weights: _Weights) -> Iterator[Branch]:
    """Yield the branches that hold weights: not an optimizer's, no states of random number generators."""
    for branch in branches:
        if weights.below[branch.name] and not (
            branch.is_optimizer or is_optimizer(f"{branch.name}.") or _is_word(_RANDOM_STATE, branch.name)
        ):
            yield branch


def _undetermined(
    outline: Outline, weights: _Weights, candidates: Sequence[str], optimizers: tuple[str, ...]
) -> ModelPart:
    if weights.directly[""] or not candidates:
        # names at the root, whatever else is there: a state dict
        return ModelPart(layout="state-dict", prefix="", optimizers=optimizers)
    is_list = outline.root == "list" or all(key.isdecimal() for key in candidates)
    layout: LayoutName = "list" if is_list else "several-models"
    if all(any(_is_word(word, key) for key in candidates) for word in (_GENERATOR, _DISCRIMINATOR)):
        layout = "gan"
    return ModelPart(
        layout=layout,
        prefix="",
        optimizers=optimizers,
        others=tuple(candidates),
        questions=("list-entry" if is_list else "model-key",),
    )


def _with_averages(names: Sequence[str], part: ModelPart) -> ModelPart:
    """Remove the wrappers in front of the model's names, and leave out an average that lies among them."""
    own = _own_names(names, part)
    heads = {name.partition(".")[0] for name in own} if part.has_model else set()
    prefix, excluded, others = part.prefix, list(part.excluded), list(part.others)
    for head in sorted(h for h in heads if names_average(h)):
        twin = _twin_of(head, own)
        if twin is not None:
            excluded.append(f"{part.prefix}{head}.")
            others.append(f"{part.prefix}{head}")
            own = [name for name in own if not name.startswith(f"{head}.")]
            if twin and all(name.startswith(f"{twin}.") for name in own):
                prefix, own = f"{prefix}{twin}.", [name[len(twin) + 1 :] for name in own]
    excluded += [f"{prefix}{name}" for name in own if name == "n_averaged"]
    own = [name for name in own if name != "n_averaged"]
    while part.has_model and not part.questions and (wrapper := common_wrapper(own)):
        prefix += wrapper
        own = [name.removeprefix(wrapper) for name in own]
    return ModelPart(
        layout=part.layout,
        source=part.source,
        prefix=prefix,
        key=part.key,
        has_model=part.has_model,
        optimizers=part.optimizers,
        others=tuple(others),
        excluded=tuple(excluded),
        rule=part.rule,
        questions=part.questions,
    )


def _own_names(names: Sequence[str], part: ModelPart) -> list[str]:
    """Return the names under the model's prefix, without it, and without an optimizer's."""
    start, optimizers = len(part.prefix), part.optimizers
    if start:
        return [n[start:] for n in names if n.startswith(part.prefix) and not n.startswith(optimizers)]
    return [n for n in names if not n.startswith(optimizers) and not is_optimizer(n)]


def _twin_of(head: str, names: Sequence[str]) -> str | None:
    """Return the head of the names that an average has too (empty for names without one), None where there are none."""
    wanted = {unwrapped(n[len(head) + 1 :]) for n in names if n.startswith(f"{head}.")} - AVERAGE_COUNTERS
    rest = [name for name in names if not name.startswith(f"{head}.")]
    for twin in ("", *sorted({n.partition(".")[0] for n in rest})):
        start = f"{twin}." if twin else ""
        have = {unwrapped(name[len(start) :]) for name in rest if name.startswith(start)}
        if wanted and (wanted <= have or wanted <= {dotless(name) for name in have}):
            return twin
    return None


def names_average(key: str) -> bool:
    """Whether a key names a running average of weights."""
    return _is_word(_AVERAGE_KEY, key)


def _is_word(word: str, key: str) -> bool:
    # compiled when one is asked for: re keeps it, and most files ask for few
    return len(key) <= _MAX_KEY_CHARACTERS and re.fullmatch(word, key) is not None


def unwrapped(name: str) -> str:
    """Return a name without the prefixes of wrappers."""
    while wrapper := common_wrapper([name]):
        name = name.removeprefix(wrapper)
    return name


def dotless(name: str) -> str:
    """Return a name as latent-diffusion's average spells it. Source: ``ldm/modules/ema.py`` of that repository."""
    return name.replace(".", "")


def _key_of(prefix: str) -> str:
    head = prefix.partition(".")[0]
    return head if head in MODEL_KEYS and f"{head}." not in {"module.", "model."} else ""

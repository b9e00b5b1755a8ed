"""How a training code laid a checkpoint out: which key holds what."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

LayoutName = Literal[
    "state-dict",
    "tensor",
    "module",
    "object",
    "torchscript",
    "training-loop",
    "torch-tutorial",
    "3dmppe",
    "lightning",
    "timm",
    "mmengine",
    "mmcv",
    "ultralytics",
    "deepspeed-model",
    "deepspeed-optimizer",
    "megatron",
    "fairseq",
    "detectron2",
    "dino",
    "stylegan2",
    "gan",
    "fsdp-flat",
    "optimizer-state",
    "trainer-random-state",
    "accelerate-random-state",
    "list",
    "several-models",
    "no-tensors",
]
"""Layouts that are told apart; the words are the catalog message ``layout`` / name."""

PartKind = Literal["average", "trained", "teacher", "student", "copy", "part"]
"""What else of the size of a model a checkpoint holds.

A running ``average`` of the model; the weights as they were ``trained``, where the model itself is the average;
``teacher`` and ``student`` of a self-distillation; another ``copy`` with the same names; a ``part`` with other names
(discriminator, loss).
"""

OpenQuestion = Literal["model-key", "list-entry", "optimizer", "weights-elsewhere", "weights-flat"]
"""What the file doesn't determine; the words are the catalog message ``layout-open`` / name."""


class LayoutPart(Struct, frozen=True, kw_only=True):
    """Weights beside the model's.

    Attributes:
        key: Where they are, keys from the root joined with ``.``. Hostile text.
        kind: What they are.
        tensors: How many.
        matched: How many of them have the name and shape of a tensor of the model.
        equal: How many of those have its digest, too; None when nothing was digested.
    """

    key: str
    kind: PartKind
    tensors: int
    matched: int
    equal: int | None


class OptimizerState(Struct, frozen=True, kw_only=True):
    """The state of one optimizer.

    Attributes:
        key: Where it is. Hostile text.
        algorithms: Those that keep exactly such a state, sorted; several when the state doesn't tell them apart, none
            when it is no known one's.
        state_keys: Names of what is kept for each parameter, sorted. Hostile text.
        tensors: How many tensors it has.
    """

    key: str
    algorithms: tuple[str, ...]
    state_keys: tuple[str, ...]
    tensors: int


class CheckpointLayout(Struct, frozen=True, kw_only=True):
    """Which training code's layout a checkpoint has, and what is where in it.

    Attributes:
        name: The layout.
        source: The file of the training code whose saving is recognised; empty where no code's is.
        model_key: Key of the model, without the wrappers that ``model_prefix`` of the fingerprint has as well; empty
            when the model is the checkpoint itself, or isn't determined. Hostile text.
        parts: Other weights, in the checkpoint's order.
        optimizers: States of optimizers.
        tied: Names of the model's tensors that are one view of one storage, a group each. Hostile text.
        tied_groups: How many such groups there are; ``tied`` has the first of them.
        sharded: Whether tensors are one process's share of larger ones.
        zero_stage: DeepSpeed's ZeRO stage, where it is said.
        open_questions: What can't be told from the file.
    """

    name: LayoutName
    source: str = ""
    model_key: str = ""
    parts: tuple[LayoutPart, ...] = ()
    optimizers: tuple[OptimizerState, ...] = ()
    tied: tuple[tuple[str, ...], ...] = ()
    tied_groups: int = 0
    sharded: bool = False
    zero_stage: int | None = None
    open_questions: tuple[OpenQuestion, ...] = ()

"""Which of a checkpoint's tensors are the model's own, and what wraps their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generators.model.fingerprint import TensorRole

MODEL_KEYS = (
    "network",
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "weights",
    "params",
    "module",
    "ema_state_dict",
    "state_dict_ema",
    "model_ema",
    "ema",
)
"""Keys under which training codes keep the model, in order of preference; averaged copies (EMA) last.

Source: 3DMPPE family (``network``), Lightning and MMEngine (``state_dict``), torch's own tutorial
(``model_state_dict``), timm (``state_dict``, ``state_dict_ema``), Ultralytics (``model``, ``ema``), DeepSpeed
(``module``).
"""

DECISIVE_KEYS = frozenset({"network", "state_dict", "model_state_dict", "model_state"})
"""Those of them that no network names a layer by."""

OPTIMIZER_KEYS = re.compile(
    r"(?i:last_optimizer|optimizer|optim|opt|lr_scheduler|scheduler|grad_scaler|scaler|amp)(?:s|es)?(?=$|[_\-\d]|[A-Z])"
)
"""Beginnings of the keys under which training codes keep optimizer, schedule and loss scale: whole words, because
networks have layers such as ``optical_flow`` and ``amplitude``."""

WRAPPERS = ("module.", "_orig_mod.", "model.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")
"""Prefixes that wrappers add to every name: DataParallel, ``torch.compile``, Lightning-like modules, FSDP and
activation checkpointing. Source of the last two: ``torch/distributed/fsdp/_common_utils.py`` and
``torch/distributed/algorithms/_checkpoint/checkpoint_wrapper.py`` of PyTorch 2.13."""

QUANTISED_DTYPES = re.compile(r"(i?q\d|tq\d)_|(mx|nv)fp4")
"""ggml's types of quantised weights, which were trained before they were quantised."""

BUFFER_NAMES = ("running_mean", "running_var", "num_batches_tracked")
"""Last part of the names of torch's normalisation buffers. Source: ``torch.nn.modules.batchnorm``."""


def find_model_prefix(names: Sequence[str]) -> str:
    """Return what stands in front of every model tensor's own name; possibly empty.

    Args:
        names: Tensor names from the checkpoint's root, joined with ``.``.
    """
    heads = {name.partition(".")[0] for name in names if "." in name and not is_optimizer(name)}
    # beside `model.encoder.weight`, a `lm_head.weight` shows that `model` is a layer, not the key of a checkpoint
    alone = heads <= set(MODEL_KEYS)
    key = next((key for key in MODEL_KEYS if key in heads and (alone or key in DECISIVE_KEYS)), None)
    prefix = ""
    if key is not None and not _is_wrapper_of_all(key, names):
        prefix = f"{key}."
    own = [name.removeprefix(prefix) for name in names if name.startswith(prefix) and not is_optimizer(name)]
    while wrapper := common_wrapper(own):
        prefix += wrapper
        own = [name.removeprefix(wrapper) for name in own]
    return prefix


def tensor_role(name: str, prefix: str, dtype: str) -> TensorRole:
    """Return what a tensor is for.

    Running statistics and counters are buffers, and so are integers and booleans: no optimizer trains them.
    """
    if is_optimizer(name):
        return "optimizer"
    if not name.startswith(prefix):
        return "other"
    trainable = dtype.startswith(("float", "bfloat", "complex")) or QUANTISED_DTYPES.match(dtype) is not None
    if not trainable or name.rpartition(".")[2] in BUFFER_NAMES:
        return "buffer"
    return "parameter"


def is_optimizer(name: str) -> bool:
    """Whether a name lies under a key of the optimizer, the schedule or the loss scale."""
    return "." in name and OPTIMIZER_KEYS.match(name.partition(".")[0]) is not None


def common_wrapper(names: Sequence[str]) -> str:
    """Return the wrapper's prefix that every name has, empty when there is none."""
    if not names:
        return ""
    return next((w for w in WRAPPERS if all(name.startswith(w) and name != w for name in names)), "")


def _is_wrapper_of_all(key: str, names: Sequence[str]) -> bool:
    return f"{key}." in WRAPPERS and all(name.startswith(f"{key}.") for name in names)

"""Which algorithm an optimizer is, by what it keeps for each parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from msgspec import Struct


class _Algorithm(Struct, frozen=True, kw_only=True):
    """One optimizer.

    Attributes:
        name: As its library spells it.
        state: Keys that it always keeps for a parameter.
        optional: Keys that it may keep.
        group: A key that its parameter groups have, unlike others' with the same state.
        group_lacks: A key that they lack.
    """

    name: str
    state: frozenset[str]
    optional: frozenset[str] = frozenset()
    group: str = ""
    group_lacks: str = ""

    def fits(self, state: AbstractSet[str], group: AbstractSet[str]) -> bool:
        """Whether it keeps such a state; a group that isn't there speaks neither for nor against it."""
        if not self.state <= state <= self.state | self.optional:
            return False
        return not group or ((not self.group or self.group in group) and self.group_lacks not in group)


def _algorithm(name: str, state: str, optional: str = "", *, group: str = "", lacks: str = "") -> _Algorithm:
    return _Algorithm(
        name=name,
        state=frozenset(state.split()),
        optional=frozenset(optional.split()),
        group=group,
        group_lacks=lacks,
    )


_ADAM = "exp_avg exp_avg_sq"
_SHAMPOO = " ".join(("momentum_buffer", *(f"{part}_{i}" for part in ("precond", "inv_precond") for i in range(1, 8))))
_8_BIT = "qmap1 absmax1 max1 unorm_vec"

_ALGORITHMS = (
    # Source: torch/optim/*.py of PyTorch 2.13
    _algorithm("SGD", "momentum_buffer", group="dampening"),
    _algorithm("Muon", "momentum_buffer", group="ns_steps"),
    _algorithm("Adam", f"step {_ADAM}", "max_exp_avg_sq", group="amsgrad"),
    _algorithm("AdamW", f"step {_ADAM}", "max_exp_avg_sq", group="amsgrad"),
    _algorithm("RAdam", f"step {_ADAM}", group="weight_decay", lacks="amsgrad"),
    _algorithm("SparseAdam", f"step {_ADAM}", lacks="weight_decay"),
    _algorithm("NAdam", f"step {_ADAM} mu_product"),
    _algorithm("Adamax", "step exp_avg exp_inf"),
    _algorithm("Adadelta", "step square_avg acc_delta"),
    _algorithm("Adagrad", "step sum"),
    _algorithm("RMSprop", "step square_avg", "momentum_buffer grad_avg"),
    _algorithm("Rprop", "step prev step_size"),
    _algorithm("ASGD", "step eta mu ax"),
    _algorithm("Adafactor", "step", "row_var col_var variance", group="eps"),
    _algorithm("LBFGS", "func_evals n_iter", "d t old_dirs old_stps ro H_diag prev_flat_grad prev_loss al"),
    # Source: huggingface/transformers ad1fc96, src/transformers/optimization.py
    _algorithm("Adafactor (transformers)", "step RMS", "exp_avg exp_avg_sq exp_avg_sq_row exp_avg_sq_col"),
    # Source: huggingface/pytorch-image-models aa4b585, timm/optim: lion.py, lamb.py, adan.py, adabelief.py
    _algorithm("Lion", "exp_avg"),
    _algorithm("LAMB", _ADAM, group="grad_averaging"),
    _algorithm("Adan", f"{_ADAM} exp_avg_diff neg_pre_grad", "step"),
    _algorithm("AdaBelief", "step exp_avg exp_avg_var", "max_exp_avg_var"),
    # Source: NVIDIA/apex 6424da3, apex/optimizers/fused_adam.py
    _algorithm("FusedAdam (apex)", _ADAM, lacks="grad_averaging"),
    # Source: jettify/pytorch-optimizer 19c3e41, torch_optimizer/shampoo.py; one of each for every dimension
    _algorithm("Shampoo", "step precond_0 inv_precond_0", _SHAMPOO),
    # Source: kozistr/pytorch_optimizer 7a076d2, pytorch_optimizer/optimizer/shampoo.py (ScalableShampoo)
    _algorithm("Shampoo", "momentum pre_conditioner graft", "momentum_buffer"),
    # Source: nikhilvyas/SOAP a1e5535, soap.py
    _algorithm("SOAP", f"step {_ADAM} GG Q", "precondition_frequency shampoo_beta"),
    # Source: bitsandbytes-foundation/bitsandbytes 95f9af3, bitsandbytes/optim/optimizer.py
    _algorithm("bitsandbytes (state1, state2)", "step state1 state2", f"{_8_BIT} qmap2 absmax2 max2"),
    _algorithm("bitsandbytes (state1)", "step state1", _8_BIT),
    # Source: konstmish/prodigy 3efb213, prodigyopt/prodigy.py
    _algorithm("Prodigy", "step s p0 exp_avg_sq", "exp_avg"),
)


def find_algorithms(state_keys: AbstractSet[str], group: Mapping[str, str]) -> tuple[str, ...]:
    """Return the algorithms that keep such a state, sorted; several when nothing tells them apart.

    Args:
        state_keys: What is kept for each parameter; empty for an optimizer that keeps nothing (yet).
        group: Its first parameter group, values as text; empty when it isn't known.
    """
    names = {a.name for a in _ALGORITHMS if a.fits(state_keys, group.keys())} if state_keys else set()
    if names == {"Adam", "AdamW"} and "decoupled_weight_decay" in group:
        # one class since PyTorch 2.7: torch/optim/adamw.py
        return ("AdamW",) if group["decoupled_weight_decay"] == "True" else ("Adam",)
    return tuple(sorted(names))


def state_keys_of(names: Iterable[str], key: str, *, named: bool) -> frozenset[str]:
    """Return what an optimizer keeps for each parameter: words of the names under its ``state``.

    Args:
        names: Of tensors and of other values.
        key: Of the optimizer's state, with a dot at its end; empty for the root.
        named: Whether parameters have names, which may have dots themselves, and not numbers.
    """
    start = f"{key}state."
    found: set[str] = set()
    for name in names:
        if name.startswith(start):
            words = [word for word in name[len(start) :].split(".")[1:] if not word.isdecimal()]
            # below the parameter comes a word, and below that perhaps numbers, of a list
            if words:
                found.add(words[-1] if named else words[0])
    return frozenset(found)

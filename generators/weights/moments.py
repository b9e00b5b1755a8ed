"""The optimizer's averages of Adam's kind against the weights: would a real optimizer have left these?

All of it follows from the statistics of a fingerprint; no byte is read again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from generators.architectures.training import TrainingFigures
from generators.model.fingerprint import Odometer, TensorFingerprint
from generators.model.training import MomentsEvidence

_AVERAGE = re.compile(r"(?:.*\.)?state\.(\d+)\.(exp_avg|exp_avg_sq)")
"""Names of the averages in a torch optimizer's state. Source: ``torch.optim.adam`` of PyTorch 2.13."""
ROUNDING = 1.001
"""Factor that float32 sums may be off by when averages are held against their bound."""


class _Pair(Struct, frozen=True, kw_only=True):
    """The two averages of one parameter."""

    average: TensorFingerprint
    squares: TensorFingerprint


def check_moments(
    tensors: Sequence[TensorFingerprint], odometer: Odometer, figures: TrainingFigures | None
) -> MomentsEvidence | None:
    """Hold the averages against the parameters, in the order in which torch numbers them.

    Args:
        tensors: All tensors of the checkpoint, in its order.
        odometer: Its counters.
        figures: How its family is trained; without them averages aren't held against a bound.

    Returns:
        None where the file has no averages of Adam's kind.
    """
    pairs = _pairs(tensors)
    if not pairs:
        return None
    parameters = [t for t in tensors if t.role == "parameter"]
    shapes = sum(
        n < len(parameters) and pair.average.shape == pair.squares.shape == parameters[n].shape
        for n, pair in pairs.items()
    )
    averages = [t for pair in pairs.values() for t in (pair.average, pair.squares)]
    squares = [pair.squares.statistics for pair in pairs.values() if pair.squares.statistics is not None]
    evidence = MomentsEvidence(
        parameters=len(parameters),
        with_moments=len(pairs),
        shapes_agree=shapes,
        unread=sum(t.statistics is None for t in averages),
        nonfinite=sum(t.statistics is not None and t.statistics.nonfinite > 0 for t in averages),
        negative=sum(s.minimum is not None and s.minimum < 0 for s in squares),
        all_zero=sum(s.zeros == s.count for s in squares),
        beyond_bound=sum(_is_beyond(pair, figures) for pair in pairs.values()) if figures else 0,
        steps_agree=_steps_agree(odometer),
        consistent=None,
    )
    return _judged(evidence, read=len(averages) - sum(t.statistics is None for t in averages))


def average_bound(figures: TrainingFigures) -> float:
    """Return how many times larger than the root of the squares' average the average of gradients can be.

    By Cauchy and Schwarz: the average weighs the gradient of k steps ago by (1 - b1) b1^k, that of squares by
    (1 - b2) b2^k; no gradients whatever take their quotient beyond the root of the sum of the squared first weights
    over the second ones. It bounds an optimizer's step, too: in units of the learning rate.
    """
    return (1 - figures.beta1) / math.sqrt((1 - figures.beta2) * (1 - figures.beta1**2 / figures.beta2))


def _pairs(tensors: Sequence[TensorFingerprint]) -> Mapping[int, _Pair]:
    found: dict[int, dict[str, TensorFingerprint]] = {}
    for tensor in tensors:
        match = _AVERAGE.fullmatch(tensor.name) if tensor.role == "optimizer" else None
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = tensor
    return {
        number: _Pair(average=both["exp_avg"], squares=both["exp_avg_sq"])
        for number, both in found.items()
        if len(both) == 2  # noqa: PLR2004 - both
    }


def _is_beyond(pair: _Pair, figures: TrainingFigures) -> bool:
    """Whether the largest average is beyond what even the largest average of squares of its tensor allows."""
    average, squares = pair.average.statistics, pair.squares.statistics
    if average is None or squares is None or average.minimum is None or average.maximum is None:
        return False
    if squares.maximum is None or squares.maximum < 0:
        return False
    largest = max(-average.minimum, average.maximum)
    return largest > ROUNDING * average_bound(figures) * math.sqrt(squares.maximum)


def _steps_agree(odometer: Odometer) -> bool | None:
    if not odometer.optimizer_steps or not odometer.batches_tracked:
        return None
    return odometer.optimizer_steps == odometer.batches_tracked and len(odometer.optimizer_steps) == 1


def _judged(evidence: MomentsEvidence, read: int) -> MomentsEvidence:
    if not read:
        return evidence
    sound = not (evidence.nonfinite or evidence.negative or evidence.beyond_bound)
    complete = evidence.parameters == evidence.with_moments == evidence.shapes_agree
    alive = evidence.all_zero < evidence.with_moments
    return replace(evidence, consistent=sound and complete and alive and evidence.steps_agree is not False)

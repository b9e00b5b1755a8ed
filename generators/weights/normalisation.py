"""Running statistics away from their start.

They start at mean 0 and variance 1, and each batch replaces a tenth of them. So
after n batches no running variance is below 0.9^n: the smallest one tells how
many batches there were at least, whatever the counters say.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from generators.architectures.training import BATCH_NORM_MOMENTUM, RUNNING_MEAN_START, RUNNING_VARIANCE_START
from generators.model.fingerprint import Statistics, TensorFingerprint
from generators.model.training import NormalisationEvidence

RUNNING_MEAN = ".running_mean"
RUNNING_VARIANCE = ".running_var"
ROUNDING = 1e-3
"""Of a batch, when batches are counted from a variance: 0.9 in float32 is a little off."""


def measure_normalisation(tensors: Iterable[tuple[str, TensorFingerprint]]) -> Iterator[NormalisationEvidence]:
    """Yield what each normalisation layer's statistics tell, from the statistics of a fingerprint.

    Args:
        tensors: The model's, each under the name it is shown by.
    """
    statistics = {name: t.statistics for name, t in tensors if t.statistics is not None}
    for name, means in statistics.items():
        layer = name.removesuffix(RUNNING_MEAN)
        variances = statistics.get(f"{layer}{RUNNING_VARIANCE}")
        if layer != name and variances is not None:
            yield from _measure_layer(layer, means, variances)


def batches_at_least(smallest_variance: float) -> int:
    """Return how many batches it takes for a running variance to become so small; 0 for one that isn't below 1."""
    if smallest_variance >= RUNNING_VARIANCE_START:
        return 0
    if smallest_variance <= 0:
        return 0  # float32 can't hold 0.9^n of so many batches, but neither can a zero tell that there were any
    batches = math.log(smallest_variance / RUNNING_VARIANCE_START) / math.log(1 - BATCH_NORM_MOMENTUM)
    return max(1, math.ceil(batches - ROUNDING))


def _measure_layer(layer: str, means: Statistics, variances: Statistics) -> Iterator[NormalisationEvidence]:
    if means.mean is None or means.std is None or variances.minimum is None or variances.maximum is None:
        return
    at_start = (RUNNING_MEAN_START, RUNNING_MEAN_START, RUNNING_VARIANCE_START, RUNNING_VARIANCE_START)
    yield NormalisationEvidence(
        name=layer,
        channels=means.count,
        mean_distance=math.hypot(means.mean - RUNNING_MEAN_START, means.std),
        smallest_variance=float(variances.minimum),
        largest_variance=float(variances.maximum),
        moved=(means.minimum, means.maximum, variances.minimum, variances.maximum) != at_start,
        batches_at_least=batches_at_least(float(variances.minimum)),
    )

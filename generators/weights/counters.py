"""What the counters imply: samples an epoch, and which published training sets have as many.

A match says "consistent with" and no more: other data of that size would give
the same counters, and counters can be set.
"""

from __future__ import annotations

from collections.abc import Sequence

from generators.architectures.training import TrainingFigures, TrainingSet
from generators.model.fingerprint import Odometer
from generators.model.training import CounterEvidence, TrainingSetMatch

FEWEST_PER_EPOCH = 2
"""Iterations an epoch from which on they are held against data sets: a single one tells nothing."""


def read_counters(
    odometer: Odometer, figures: TrainingFigures | None, training_sets: Sequence[TrainingSet]
) -> CounterEvidence:
    """Return what an odometer implies.

    Args:
        odometer: The counters of a checkpoint.
        figures: How its family is trained, with the batch size that samples are counted by.
        training_sets: Of its family.
    """
    per_epoch = odometer.iterations_per_epoch
    counters = CounterEvidence(iterations=single_count(odometer), iterations_per_epoch=per_epoch)
    if figures is None or per_epoch is None or per_epoch < FEWEST_PER_EPOCH:
        return counters
    # the last batch of an epoch has from one sample to all of them
    least, most = (per_epoch - 1) * figures.batch_size + 1, per_epoch * figures.batch_size
    return CounterEvidence(
        iterations=counters.iterations,
        iterations_per_epoch=per_epoch,
        batch_size=figures.batch_size,
        samples_per_epoch_minimum=least,
        samples_per_epoch_maximum=most,
        consistent_with=tuple(
            TrainingSetMatch(
                id=s.id, samples_minimum=s.samples_minimum, samples_maximum=s.samples_maximum, sources=s.sources
            )
            for s in training_sets
            if s.samples_minimum <= most and least <= s.samples_maximum
        ),
    )


def single_count(odometer: Odometer) -> int | None:
    """Return the number of iterations that all counters tell; None where they differ or there are none."""
    counts = {*odometer.optimizer_steps, *odometer.batches_tracked}
    return next(iter(counts)) if len(counts) == 1 else None


def highest_count(odometer: Odometer) -> int | None:
    """Return the highest of the counters; None where there are none."""
    return max((*odometer.optimizer_steps, *odometer.batches_tracked), default=None)

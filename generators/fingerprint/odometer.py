"""How far training went, by the counters it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from generators.fingerprint.model_part import is_optimizer
from generators.model.checkpoint import ObjectEntry
from generators.model.fingerprint import Odometer


def read_odometer(objects: Sequence[ObjectEntry], steps: Iterable[int], batches: Iterable[int]) -> Odometer:
    """Compare the counters of a checkpoint.

    Args:
        objects: Non-tensor values: ``epoch``, and ``step`` counters that are plain numbers (torch before 1.12).
        steps: Values of the optimizer's ``step`` tensors.
        batches: Values of the model's ``num_batches_tracked`` tensors.
    """
    epoch = _epoch(objects)
    all_steps = {*steps, *_plain_steps(objects)}
    all_batches = set(batches)
    iterations = all_steps | all_batches
    single = next(iter(iterations)) if len(iterations) == 1 else None
    whole = epoch is not None and single is not None and single % (epoch + 1) == 0
    return Odometer(
        epoch=epoch,
        optimizer_steps=tuple(sorted(all_steps)),
        batches_tracked=tuple(sorted(all_batches)),
        iterations_per_epoch=single // (epoch + 1) if whole and single is not None and epoch is not None else None,
        agree=_agree(epoch, all_steps, all_batches),
    )


def _agree(epoch: int | None, steps: set[int], batches: set[int]) -> bool | None:
    kinds = [counter for counter in (steps, batches) if counter]
    if len(kinds) + (epoch is not None) < 2:  # noqa: PLR2004 - one counter has nothing to agree with
        return None
    if not kinds or len(set().union(*kinds)) != 1:
        return False
    iterations = next(iter(kinds[0]))
    return epoch is None or (iterations > 0 and iterations % (epoch + 1) == 0)


def _epoch(objects: Sequence[ObjectEntry]) -> int | None:
    for entry in objects:
        if entry.path == "epoch" and entry.type == "int" and isinstance(entry.number, int) and entry.number >= 0:
            return entry.number
    return None


def _plain_steps(objects: Sequence[ObjectEntry]) -> set[int]:
    return {
        entry.number
        for entry in objects
        if is_optimizer(entry.path)
        and entry.path.endswith(".step")
        and isinstance(entry.number, int)
        and entry.number >= 0
    }

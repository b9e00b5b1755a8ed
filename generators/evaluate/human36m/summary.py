"""From errors to the figures of a protocol."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generators.architectures.skeleton import JOINTS
from generators.evaluate.human36m.alignment import joint_errors
from generators.evaluate.human36m.cameras import Floats
from generators.evaluate.human36m.interval import BOOTSTRAP_SEED, CONFIDENCE, RESAMPLES, interval_over_takes
from generators.evaluate.human36m.predicting import Poses
from generators.evaluate.human36m.skeleton import ACTIONS, ANNOTATED_JOINTS
from generators.evaluate.human36m.test_set import Frame
from generators.model.accuracy import AccuracyRun, ActionError, JointError
from generators.model.metric import Protocol


def summarise(
    protocol: Protocol, frames: tuple[Frame, ...], poses: Poses, images_total: int, *, recognised: bool
) -> AccuracyRun | None:
    """Return the figures of one protocol; None where none of the frames is one of its subjects.

    Args:
        protocol: As it is carried out; see :func:`~generators.evaluate.human36m.measuring.carried_out`.
        frames: The frames that were measured, of whatever subjects.
        poses: Their predictions.
        images_total: Images that the protocol has in the data at hand.
        recognised: Whether the data are Human3.6M's.
    """
    subjects = subject_numbers(protocol)
    mine = np.array([frame.subject in subjects for frame in frames])
    if not mine.any():
        return None
    chosen = [frame for frame in frames if frame.subject in subjects]
    predicted = (poses.averaged if protocol.flip_test else poses.plain)[mine]
    errors = joint_errors(predicted, np.stack([frame.pose for frame in chosen]), protocol.alignment)
    takes = np.array([frame.take for frame in chosen])
    of_images = errors.mean(axis=1)
    actions = _by_action(of_images, np.array([frame.action for frame in chosen]))
    means = [action.error_mm for action in actions if action.error_mm is not None]
    low, high = interval_over_takes(of_images, takes) or (None, None)
    return AccuracyRun(
        id=protocol.id,
        protocol=protocol.id,
        measured_as=protocol,
        error_mm=float(of_images.mean()),
        action_mean_mm=float(np.mean(means)) if len(means) == len(actions) else None,
        interval_low_mm=low,
        interval_high_mm=high,
        confidence=CONFIDENCE,
        resamples=RESAMPLES,
        seed=BOOTSTRAP_SEED,
        images=len(chosen),
        images_total=images_total,
        takes=len(set(takes.tolist())),
        recognised=recognised,
        whole=recognised and len(chosen) == images_total,
        actions=actions,
        joints=tuple(
            JointError(name=name, error_mm=float(error))
            for name, error in zip(JOINTS[:ANNOTATED_JOINTS], errors.mean(axis=0), strict=True)
        ),
    )


def subject_numbers(protocol: Protocol) -> tuple[int, ...]:
    """Return a protocol's test subjects as numbers: ``S9, S11`` is 9 and 11."""
    return tuple(int(name.strip().removeprefix("S")) for name in protocol.subjects.split(","))


def _by_action(errors: Floats, actions: NDArray[np.int64]) -> tuple[ActionError, ...]:
    return tuple(
        ActionError(
            name=name,
            images=int((actions == number).sum()),
            error_mm=float(errors[actions == number].mean()) if (actions == number).any() else None,
        )
        for number, name in ACTIONS.items()
    )

"""Evidence without what differs from one run to the next on the same machine: times, rates and memory."""

from __future__ import annotations

from msgspec.structs import replace

from generators.model.accuracy import Accuracy
from generators.model.evaluation import Device, Evaluation
from generators.model.evidence import SubjectEvidence
from generators.model.numerics import Numerics
from generators.model.sanity import SanityEvaluation


def steady_subject(subject: SubjectEvidence) -> SubjectEvidence:
    """Return a subject's evidence without times, rates and memory."""
    return replace(
        subject,
        evaluation=steady_evaluation(subject.evaluation),
        sanity=steady_sanity(subject.sanity),
        accuracy=steady_accuracy(subject.accuracy),
    )


def steady_evaluation(evaluation: Evaluation | None) -> Evaluation | None:
    """Return an evaluation without them."""
    return evaluation and replace(
        evaluation,
        device=steady_device(evaluation.device),
        latency_seconds=None,
        latency_minimum_seconds=None,
        latency_maximum_seconds=None,
        timed_passes=0,
        peak_memory_bytes=None,
        numerics=_steady_numerics(evaluation.numerics),
        speed=None,
    )


def steady_sanity(sanity: SanityEvaluation | None) -> SanityEvaluation | None:
    """Return an examination without them."""
    return sanity and replace(sanity, device=steady_device(sanity.device), seconds=None)


def steady_accuracy(accuracy: Accuracy | None) -> Accuracy | None:
    """Return a measurement of accuracy without them, and without its date."""
    return accuracy and replace(
        accuracy, device=steady_device(accuracy.device), seconds=None, measured_at="", batch_size=0
    )


def steady_device(device: Device | None) -> Device | None:
    """Return a device without the size of its memory, which differs from one start to the next, and torch's words."""
    return device and replace(device, memory_bytes=None, without_cuda_detail="")


def _steady_numerics(numerics: Numerics | None) -> Numerics | None:
    return numerics and replace(
        numerics, comparisons=tuple(replace(c, preparation_seconds=None) for c in numerics.comparisons)
    )

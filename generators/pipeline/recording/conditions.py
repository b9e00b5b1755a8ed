"""What a build makes evidence by, and what of that differs between two builds."""

from __future__ import annotations

from collections.abc import Iterable

from generators import __version__
from generators.model.conditions import Cause, CodePart, CodePartName, Conditions, Library
from generators.model.evaluation import Device
from generators.model.evidence import SubjectEvidence
from generators.pipeline.evidence.running import EVALUATION_CODE
from generators.pipeline.evidence.weights_alone import WEIGHTS_CODE
from generators.pipeline.files.identifying import CODE as IDENTIFYING_CODE
from generators.pipeline.files.reading import READING_CODE
from generators.provenance import describe_platform, describe_python, digest_code, package_version

CODE_PARTS: dict[CodePartName, tuple[str, ...]] = {
    "reading": READING_CODE,
    "identifying": IDENTIFYING_CODE,
    "weights": WEIGHTS_CODE,
    "evaluating": EVALUATION_CODE,
    "judging": ("judge",),
}
"""Parts of the package by what they do: the same whose change makes kept results stale."""
LIBRARIES = ("blake3", "ml-dtypes", "numpy", "pillow", "ptflops", "scikit-image", "torch")
"""Distributions whose version can change a result."""


def conditions(device: Device | None) -> Conditions:
    """Return what this process makes evidence by.

    Args:
        device: Where networks ran; None where none ran.
    """
    return Conditions(
        version=__version__,
        code=tuple(CodePart(name=name, digest=digest_code(*parts)) for name, parts in CODE_PARTS.items()),
        libraries=tuple(Library(name=name, version=package_version(name)) for name in LIBRARIES),
        device=device,
        python=describe_python(),
        platform=describe_platform(),
    )


def device_of(subjects: Iterable[SubjectEvidence]) -> Device | None:
    """Return where the network of the first of these subjects ran; None where none ran."""
    for subject in subjects:
        for part in (subject.evaluation, subject.sanity):
            if part is not None and part.device is not None:
                return part.device
    return None


def causes_between(
    before: Conditions, after: Conditions, parts: Iterable[str] = tuple(CODE_PARTS)
) -> tuple[Cause, ...]:
    """Return which of code, libraries and device differ, in this order.

    Python and what torch was built with count as libraries, the operating system as the device. The size of the
    memory doesn't count: it differs from one start of a machine to the next, and moves no figure but its own.

    Args:
        before: Of the earlier build.
        after: Of the later one.
        parts: Names of the parts of the code that matter.
    """
    wanted = frozenset(parts)
    code_differs = _code(before, wanted) != _code(after, wanted)
    device_differs = _places_differ(before, after)
    found: dict[Cause, bool] = {
        "code": code_differs,
        "library": _software(before, after) != _software(after, before),
        "device": device_differs,
    }
    return tuple(cause for cause, differs in found.items() if differs)


def _code(made: Conditions, parts: frozenset[str]) -> tuple[CodePart, ...]:
    return tuple(part for part in made.code if part.name in parts)


def _software(made: Conditions, other: Conditions) -> tuple[object, ...]:
    """Return the libraries; what a device says of torch only where the other build has a device, too."""
    device = made.device if other.device is not None else None
    return made.libraries, made.python, device and (device.torch, device.cuda)


def _places_differ(before: Conditions, after: Conditions) -> bool:
    if before.platform != after.platform:
        return True
    first, second = before.device, after.device
    return first is not None and second is not None and _place(first) != _place(second)


def _place(device: Device) -> tuple[object, ...]:
    return device.kind, device.name, device.threads, device.capability

"""What was read of an entry earlier, and what it was read by, as a project keeps it in ``docs/evidence/``."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.evaluation import Device
from generators.model.evidence import SubjectEvidence

RECORD_VERSION = 1
"""Version of the JSON of records; it changes when a field changes its meaning or goes away."""

Cause = Literal["file", "code", "library", "device", "lock", "claim"]
"""What can differ between two builds: the file's bytes, Assay's code, a library, the machine, the lock, the claim."""


class CodePart(Struct, frozen=True, kw_only=True):
    """A part of Assay's own code.

    Attributes:
        name: ``reading``, ``identifying``, ``weights``, ``evaluating``, ``judging``.
        digest: Of its sources, first 12 hexadecimal digits.
    """

    name: str
    digest: str


class Library(Struct, frozen=True, kw_only=True):
    """A library that a result depends on, with its installed version; empty where it isn't installed."""

    name: str
    version: str


class Conditions(Struct, frozen=True, kw_only=True):
    """What evidence was made by.

    Attributes:
        version: Of Assay.
        code: Digests of the parts of its code.
        libraries: By name.
        device: Where networks ran; None where none ran.
        python: Version of Python.
        platform: Operating system and machine.
    """

    version: str
    code: tuple[CodePart, ...]
    libraries: tuple[Library, ...]
    device: Device | None
    python: str
    platform: str


class RecordedSubject(Struct, frozen=True, kw_only=True):
    """One file of ``docs/evidence/``: an entry as it was read.

    Attributes:
        recorded_at: Date and time in UTC, ISO 8601.
        conditions: What it was made by.
        subject: As it was read; its kinds are those of the build that read it.
        record_version: Of this JSON.
    """

    recorded_at: str
    conditions: Conditions
    subject: SubjectEvidence
    record_version: int = RECORD_VERSION


class Drift(Struct, frozen=True, kw_only=True):
    """One value that a build finds otherwise than it was recorded.

    Attributes:
        subject: Lock id.
        pointer: JSON pointer into the subject's evidence.
        recorded: The value then, as text; empty where there was none. Hostile text.
        found: The value now, as text; empty where there is none. Hostile text.
        causes: What else differs, and can explain it: none of them means that the same bytes, code, libraries and
            device gave another value.
    """

    subject: str
    pointer: str
    recorded: str
    found: str
    causes: tuple[Cause, ...]

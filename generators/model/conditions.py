"""What evidence was made by: code, libraries, device."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from generators.model.evaluation import Device

Cause = Literal["file", "code", "library", "device", "lock", "claim"]
"""What can differ between two builds: the file's bytes, Assay's code, a library, the machine, the lock, the claim."""


CodePartName = Literal["reading", "identifying", "weights", "evaluating", "judging"]
"""What a part of the code does: reads files, identifies them, judges weights alone, runs networks, judges claims."""


class CodePart(Struct, frozen=True, kw_only=True):
    """A part of Assay's own code.

    Attributes:
        name: What it does.
        digest: Of its sources, first 12 hexadecimal digits.
    """

    name: CodePartName
    digest: str


class Library(Struct, frozen=True, kw_only=True):
    """A library that a result depends on.

    Attributes:
        name: Of its distribution.
        version: Installed; empty where it isn't.
    """

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

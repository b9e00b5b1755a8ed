"""What is told of a file on its own."""

from __future__ import annotations

from generators.model.fingerprint import Fingerprint
from generators.model.identification import Identification

SCHEMA_VERSION = 1
"""Version of the evidence JSON; it changes when a field changes its meaning or goes away."""


class Inspection(Fingerprint, frozen=True, kw_only=True):
    """What ``assay inspect`` tells of any file: its fingerprint and its identification.

    Attributes:
        identification: By names and shapes of all tensors.
        schema_version: Of this JSON.
    """

    identification: Identification
    schema_version: int = SCHEMA_VERSION

"""A named observation about a checkpoint that its reader should know of."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Severity = Literal["note", "warning", "error"]
"""``note`` is information; ``warning`` and ``error`` make ``assay inspect`` exit with 1."""


class Finding(Struct, frozen=True, kw_only=True):
    """One observation; its sentence is the catalog message ``finding`` / ``code``.

    Attributes:
        code: Message id in the catalogs, for example ``storage-missing``.
        severity: How much it matters.
        where: Record, tensor or global that it is about. Hostile text: escape it.
        expected: What the index or the format promised, as text. Hostile text.
        found: What is there instead, as text. Hostile text.
    """

    code: str
    severity: Severity
    where: str = ""
    expected: str = ""
    found: str = ""

"""What ends the reading of damaged or hostile bytes, inside the package."""

from __future__ import annotations


class DefectError(Exception):
    """Bytes that can't be read on; becomes a finding, never leaves the package.

    Args:
        code: Code of the finding.
        found: What is there, or where, as text.
    """

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.found = found

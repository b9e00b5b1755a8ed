"""How much work the pickles of one file may cost, all of them together."""

from __future__ import annotations

from generators.containers.cursor import PickleDefectError

MAX_WORK = 16_000_000
"""Opcodes, and values copied from one container to another: twice what one pickle may have, about 20 s."""
BYTES_AN_OPCODE = 16
"""Bytes of which decoding and keeping weighs as much as an opcode: 256 MB in all."""
RUN_WORK = 16
"""What starting a pickle costs, so that millions of tiny ones cost something too."""


class Budget:
    """What is left of the work; shared by a pickle, those nested in it and those beside it.

    Attributes:
        left: Work that may still be done.
    """

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_WORK

    def spend(self, work: int) -> None:
        """Take work from the budget.

        Raises:
            PickleDefectError: Nothing is left.
        """
        self.left -= work
        if self.left < 0:
            raise PickleDefectError("pickle-budget", f"work>{MAX_WORK}")

"""How much work and memory the pickles of one file may cost, all of them together."""

from __future__ import annotations

from generators.containers.cursor import PickleDefectError

MAX_WORK = 16_000_000
"""Opcodes, and values copied from one container to another: twice what one pickle may have, about 20 s."""
BYTES_AN_OPCODE = 16
"""Bytes of which decoding and keeping weighs as much as an opcode: 256 MB in all."""
MAX_HELD_BYTES = 150_000_000
"""Memory of what the pickles and the archive's records hold at one time, as counted here: room for 90,000 tensors. A
pickler's own objects rarely take a tenth."""
RECORD_BYTES = 300
"""What a record of an archive takes."""
RUN_WORK = 16
"""What starting a pickle costs, so that millions of tiny ones cost something too."""


class Budget:
    """What is left of the work; shared by a pickle, those nested in it and those beside it.

    Attributes:
        left: Work that may still be done.
        held_bytes: Memory that was taken and not given back.
    """

    __slots__ = ("held_bytes", "left")

    def __init__(self) -> None:
        self.left = MAX_WORK
        self.held_bytes = 0

    def count_records(self, records: int) -> None:
        """Take the memory of an archive's records, without refusing it."""
        self.held_bytes += RECORD_BYTES * records

    @property
    def room_bytes(self) -> int:
        """Memory that may still be taken."""
        return MAX_HELD_BYTES - self.held_bytes

    def hold(self, size_bytes: int) -> None:
        """Take memory.

        Raises:
            PickleDefectError: The file holds too much of it.
        """
        self.held_bytes += size_bytes
        self.check_room(0)

    def check_room(self, size_bytes: int) -> None:
        """Make sure that so much more memory could be taken.

        Raises:
            PickleDefectError: It couldn't.
        """
        if size_bytes > self.room_bytes:
            raise PickleDefectError("pickle-budget", f"memory-bytes>{MAX_HELD_BYTES}")

    def spend(self, work: int) -> None:
        """Take work from the budget.

        Raises:
            PickleDefectError: Nothing is left.
        """
        self.left -= work
        if self.left < 0:
            raise PickleDefectError("pickle-budget", f"work>{MAX_WORK}")

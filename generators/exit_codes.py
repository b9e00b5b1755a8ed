"""How a command ends: the one table of exit codes, from which help texts and the reference are made."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """The number that a command hands to whoever called it."""

    DONE = 0
    NOT_SO = 1
    UNUSABLE = 2
    UNREADABLE = 3
    UNREACHABLE = 4
    WRONG_FILE = 5
    REFUSED = 6
    MACHINE = 7
    INTERRUPTED = 130
    """As shells say it: 128 and the number of SIGINT."""


MEANINGS: Final[Mapping[ExitCode, str]] = {
    ExitCode.DONE: "done, and nothing is amiss",
    ExitCode.NOT_SO: "done, and something is amiss: found, missing, stale, different, refused, not run",
    ExitCode.UNUSABLE: "what was given can't be used: wrong usage, lock, report or record, no place to write",
    ExitCode.UNREADABLE: "a file can't be read, or is of no known format",
    ExitCode.UNREACHABLE: "waiting helps: offline, no connection, time-out, server error, a quota, another process",
    ExitCode.WRONG_FILE: "another file is needed: digest or size not as asked for, a web page in its place",
    ExitCode.REFUSED: "a person is needed: gone, withdrawn, not public, a redirect to a host that isn't allowed",
    ExitCode.MACHINE: "this machine is in the way: no space, no rights, no such package, program or certificate",
    ExitCode.INTERRUPTED: "ended with Ctrl-C",
}
"""What each means, whichever command ends with it. Of 4 to 7, the code says what helps."""

SOURCE_CODES: Final = (ExitCode.UNREACHABLE, ExitCode.WRONG_FILE, ExitCode.REFUSED, ExitCode.MACHINE)
"""Of a file, place or server elsewhere that can't be had."""


def exit_code_lines(meanings: Mapping[ExitCode, str]) -> str:
    """Return the paragraph of a help about how its command ends, a code a line.

    Args:
        meanings: What a code means of this command; where that is empty, what it means of all.
    """
    lines = (f"  {code:<3d}  {told or MEANINGS[code]}" for code, told in sorted(meanings.items()))
    return "\n".join(["Exit codes:", *lines])

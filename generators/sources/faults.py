"""Why a file can't be had: one code for each reason, in few groups that a script can act on.

The exit code of a command says what helps: waiting, another file, a person, or this machine.
"""

from __future__ import annotations

import errno
from typing import Final

from generators.errors import SourceError
from generators.exit_codes import ExitCode

_GROUPS: Final = {
    ExitCode.UNREACHABLE: (
        "offline",
        "timed-out",
        "connection",
        "server-error",
        "rate-limited",
        "drive-quota",
        "cut-off",
        "changed-meanwhile",
        "busy",
    ),
    ExitCode.WRONG_FILE: (
        "sha256-mismatch",
        "digest-mismatch",
        "wrong-size",
        "web-page",
        "login-page",
        "not-a-checkpoint",
        "other-state",
    ),
    ExitCode.REFUSED: (
        "not-found",
        "withdrawn",
        "forbidden",
        "not-public",
        "other-host",
        "insecure-redirect",
        "too-many-redirects",
        "needs-a-person",
        "no-ranges",
        "over-budget",
        "refused",
        "unknown-address",
        "not-a-listing",
        "no-login",
        "locked",
        "closed",
        "unpublished",
    ),
    ExitCode.MACHINE: ("disk-full", "not-writable", "missing-package", "certificate", "proxy", "no-gh"),
}
_EXIT_CODES: Final = {code: exit_code for exit_code, codes in _GROUPS.items() for code in codes}

_TRANSIENT: Final = frozenset({"timed-out", "connection", "server-error", "rate-limited", "cut-off"})


class BusyError(SourceError):
    """A server that can't answer now.

    Args:
        code: As of every error.
        what: Likewise.
        where: Likewise.
        remedy: Likewise.
        wait: For how many seconds it asks to be left alone; None where it doesn't say.
    """

    def __init__(self, code: str, what: str, *, where: str, remedy: str, wait: float | None) -> None:
        super().__init__(code, what, where=where, remedy=remedy)
        self.wait_seconds = wait


def exit_code_of(code: str) -> ExitCode:
    """Return the exit code of a command that ends with this reason."""
    return _EXIT_CODES.get(code, ExitCode.REFUSED)


def fault_codes() -> tuple[str, ...]:
    """Return every reason that has an exit code, sorted."""
    return tuple(sorted(_EXIT_CODES))


def is_transient(error: SourceError) -> bool:
    """Whether the same request may succeed a moment later."""
    return error.code in _TRANSIENT


def missing_package(package: str, extra: str) -> SourceError:
    """Return the error for an optional package that isn't installed."""
    return SourceError(
        "missing-package",
        f"{package} is not installed",
        remedy=f"run `pip install {package}`, or install Assay with its extra `{extra}`",
    )


def storage_fault(problem: OSError, where: str) -> SourceError:
    """Return the error for a file that can't be written here."""
    if problem.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return SourceError(
            "disk-full",
            "there is no space left for the file",
            where=where,
            remedy="make space and run the command again: it goes on where it stopped",
        )
    return SourceError(
        "not-writable",
        f"the file can't be written: {problem.strerror or problem}",
        where=where,
        remedy="check the folder's rights, or name another folder in ASSAY_CHECKPOINTS and put the file there",
    )

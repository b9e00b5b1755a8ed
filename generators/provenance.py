"""What a result was made by: digests of Assay's own code, the environment, the date of the build."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from generators.errors import AssayError
from generators.git import git_answer

PACKAGE = Path(__file__).resolve().parent
MAX_SHOWN_DIGITS = 20
CODE_SUFFIXES = frozenset({".py", ".j2", ".po"})
"""Files of the package that decide what it finds and says."""


@cache
def digest_code(*parts: str) -> str:
    """Return the digest of the source of parts of the package, first 12 hexadecimal digits.

    Args:
        parts: Modules or subpackages below ``generators``, for example ``containers``; all of the package if none.
    """
    hasher = hashlib.sha256()
    for path in sorted(_sources(parts)):
        hasher.update(str(path.relative_to(PACKAGE)).encode())
        hasher.update(path.read_bytes())
    return hasher.hexdigest()[:12]


def _sources(parts: tuple[str, ...]) -> set[Path]:
    if not parts:
        return {path for path in PACKAGE.rglob("*") if path.suffix in CODE_SUFFIXES}
    found: set[Path] = set()
    for part in parts:
        folder = PACKAGE / part
        found |= set(folder.rglob("*.py")) if folder.is_dir() else {folder.with_suffix(".py")}
    return found


def build_date(environment: Mapping[str, str]) -> str:
    """Return the date of the build in UTC, ISO 8601; ``SOURCE_DATE_EPOCH`` fixes it for reproducible builds.

    Raises:
        AssayError: That is of a year that no calendar has.
    """
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    try:
        now = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    except (ValueError, OverflowError, OSError) as problem:
        raise AssayError(
            "no-date",
            "the number of seconds is no date",
            where=f"SOURCE_DATE_EPOCH={epoch[:MAX_SHOWN_DIGITS]}",
            remedy="give the seconds since 1970, for example those of `git log -1 --format=%ct`, or unset it",
        ) from problem
    return now.isoformat(timespec="seconds")


def source_commit(project: Path) -> str:
    """Return the commit that a project's files are of, with ``-dirty`` behind it where they were changed since.

    Empty where the project is no git repository, or git isn't here.
    """
    return git_answer(project, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty")


def package_version(distribution: str) -> str:
    """Return an installed distribution's version without importing it; empty when it isn't installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def describe_platform() -> str:
    """Return operating system and machine, without host names."""
    return f"{platform.system()} {platform.machine()}"


def describe_python() -> str:
    """Return Python's version."""
    return ".".join(str(part) for part in sys.version_info[:3])


def accelerator_hint() -> str:
    """Tell whether a CUDA driver is here, without importing torch: a key for what was measured on a device."""
    driver = Path("/proc/driver/nvidia/version")
    return hashlib.sha256(driver.read_bytes()).hexdigest()[:12] if driver.is_file() else "no-cuda-driver"

"""What git says of the repository that a project lies in: asked without a shell, within a time limit."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

GIT_SECONDS: Final = 30.0
"""After which git is taken to hang."""


def run_git(root: Path, *arguments: str, seconds: float = GIT_SECONDS) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder and return how it ended and what it wrote.

    Raises:
        OSError: It isn't installed.
        subprocess.TimeoutExpired: It hangs.
    """
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=seconds)


def git_answer(root: Path, *arguments: str, seconds: float = GIT_SECONDS) -> str:
    """Return what git answers in a folder; empty where it fails, hangs or isn't installed."""
    try:
        done = run_git(root, *arguments, seconds=seconds)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.decode(errors="replace").strip()

"""Programs of other people that tests call."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

REQUIRED = "ASSAY_REQUIRE_TOOLS"
"""Set where a missing program is a failure, as in CI."""


def require_tools(*names: str) -> None:
    """Skip a test, and say why, where a program isn't installed."""
    search = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    missing = [name for name in names if shutil.which(name, path=search) is None]
    if missing:
        said = f"{', '.join(missing)} not installed"
        if os.environ.get(REQUIRED):
            pytest.fail(said)
        pytest.skip(said)

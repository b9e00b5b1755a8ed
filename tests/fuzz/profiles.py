"""How long the fuzz tests run: ``ASSAY_FUZZ_EXAMPLES`` for each test, a short and repeatable run without it."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

VARIABLE = "ASSAY_FUZZ_EXAMPLES"
SHORT = 60

_EXAMPLES = int(os.environ.get(VARIABLE, SHORT))
FUZZING = settings(
    max_examples=_EXAMPLES,
    derandomize=_EXAMPLES <= SHORT,
    deadline=None,  # a file that takes too long fails by the clock of the properties
    database=None,
    suppress_health_check=list(HealthCheck),
)

"""How this stage computes: on one thread, and without warnings of what is looked for.

BLAS starts a thread a core for every small matrix; where other work runs, they wait for each other tens of times
longer than the arithmetic takes (measured: 0.6 s on one thread, 9 to 30 s on two busy cores). One thread also gives
the same last digits on every number of cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import threadpool_limits


@contextmanager
def steady_arithmetic() -> Iterator[None]:
    """Compute on one thread, with infinities and NaN in values, which other findings tell of, giving no warnings."""
    with threadpool_limits(limits=1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        yield

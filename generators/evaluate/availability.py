"""Whether torch can be imported at all."""

from __future__ import annotations


def torch_problem() -> str:
    """Return why torch, although installed, can't be imported; empty where it can.

    A build of torch for other libraries or another processor fails with an
    ImportError or, where a shared library is missing, an OSError.
    """
    try:
        import torch  # noqa: F401 - whether it can be
    except (ImportError, OSError) as problem:
        return next((line for line in str(problem).splitlines() if line), type(problem).__name__)
    return ""

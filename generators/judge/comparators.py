"""One value of the evidence against what a claim says of it."""

from __future__ import annotations

from math import isclose
from typing import assert_never

from generators.model.claim import Check, Value

FLOAT_PRECISION = 1e-9
"""Two floats that differ by less, relative to their size, are the same figure written twice."""


def check_holds(check: Check, found: Value) -> bool:
    """Whether the evidence has what the check expects.

    Args:
        check: With an expected value; ``not-observable`` never comes here.
        found: From the evidence.
    """
    expected = check.expected
    match check.comparator:
        case "equals":
            return _same(found, expected)
        case "differs":
            return not _same(found, expected)
        case "within" | "same-protocol":
            return _distance(found, expected) <= (check.tolerance + FLOAT_PRECISION) * abs(_number(expected))
        case "at-least":
            return _number(found) >= _number(expected)
        case "at-most":
            return _number(found) <= _number(expected)
        case "contains":
            return _contains(found, expected)
        case "lacks":
            return not _contains(found, expected)
        case "not-observable":
            return False
        case unreachable:
            assert_never(unreachable)


def is_comparable(check: Check, found: Value) -> bool:
    """Whether the found value is of a kind that the comparator can compare at all."""
    match check.comparator:
        case "within" | "same-protocol" | "at-least" | "at-most":
            return isinstance(found, int | float) and not isinstance(found, bool)
        case "contains" | "lacks":
            return isinstance(found, str | tuple)
        case "equals" | "differs" | "not-observable":
            return True
        case unreachable:
            assert_never(unreachable)


def _same(found: Value, expected: Value | None) -> bool:
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, float) and isinstance(expected, int | float):
        return isclose(found, expected, rel_tol=FLOAT_PRECISION)
    return found == expected


def _contains(found: Value, expected: Value | None) -> bool:
    if isinstance(found, tuple):
        return expected in found
    return str(expected) in str(found)


def _distance(found: Value, expected: Value | None) -> float:
    return abs(_number(found) - _number(expected))


def _number(value: Value | None) -> float:
    if isinstance(value, int | float):
        return value
    return float("nan")

"""The tensors of a file as CSV (RFC 4180), one row a tensor.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a
formula, and a tensor's name is whatever the file's maker wrote. Such text gets an
apostrophe in front; numbers are ours and stay numbers. Where the decimal point is
a comma, a spreadsheet splits cells at semicolons, and quotes don't keep it from
doing so: what follows one, or a tab, is guarded likewise.

Source: RFC 4180; OWASP, "CSV Injection", also for the full-width forms and for tab and carriage return.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from math import prod

from generators.model.fingerprint import Statistics, TensorFingerprint

COLUMNS = (
    "name",
    "model_name",
    "role",
    "dtype",
    "shape",
    "elements",
    "missing",
    "blake3",
    "nonfinite",
    "zeros",
    "minimum",
    "maximum",
    "mean",
    "std",
)
_FORMULA = re.compile("""(^|[,;|\t\r\n][\\s"']*)(?=[-=+@\t\r\n＝＋－＠])""")
_STATISTICS = ("nonfinite", "zeros", "minimum", "maximum", "mean", "std")


def tensors_csv(tensors: Sequence[TensorFingerprint], spell: Callable[[str], str]) -> bytes:
    """Return the table as UTF-8.

    Args:
        tensors: In the order of the file.
        spell: Spells what can't be seen in a text.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for tensor in tensors:
        writer.writerow(_row(tensor, spell))
    return buffer.getvalue().encode()


def _row(tensor: TensorFingerprint, spell: Callable[[str], str]) -> tuple[str, ...]:
    return (
        _cell(spell(tensor.name)),
        _cell(spell(tensor.model_name)),
        tensor.role,
        _cell(spell(tensor.dtype)),
        "x".join(map(str, tensor.shape)),
        str(prod(tensor.shape)),
        "yes" if tensor.missing else "no",
        tensor.digest or "",
        *_statistics(tensor.statistics),
    )


def _statistics(statistics: Statistics | None) -> tuple[str, ...]:
    values = (getattr(statistics, name, None) for name in _STATISTICS)
    return tuple("" if value is None else repr(value) for value in values)


def _cell(text: str) -> str:
    """Return a text with an apostrophe wherever a spreadsheet could begin a cell with a formula."""
    return _FORMULA.sub(r"\1'", text)

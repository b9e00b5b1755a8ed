"""Well-known objects as a person would write them: dates, paths, ranges, fractions.

Each is read from the plain values that its class is pickled with, which are
checked; whatever doesn't fit stays the opaque object it is.

Source: the ``__reduce__`` and ``__getstate__`` methods of CPython's
``Lib/datetime.py``, ``pathlib.py``, ``uuid.py``, ``fractions.py`` and
``Modules/_functoolsmodule.c`` (3.11).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence

from generators.containers.global_policy import printable
from generators.containers.numpy_values import dtype_name
from generators.containers.values import Global, Opaque, PickleDict, Value

MAX_SHOWN_ITEMS = 16
_MAX_INTEGER_BITS = 4096
_MONTH_BITS = 0x7F
"""The month's high bit is the fold of a repeated hour."""
_UUID_BITS = 128


def readable_text(value: Opaque) -> str | None:
    """Return an object as text, None when it is no object of a class known here."""
    reader = _READERS.get(value.kind)
    if reader is None and value.kind.startswith("pathlib") and value.kind.endswith("Path"):
        reader = _path
    try:
        return reader(value) if reader else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _datetime(value: Opaque) -> str:
    data, zone = value.args[0], value.args[1] if len(value.args) > 1 else None
    data = data.encode("latin-1") if isinstance(data, str) else data
    year, month = int.from_bytes(data[:2], "big"), data[2] & _MONTH_BITS
    micro = int.from_bytes(data[7:10], "big")
    day, hour, minute, second = data[3:7]
    moment = dt.datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 - the zone follows as text
    return moment.isoformat() + _zone_text(zone)


def _date(value: Opaque) -> str:
    data = value.args[0]
    data = data.encode("latin-1") if isinstance(data, str) else data
    return dt.date(int.from_bytes(data[:2], "big"), data[2], data[3]).isoformat()


def _time(value: Opaque) -> str:
    data = value.args[0]
    data = data.encode("latin-1") if isinstance(data, str) else data
    hour = data[0] & _MONTH_BITS
    text = dt.time(hour, data[1], data[2], int.from_bytes(data[3:6], "big")).isoformat()
    return text + _zone_text(value.args[1] if len(value.args) > 1 else None)


def _zone_text(zone: Value) -> str:
    match zone:
        case None:
            return ""
        case Opaque(kind="datetime.timezone"):
            return _timezone(zone)
        case Opaque(args=(str() as name, *_)):
            return f" {name}"
        case _:
            return f" {zone.kind}" if isinstance(zone, Opaque) else ""


def _timedelta(value: Opaque) -> str:
    return str(_duration(value))


def _duration(value: Opaque) -> dt.timedelta:
    days, seconds, micro = map(_whole, value.args)
    return dt.timedelta(days, seconds, micro)


def _timezone(value: Opaque) -> str:
    match value.args:
        case (Opaque(kind="datetime.timedelta") as offset, *name):
            text = _utc_offset(_duration(offset))
            return f"{text} ({name[0]})" if name and isinstance(name[0], str) else text
        case _:
            raise ValueError


def _utc_offset(offset: dt.timedelta) -> str:
    return dt.datetime(1, 1, 2, tzinfo=dt.timezone(offset)).isoformat()[19:]


def _path(value: Opaque) -> str:
    parts = [part for part in value.args[: 4 * MAX_SHOWN_ITEMS] if isinstance(part, str)]
    if len(parts) != min(len(value.args), 4 * MAX_SHOWN_ITEMS):
        raise ValueError
    separator = "\\" if "Windows" in value.kind else "/"
    root = parts[0] if parts and parts[0].endswith(separator) else ""
    return (root + separator.join(parts[1:] if root else parts)) or "."


def _uuid(value: Opaque) -> str:
    match value.states:
        case [PickleDict() as state, *_] if 0 <= _whole(number := state.get("int")) < 1 << _UUID_BITS:
            return str(uuid.UUID(int=number))
        case _:
            raise ValueError


def _complex(value: Opaque) -> str:
    real, imaginary = value.args
    if not (isinstance(real, float) and isinstance(imaginary, float)):
        raise TypeError
    return repr(complex(real, imaginary))


def _fraction(value: Opaque) -> str:
    return "/".join(v if isinstance(v, str) else str(_whole(v)) for v in value.args)


def _range(value: Opaque) -> str:
    return f"range({', '.join(str(_whole(v)) for v in value.args)})"


def _slice(value: Opaque) -> str:
    return f"slice({', '.join(map(_plain, value.args))})"


def _device(value: Opaque) -> str:
    return ":".join(map(_plain, value.args))


def _dtype(value: Opaque) -> str:
    return dtype_name(value)


def _partial(value: Opaque) -> str:
    """Name what a partial would call, and with what; only while all of it is plain."""
    match value.states:
        case [(Global() as function, tuple() as args, PickleDict() | None as keywords, _), *_]:
            pairs = list(keywords.items())[:MAX_SHOWN_ITEMS] if keywords is not None else []
            named = [f"{_plain(key)}={_plain(part)}" for key, part in pairs]
            return f"{function.path}({', '.join([*map(_plain, args[:MAX_SHOWN_ITEMS]), *named])})"
        case _:
            raise ValueError


def _whole(value: Value) -> int:
    if type(value) is not int or value.bit_length() > _MAX_INTEGER_BITS:
        raise ValueError
    return value


def _plain(value: Value) -> str:
    match value:
        case None | bool() | float():
            return str(value)
        case int():
            return str(_whole(value))
        case str():
            return printable(value)
        case Global():
            return printable(value.path)
        case tuple() | list():
            return _sequence(value)
        case Opaque():
            text = readable_text(value) if value.kind not in _NESTING else None
            if text is not None:
                return text
    raise TypeError


def _sequence(values: Sequence[Value]) -> str:
    shown = [_plain(v) for v in values[:MAX_SHOWN_ITEMS] if not isinstance(v, tuple | list)]
    if len(shown) < min(len(values), MAX_SHOWN_ITEMS):
        raise TypeError
    return f"({', '.join(shown)}{', …' if len(values) > MAX_SHOWN_ITEMS else ''})"


_NESTING = {"functools.partial", "builtins.slice"}
"""Objects that can hold one another without end."""

_READERS: dict[str, Callable[[Opaque], str]] = {
    "datetime.datetime": _datetime,
    "datetime.date": _date,
    "datetime.time": _time,
    "datetime.timedelta": _timedelta,
    "datetime.timezone": _timezone,
    "uuid.UUID": _uuid,
    "builtins.complex": _complex,
    "builtins.range": _range,
    "builtins.xrange": _range,
    "builtins.slice": _slice,
    "fractions.Fraction": _fraction,
    "functools.partial": _partial,
    "torch.device": _device,
    "numpy.dtype": _dtype,
}

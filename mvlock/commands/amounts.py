"""Sizes, times and numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence

_MAX_NAMED = 3
_UNITS = ("B", "kB", "MB", "GB")


def formatted_size(size: float) -> str:
    """``12.3 MB``."""
    unit, divisor = _unit(size)
    return f"{size / divisor:.{1 if divisor > 1 else 0}f} {unit}"


def size_of_total(done: float, total: float) -> str:
    """``3.4/12.3 MB``."""
    unit, divisor = _unit(total)
    digits = 1 if divisor > 1 else 0
    return f"{done / divisor:.{digits}f}/{total / divisor:.{digits}f} {unit}"


def formatted_time(seconds: float) -> str:
    """``0.4 s``, ``35 s``, ``12:05 min``, ``1:02:05 h``."""
    whole = int(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if whole < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"


def counted(number: int, plural: str) -> str:
    """``3 trees``, ``1 tree``; the first word is the one that changes. Bytes are a size: ``1.2 MB received``."""
    word, space, rest = plural.partition(" ")
    if word == "bytes":
        return f"{formatted_size(number)}{space}{rest}"
    return f"{number} {word.removesuffix('s') if number == 1 else word}{space}{rest}"


def listed(names: Sequence[str], separator: str = ", ") -> str:
    """``a, b, c and 51 more``."""
    more = len(names) - _MAX_NAMED
    return separator.join(names[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _unit(size: float) -> tuple[str, int]:
    power = min(3, (len(str(int(size))) - 1) // 3)
    return _UNITS[power], 1000**power

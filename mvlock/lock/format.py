"""mv.lock as text. A writer of our own: a lock of a megabyte takes milliseconds, and the layout is ours.

One key per line and one file of a distribution per line, so that a change of one pin is a small diff and two
branches merge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

import msgspec

from mvlock.lock.fields import written_fields
from mvlock.lock.model import Layout, Lock

_HEADER = "# This file is written by `mvlock resolve`; commit it, and edit pyproject.toml instead of it."
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}

Pair = tuple[str, object]


def format_lock(lock: Lock) -> str:
    """The TOML text of a lock; equal locks give equal text."""
    return "\n".join([_HEADER, *_table(lock, "")]) + "\n"


def pairs_of(table: msgspec.Struct) -> Iterator[Pair]:
    """The keys and values of a table of the lock."""
    return ((field.key, value) for field, value in written_fields(table))


def _table(table: msgspec.Struct, path: str) -> Iterator[str]:
    """A table and those below it, which come last: what follows the header of a table belongs to it."""
    below: list[str] = []
    for field, value in written_fields(table):
        if field.layout is Layout.VALUE or not value:
            yield f"{field.key} = {_value(value)}"
        elif field.layout is Layout.LINES:
            yield from (f"{field.key} = [", *(f"    {_value(table_below)}," for table_below in _tables(value)), "]")
        else:
            below += _sections(f"{path}{field.key}", _tables(value))
    yield from below


def _sections(path: str, tables: Iterable[msgspec.Struct]) -> Iterator[str]:
    for table in tables:
        yield from ("", f"[[{path}]]", *_table(table, f"{path}."))


def _tables(value: object) -> Iterable[msgspec.Struct]:
    return value if isinstance(value, tuple) else ()


def pairs(found: Iterable[Pair]) -> list[str]:
    """``key = value`` lines; a value of None is left out."""
    return [f"{key} = {_value(value)}" for key, value in found if value is not None]


def inline(found: Iterable[Pair]) -> str:
    """An inline table."""
    return f"{{ {', '.join(pairs(found))} }}"


def _value(value: Any) -> str:
    write = _WRITERS.get(type(value))
    return inline(pairs_of(value)) if write is None else write(value)


def _dict(table: dict[str, object]) -> str:
    return inline([(_key(key), one) for key, one in sorted(table.items())])


def _array(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_string, texts))}]"


def _time(value: datetime) -> str:
    """An offset date-time in UTC; a naive one is written as it is (TOML: local date-time)."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat() + "Z"


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _string(key)


def _string(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: _string,
    bool: lambda value: "true" if value else "false",
    int: str,
    datetime: _time,
    dict: _dict,
    tuple: _array,
}
"""By type; a struct is an inline table."""

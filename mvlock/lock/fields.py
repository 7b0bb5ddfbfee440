"""The fields of the lock, in one place: which fields of each model its text has, under which key and in which layout.

The table is derived from the models (``mvlock.lock.model``): their order is that of the keys, and a field added to a
model is written wherever locks are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields
from packaging.version import Version

from mvlock.lock.model import FIRST_VERSION, Layout, Since, Written


class LockField(msgspec.Struct, frozen=True):
    """A field of a model: its ``name``, its ``key`` in the text, and when and how its value is written there."""

    name: str
    key: str
    layout: Layout
    always: bool
    default: object
    """A value that is not written unless the field is ``always``."""
    since: str
    """The version of the format that first had it."""


@cache
def fields_of(model: type[msgspec.Struct]) -> tuple[LockField, ...]:
    """All fields of a model, in the order of their keys."""
    return tuple(map(_field, fields(model)))


def written_fields(table: msgspec.Struct) -> Iterator[tuple[LockField, object]]:
    """What the text says of a table, in order."""
    for field in fields_of(type(table)):
        value = getattr(table, field.name)
        if field.always or value != field.default:
            yield field, value


def version_for(tables: Iterable[msgspec.Struct]) -> str:
    """The oldest format that can say what these tables say."""
    found = {version for table in tables for version in _versions(table)}
    return max(found, key=Version, default=FIRST_VERSION)


def _versions(table: msgspec.Struct) -> Iterator[str]:
    for field, value in written_fields(table):
        yield field.since
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, msgspec.Struct):
                yield from _versions(part)


def _field(field: FieldInfo) -> LockField:
    is_marked = get_origin(field.type) is Annotated
    annotation, *marks = get_args(field.type) if is_marked else (field.type,)
    since = next((mark.version for mark in marks if isinstance(mark, Since)), FIRST_VERSION)
    layout = next((mark for mark in marks if isinstance(mark, Layout)), _usual_layout(annotation))
    return LockField(field.name, field.encode_name, layout, Written.ALWAYS in marks, field.default, since)


def _usual_layout(annotation: object) -> Layout:
    return Layout.LINES if _is_array_of_tables(annotation) else Layout.VALUE


def _is_array_of_tables(annotation: object) -> bool:
    first = get_args(annotation)[0] if get_origin(annotation) is tuple else None
    return isinstance(first, type) and issubclass(first, msgspec.Struct)

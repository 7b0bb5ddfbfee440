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
    found = {version for table in tables for version in _later_versions(table)}
    return max(found, key=Version, default=FIRST_VERSION)


def _later_versions(table: msgspec.Struct) -> Iterator[str]:
    """The versions after the first that first had one of the fields that the text has, in tables below it too."""
    for field, parts in _later_fields(type(table)):
        value = getattr(table, field.name)
        if field.since != FIRST_VERSION and (field.always or value != field.default):
            yield field.since
        if parts:
            for part in value if isinstance(value, tuple) else (value,):
                yield from _later_versions(part) if isinstance(part, msgspec.Struct) else ()


@cache
def _later_fields(model: type[msgspec.Struct]) -> tuple[tuple[LockField, bool], ...]:
    """The fields that the first version did not have, and (True) those whose tables have such: most have neither."""
    below = [any(map(_later_fields, _models_in(info.type))) for info in fields(model)]
    found = zip(fields_of(model), below, strict=True)
    return tuple((field, parts) for field, parts in found if parts or field.since != FIRST_VERSION)


def _field(field: FieldInfo) -> LockField:
    is_marked = get_origin(field.type) is Annotated
    annotation, *marks = get_args(field.type) if is_marked else (field.type,)
    since = next((mark.version for mark in marks if isinstance(mark, Since)), FIRST_VERSION)
    layout = next((mark for mark in marks if isinstance(mark, Layout)), _usual_layout(annotation))
    return LockField(field.name, field.encode_name, layout, Written.ALWAYS in marks, field.default, since)


def _models_in(annotation: object) -> Iterator[type[msgspec.Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _usual_layout(annotation: object) -> Layout:
    return Layout.LINES if _is_array_of_tables(annotation) else Layout.VALUE


def _is_array_of_tables(annotation: object) -> bool:
    first = get_args(annotation)[0] if get_origin(annotation) is tuple else None
    return isinstance(first, type) and issubclass(first, msgspec.Struct)

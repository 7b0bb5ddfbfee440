"""The fields of the lock, in one place: which fields of each model its text has, under which key and in which layout.

The table is derived from the models (``mvlock.lock.model``): their order is that of the keys, and a field added to a
model is written wherever locks are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import get_args, get_origin

from packaging.version import Version
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mvlock.lock.model import FIRST_VERSION, Layout, Since, Written


@dataclass(frozen=True, slots=True)
class LockField:
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
def fields_of(model: type[BaseModel]) -> tuple[LockField, ...]:
    """All fields of a model, in the order of their keys."""
    return tuple(_field(name, info) for name, info in model.model_fields.items())


def written_fields(table: BaseModel) -> Iterator[tuple[LockField, object]]:
    """What the text says of a table, in order."""
    for field in fields_of(type(table)):
        value = getattr(table, field.name)
        if field.always or value != field.default:
            yield field, value


def version_for(tables: Iterable[BaseModel]) -> str:
    """The oldest format that can say what these tables say."""
    found = {version for table in tables for version in _versions(table)}
    return max(found, key=Version, default=FIRST_VERSION)


def _versions(table: BaseModel) -> Iterator[str]:
    for field, value in written_fields(table):
        yield field.since
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from _versions(part)


def _field(name: str, info: FieldInfo) -> LockField:
    always = Written.ALWAYS in info.metadata
    since = next((mark.version for mark in info.metadata if isinstance(mark, Since)), FIRST_VERSION)
    return LockField(name, info.alias or name, _layout(info), always, info.default, since)


def _layout(info: FieldInfo) -> Layout:
    for layout in Layout:
        if layout in info.metadata:
            return layout
    return Layout.LINES if _is_array_of_tables(info.annotation) else Layout.VALUE


def _is_array_of_tables(annotation: object) -> bool:
    first = get_args(annotation)[0] if get_origin(annotation) is tuple else None
    return isinstance(first, type) and issubclass(first, BaseModel)

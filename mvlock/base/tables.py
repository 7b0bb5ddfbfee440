"""Structs for tables that people write: their fields may hold text with a meaning, and have a short form.

``Parsed`` and ``LongForm`` in a field's annotation say so. msgspec sees a field's type alone, not its annotation, and
cannot read such tables; ``read_table`` does. It stops at the first problem: ``mvlock.base.validation`` finds all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.structs import fields

_Table = TypeVar("_Table", bound=msgspec.Struct)
_Read = Callable[[Any], Any]


class FieldError(ValueError):
    """What is wrong with a value: a stable ``code``, and the ``text`` that follows its key in a message."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Parsed(msgspec.Struct, frozen=True, eq=False):
    """In an annotation: the value is what ``read`` makes of what is written, which ``schema`` describes.

    ``read`` raises ``FieldError``.
    """

    read: Callable[[object], object]
    schema: dict[str, object]


class LongForm(msgspec.Struct, frozen=True, eq=False):
    """In an annotation: ``of`` makes the long form of what is written; ``written`` is the type of both."""

    of: Callable[[object], object]
    written: Any = None


def read_table(struct: type[_Table], document: object) -> _Table:
    """``document`` (as of TOML) as a ``struct``, whose ``__post_init__`` checks what no field can.

    :raises ValueError: it is none; ``validation.problems_of`` says why
    """
    table: _Table = _reader(struct)(document)
    return table


@cache
def _reader(annotation: Any) -> _Read:
    arguments, origin = get_args(annotation), get_origin(annotation)
    if origin in {Union, UnionType}:  # with None, which TOML does not have
        return _reader(arguments[0])
    if origin is Annotated:
        return _marked(arguments[0], arguments[1:])
    if origin is not None:
        return _ORIGINS[origin](*arguments)
    if issubclass(annotation, msgspec.Struct):
        return _table(annotation)
    return _checked(lambda value: isinstance(value, annotation))


def _marked(annotation: Any, marks: tuple[object, ...]) -> _Read:
    for mark in marks:
        if isinstance(mark, Parsed):
            return mark.read
        if isinstance(mark, LongForm):
            read, long_form = _reader(annotation), mark.of
            return lambda value: read(long_form(value))
        if isinstance(mark, msgspec.Meta) and mark.min_length:
            return _checked(lambda value: isinstance(value, annotation) and len(value) > 0)
    return _reader(annotation)


def _checked(accepts: Callable[[Any], bool]) -> _Read:
    def read(value: Any) -> Any:
        if not accepts(value):
            raise ValueError("of another type")
        return value

    return read


def _literal(*choices: str) -> _Read:
    return _checked(lambda value: isinstance(value, str) and value in choices)


def _array(item: Any, _: object) -> _Read:
    is_array, read = _checked(lambda value: isinstance(value, list)), _reader(item)
    return lambda value: tuple(map(read, is_array(value)))


def _dict(key: Any, item: Any) -> _Read:
    is_table = _checked(lambda value: isinstance(value, Mapping))
    read_key, read = _reader(key), _reader(item)
    return lambda value: {read_key(name): read(written) for name, written in is_table(value).items()}


_ORIGINS: Mapping[object, Callable[..., _Read]] = {Literal: _literal, tuple: _array, dict: _dict}


def _table(struct: type[msgspec.Struct]) -> _Read:
    all_fields = {field.encode_name: field for field in fields(struct)}
    readers = {key: (field.name, _reader(field.type)) for key, field in all_fields.items()}
    required = {key for key, field in all_fields.items() if field.required}
    is_table = _checked(
        lambda value: (
            isinstance(value, Mapping)
            and required <= value.keys()
            and (not struct.__struct_config__.forbid_unknown_fields or value.keys() <= readers.keys())
        )
    )

    def read_all(value: Any) -> msgspec.Struct:
        table = is_table(value)
        return struct(**{name: read(table[key]) for key, (name, read) in readers.items() if key in table})

    return read_all

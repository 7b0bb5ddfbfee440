"""The pydantic model of a struct: it names everything that is wrong in a document, and describes it as a JSON Schema.

A struct (msgspec) checks as much and is ready before pydantic is imported, but it stops at the first problem. So
structs read what is right, and their models, which are derived from them, say what is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails


def problems_of(document: object, struct: type[msgspec.Struct], error: msgspec.ValidationError) -> list[ErrorDetails]:
    """Everything for which ``document`` is not a ``struct``; at least the ``error`` of its conversion."""
    from pydantic import ValidationError

    try:
        model_of(struct).model_validate(document)
    except ValidationError as found:
        return found.errors()
    reason, _, place = str(error).partition(" - at `$")
    return [{"type": "strict", "loc": (place.strip(".`") or "document",), "msg": reason, "input": document}]


@cache
def model_of(struct: type[msgspec.Struct]) -> type[BaseModel]:
    """The model with the fields, keys, constraints and docstring of ``struct``, and of the structs in its fields."""
    from pydantic import ConfigDict, create_model

    config = ConfigDict(extra="forbid" if struct.__struct_config__.forbid_unknown_fields else "ignore")
    described: dict[str, Any] = {field.name: (_annotation(field.type), _info(field)) for field in fields(struct)}
    return create_model(struct.__name__, __config__=config, __doc__=struct.__doc__, **described)


def _info(field: FieldInfo) -> object:
    from pydantic import Field

    alias = field.encode_name if field.encode_name != field.name else None
    if field.default_factory is not msgspec.NODEFAULT:
        return Field(default_factory=field.default_factory, alias=alias)
    return Field(default=... if field.default is msgspec.NODEFAULT else field.default, alias=alias)


def _annotation(annotation: Any) -> Any:
    """The type with models for structs, and pydantic's constraints for msgspec's."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return model_of(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _constrained(_annotation(arguments[0]), arguments[1:])
    if origin is None:
        return annotation
    inner = tuple(map(_annotation, arguments))
    return reduce(or_, inner) if origin is UnionType else origin[inner]


def _constrained(annotation: Any, marks: Iterable[object]) -> Any:
    from pydantic import Field

    for mark in marks:
        if isinstance(mark, msgspec.Meta):
            annotation = Annotated[annotation, Field(min_length=mark.min_length, pattern=mark.pattern)]
    return annotation

"""The pydantic model of a struct: it names everything that is wrong in a document, and describes it as a JSON Schema.

A struct (msgspec) checks as much and is ready before pydantic is imported, but it stops at the first problem. So
structs read what is right, and their models, which are derived from them, say what is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial, reduce
from operator import or_
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from mvlock.base.tables import FieldError, LongForm, Parsed

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails


def problems_of(document: object, struct: type[msgspec.Struct], error: Exception) -> list[ErrorDetails]:
    """Everything for which ``document`` is not a ``struct``; at least the ``error`` of its conversion."""
    from pydantic import ValidationError

    try:
        model_of(struct).model_validate(document)
    except ValidationError as found:
        return found.errors(include_url=False)
    reason, _, place = str(error).partition(" - at `$")
    return [{"type": "strict", "loc": (place.strip(".`") or "document",), "msg": reason, "input": document}]


@cache
def model_of(struct: type[msgspec.Struct]) -> type[BaseModel]:
    """The model with the fields, keys, constraints and docstring of ``struct``, and of the structs in its fields."""
    from pydantic import BaseModel, ConfigDict, create_model, model_validator

    class Checked(BaseModel):
        model_config = ConfigDict(extra="forbid" if struct.__struct_config__.forbid_unknown_fields else "ignore")

        @model_validator(mode="after")
        def check(self) -> Checked:
            _reported(getattr(struct, "__post_init__", lambda _: None), self)
            return self

    alternatives = getattr(struct, "ONE_OF", ())
    if alternatives:
        Checked.model_config["json_schema_extra"] = {"oneOf": [{"required": [key]} for key in alternatives]}
    described: dict[str, Any] = {field.name: (_annotation(field.type), _info(field)) for field in fields(struct)}
    return create_model(struct.__name__, __base__=Checked, __doc__=struct.__doc__, **described)


def _reported(function: Callable[[Any], object], value: object) -> object:
    """The function's result for ``value``, its error as one of pydantic's."""
    from pydantic_core import PydanticCustomError

    try:
        return function(value)
    except FieldError as error:
        raise PydanticCustomError(error.code.replace("-", "_"), "{text}", {"text": error.text}) from error


def _info(field: FieldInfo) -> object:
    from pydantic import Field

    alias = field.encode_name if field.encode_name != field.name else None
    if field.default_factory is not msgspec.NODEFAULT:
        return Field(default_factory=field.default_factory, alias=alias)
    return Field(default=... if field.default is msgspec.NODEFAULT else field.default, alias=alias)


def _annotation(annotation: Any) -> Any:
    """The type with models for structs, and pydantic's constraints for those of a struct."""
    from pydantic import StrictBool

    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return model_of(annotation)
    if annotation is bool:
        return StrictBool
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _constrained(_annotation(arguments[0]), arguments[1:])
    if origin is None:
        return annotation
    inner = tuple(map(_annotation, arguments))
    return reduce(or_, inner) if origin is UnionType else origin[inner]


def _constrained(annotation: Any, marks: Iterable[object]) -> Any:
    from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

    for mark in marks:
        if isinstance(mark, msgspec.Meta):
            annotation = Annotated[
                annotation, Field(min_length=mark.min_length, max_length=mark.max_length, pattern=mark.pattern)
            ]
        elif isinstance(mark, Parsed):
            read = PlainValidator(partial(_reported, mark.read))
            annotation = Annotated[Any, read, WithJsonSchema(mark.schema)]
        elif isinstance(mark, LongForm):
            written = Any if mark.written is None else _annotation(mark.written)
            annotation = Annotated[annotation, BeforeValidator(mark.of, json_schema_input_type=written)]
    return annotation

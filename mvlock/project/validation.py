"""Tables become structs, or pydantic's errors become problems with mvlock's texts, at the key as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import msgspec

from mvlock.base.tables import read_table
from mvlock.base.validation import model_of, problems_of
from mvlock.project.fields import kind_of
from mvlock.project.problem import Problems, did_you_mean, key_path

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_Table = TypeVar("_Table", bound=msgspec.Struct)

_EXPECTED = {
    "tuple_type": "an array",
    "list_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
    "string_type": "a string",
    "bool_type": "a boolean",
}


def validate(table: type[_Table], value: object, problems: Problems) -> _Table:
    """``value`` as a ``table``.

    :raises LocalError: ``project-invalid`` with every error, after those already in ``problems``
    """
    try:
        return read_table(table, value)
    except ValueError as error:
        for details in problems_of(value, table, error):
            at = key_path(_as_written(value, details))
            problems.add(details["type"].replace("_", "-"), at, _words(model_of(table), details))
        problems.raise_if_any()
        raise


def _as_written(value: object, details: ErrorDetails) -> list[str | int]:
    """The location without the parts that come from long forms, which are not in the file."""
    written: list[str | int] = []
    for part in details["loc"]:
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, Sequence) and not isinstance(value, str) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        else:
            continue
        written.append(part)
    if details["type"] == "missing":
        written.append(details["loc"][-1])
    return written


def _words(model: type[BaseModel], details: ErrorDetails) -> str:
    kind = details["type"]
    if kind == "extra_forbidden":
        return "unknown key" + did_you_mean(str(details["loc"][-1]), _known_keys(model, details["loc"][:-1]))
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        return _choices(details)
    if kind in _EXPECTED:
        return f"must be {_EXPECTED[kind]}, not {kind_of(details['input'])}"
    if kind == "string_too_short":
        return "must not be empty"
    message = details["msg"]
    return message[:1].lower() + message[1:]


def _choices(details: ErrorDetails) -> str:
    expected = str(details.get("ctx", {}).get("expected", ""))
    value = details["input"]
    if not isinstance(value, str):
        return f"must be {expected}, not {kind_of(value)}"
    return f"must be {expected}, not '{value}'{did_you_mean(value, expected.split(chr(39))[1::2])}"


def _known_keys(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys that a table at ``location`` of ``model`` may have."""
    found: Any = model
    for part in location:
        found = _descend(found, part)
    return [key for table in _models_in(found) for key in _keys(table)]


def _descend(annotation: Any, part: str | int) -> Any:
    for table in _models_in(annotation):
        for field in table.model_fields.items():
            if part in (field[0], field[1].alias):
                return field[1].annotation
    return annotation


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    from pydantic import BaseModel

    if isinstance(annotation, type) and not get_args(annotation):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [table for argument in get_args(annotation) for table in _models_in(argument)]


def _keys(table: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in table.model_fields.items()]

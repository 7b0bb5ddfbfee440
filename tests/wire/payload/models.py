"""A pydantic model, with another one in it."""

from __future__ import annotations

import datetime
import enum
from typing import Any, List, Optional  # noqa: UP035 - pydantic 1 evaluates them

import pydantic

Facts = dict[str, Any]


class Kind(enum.Enum):
    """A value that is compared by identity."""

    ONE = "one"


class Inner(pydantic.BaseModel):
    """A part."""

    number: int


class Point(pydantic.BaseModel):
    """The model."""

    name: str
    when: datetime.date
    kind: Kind
    inner: List[Inner]  # noqa: UP006
    maybe: Optional[int] = None  # noqa: UP045


def make() -> Any:
    """A new one."""
    values: dict[str, Any] = {"name": "a", "when": "2024-01-01", "kind": "one", "inner": [{"number": "3"}]}
    return Point(**values)


def origins(thing: Any) -> list[tuple[Any, Any]]:
    """What shows whose it is, with the module whose version that should be."""
    return [(type(thing).__mro__[1], pydantic)]


def facts(thing: Any) -> Facts:
    """What it is, and what its code computes."""
    again = type(thing)(**{**dict(thing), "inner": [{"number": "4"}]})
    return {
        "class": [type(thing).__module__, type(thing).__qualname__],
        "is of this version": isinstance(thing, Point) and isinstance(thing, pydantic.BaseModel) and thing == make(),
        "json": thing.json(),
        "dict": repr(thing.dict()),
        "refused": len(_refusal(thing).errors()),
        "again": repr(again),
        "kind": thing.kind is Kind.ONE,
        "can dump": hasattr(thing, "model_dump"),
    }


def _refusal(thing: Any) -> Any:
    try:
        return type(thing)(name="a")
    except pydantic.ValidationError as error:
        return error

"""Tables that people write: read at once where they are right, and then as their models read them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvlock.base.tables import FieldError, LongForm, Parsed, read_table
from mvlock.base.validation import model_of, problems_of


def _number(value: object) -> int:
    if not isinstance(value, str) or not value.isdecimal():
        raise FieldError("number-invalid", f"{value!r} is no number")
    return int(value)


NumberField = Annotated[int, Parsed(_number, {"type": "string"})]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    ONE_OF: ClassVar = ("number", "numbers")

    number: NumberField | None = None
    numbers: tuple[NumberField, ...] = ()
    is_big: bool = False

    def __post_init__(self) -> None:
        if bool(self.number) == bool(self.numbers):
            raise FieldError("part-invalid", "needs either 'number' or 'numbers'")


PartField = Annotated[
    _Part,
    LongForm(
        lambda value: value if isinstance(value, dict) else {"numbers" if isinstance(value, list) else "number": value}
    ),
]


class _Whole(msgspec.Struct, frozen=True):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    mode: Literal["each", "all"] = "each"
    parts: dict[str, PartField] = {}
    best: PartField | None = None
    anything: object = None


def test_text_gets_its_meaning_and_short_forms_become_long() -> None:
    document = {"name": "a", "parts": {"b": "1", "c": ["2", "3"]}, "best": {"number": "4", "is-big": True}, "other": 5}
    parts = {"b": _Part(1), "c": _Part(numbers=(2, 3))}
    assert read_table(_Whole, document) == _Whole("a", parts=parts, best=_Part(4, is_big=True))


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"name": ""},
        {"name": 1},
        {"name": "a", "mode": "none"},
        {"name": "a", "mode": ["each"]},
        {"name": "a", "parts": []},
        {"name": "a", "parts": {"b": "x"}},
        {"name": "a", "parts": {"b": []}},
        {"name": "a", "best": {"number": "1", "numbers": ["2"]}},
        {"name": "a", "best": {"number": "1", "is-big": "yes"}},
        {"name": "a", "best": {"number": "1", "is_big": True}},
    ],
)
def test_what_is_wrong_is_refused_and_named(document: object) -> None:
    with pytest.raises(ValueError) as caught:
        read_table(_Whole, document)
    assert problems_of(document, _Whole, caught.value)[0]["type"] != "strict"


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(["", "1", "each", "x", 1, True, None]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["number", "numbers", "is-big", "b"]), inner, max_size=2)
    ),
)


@given(st.dictionaries(st.sampled_from(["name", "mode", "parts", "best", "anything"]), _VALUES))
def test_what_is_read_the_model_takes(document: dict[str, object]) -> None:
    try:
        read_table(_Whole, document)
    except ValueError:
        return
    assert model_of(_Whole).model_validate(document)

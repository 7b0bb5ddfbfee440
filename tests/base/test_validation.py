"""The model of a struct refuses what the struct refuses, and names all of it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from mvlock.base.validation import model_of, problems_of


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    file_size: int
    hashes: Annotated[dict[str, str], msgspec.Meta(min_length=1)]


class _Whole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z]+$")]
    parts: tuple[_Part, ...] = ()
    best: _Part | None = None
    notes: dict[str, str] = msgspec.field(default_factory=dict)


RIGHT: dict[str, Any] = {"file-size": 1, "hashes": {"a": "b"}}


def problems(document: object) -> list[tuple[object, ...]]:
    """The places of all problems."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(document, _Whole)
    return [tuple(found["loc"]) for found in problems_of(document, _Whole, caught.value)]


def test_what_the_struct_takes_the_model_takes() -> None:
    document = {"name": "a", "parts": [RIGHT], "best": RIGHT, "notes": {"a": "b"}}
    assert msgspec.convert(document, _Whole).parts == (_Part(1, {"a": "b"}),)
    assert model_of(_Whole).model_validate(document)


def test_everything_that_is_wrong_is_named_by_its_key() -> None:
    document = {"name": "A", "parts": [RIGHT, {"file-size": "x", "hashes": {}}], "best": {}, "more": 1}
    assert problems(document) == [
        ("name",),
        ("parts", 1, "file-size"),
        ("parts", 1, "hashes"),
        ("best", "file-size"),
        ("best", "hashes"),
        ("more",),
    ]


def test_what_only_the_struct_refuses_is_a_problem_too() -> None:
    assert problems({"name": "a", "parts": [{"file-size": "1", "hashes": {"a": "b"}}]}) == [("parts[0].file-size",)]


def test_a_name_in_python_is_no_key() -> None:
    assert ("best", "file_size") in problems({"name": "a", "best": {"file_size": 1, "hashes": {"a": "b"}}})


def test_the_model_is_named_and_described_as_the_struct() -> None:
    schema = model_of(_Whole).model_json_schema()
    assert (schema["title"], schema["description"]) == ("_Whole", "A whole.")
    assert schema["$defs"]["_Part"]["required"] == ["file-size", "hashes"]

"""A ``[project]`` table (PEP 621), read leniently: of local sources, and of the project itself for its metadata."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from mvlock.base.pep508 import parse_requirement


def table_in(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The table called ``key``, an empty one if there is none."""
    found = table.get(key)
    return found if isinstance(found, dict) else {}


def texts_in(value: object) -> list[str]:
    """The items of an array, an empty list for any other value."""
    return [str(item) for item in value] if isinstance(value, list) else []


def under_extra(text: str, extra: str) -> str:
    """A requirement of an optional group as core metadata has it; one that cannot be read stays as it is.

    The parser of the metadata reports what is wrong with it.
    """
    try:
        requirement = parse_requirement(text)
    except InvalidRequirement:
        return text
    own = f"({requirement.marker}) and " if requirement.marker else ""
    requirement.marker = None
    return f'{requirement} ; {own}extra == "{canonicalize_name(extra)}"'

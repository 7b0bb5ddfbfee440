"""Versions, specifiers, markers and requirements (PEP 440, 508) from outside: measured first, then parsed.

``packaging`` reads any text: thousands of digits are a ``ValueError`` of ``int``, thousands of brackets a
``RecursionError``, and thousands of clauses take minutes. Too large a text is refused with the exception that every
caller of ``packaging`` handles anyway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from mvlock.base.limits import DEEPEST_BRACKETS, LONGEST_NAME, LONGEST_NUMBER, LONGEST_TEXT, MOST_CLAUSES

_LONG_NUMBER = re.compile(rf"[0-9]{{{LONGEST_NUMBER + 1}}}")


def parse_version(text: str) -> Version:
    """A version (PEP 440).

    :raises packaging.version.InvalidVersion: it is none, or too large
    """
    if len(text) > LONGEST_NUMBER:
        raise InvalidVersion(f"it has {len(text)} characters; the limit is {LONGEST_NUMBER}")
    return Version(text)


def parse_specifiers(text: str) -> SpecifierSet:
    """A version specifier (PEP 440).

    :raises packaging.specifiers.InvalidSpecifier: it is none, or too large
    """
    if too_large := excess(text):
        raise InvalidSpecifier(too_large)
    return SpecifierSet(text)


def parse_marker(text: str) -> Marker:
    """An environment marker (PEP 508).

    :raises packaging.markers.InvalidMarker: it is none, or too large
    """
    if too_large := excess(text):
        raise InvalidMarker(too_large)
    return Marker(text)


def parse_requirement(text: str) -> Requirement:
    """A requirement (PEP 508).

    :raises packaging.requirements.InvalidRequirement: it is none, or too large
    """
    if too_large := excess(text):
        raise InvalidRequirement(too_large)
    return checked(Requirement(text))


def checked(requirement: Requirement) -> Requirement:
    """The requirement itself.

    :raises packaging.requirements.InvalidRequirement: no project is called like that, or its marker cannot be written
    """
    marker = str(requirement.marker or "")
    if not marker.isprintable() or "\\" in marker or marker.count('"') % 2:
        raise InvalidRequirement("its marker compares with text that no platform has")
    if len(requirement.name) > LONGEST_NAME:
        raise InvalidRequirement(f"its name has {len(requirement.name)} characters; the limit is {LONGEST_NAME}")
    return requirement


def is_true(marker: Marker, environment: Mapping[str, str]) -> bool:
    """Whether a marker is true; a comparison that PEP 508 leaves undefined is true nowhere, and fails nothing."""
    try:
        return marker.evaluate(dict(environment))
    except (UndefinedComparison, UndefinedEnvironmentName):
        return False


def excess(text: str) -> str | None:
    """How a text is larger than any real one; None if it is not. Most are short, which is quick to see."""
    if len(text) > LONGEST_TEXT:
        return f"it has {len(text)} characters; the limit is {LONGEST_TEXT}"
    if text.count("(") > DEEPEST_BRACKETS and _depth(text) > DEEPEST_BRACKETS:
        return f"its brackets are more than {DEEPEST_BRACKETS} deep"
    if len(text) > LONGEST_NUMBER and _LONG_NUMBER.search(text):
        return f"it has a number of more than {LONGEST_NUMBER} digits"
    return f"it has more than {MOST_CLAUSES} clauses" if text.count(",") > MOST_CLAUSES else None


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest

"""Requirements and specifiers of core metadata: memoised, parsed leniently where the meaning is clear.

``packaging`` takes some 40 µs for a requirement, and metadata repeats the same few thousand texts. So the
usual form is parsed by one regular expression, and its specifier and marker are cached by their text;
anything unusual goes to ``packaging`` itself. What it rejects is repaired where every installer agrees on the
meaning (``>=1.0.*``, a missing comma, stray quotes) and parsed once more.

The values are shared and must not be modified.
"""

from __future__ import annotations

import re
from functools import cache

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from mvlock.base.pep508 import checked, excess

_IDENTIFIER = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_COMMON_FORM = re.compile(
    rf"""\s*(?P<name>{_IDENTIFIER})\s*
    (?:\[\s*(?P<extras>{_IDENTIFIER}(?:\s*,\s*{_IDENTIFIER})*)?\s*\]\s*)?
    (?:\((?P<bracketed>[^()@;\[\]]*)\)|(?P<bare>[<>=!~][^()@;\[\]]*))?\s*
    (?:;(?P<marker>.+))?""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_REPAIRS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"([<>=!~]=?)\s*['\"]([^'\"]*)['\"]"), r"\1\2"),  # >='2.7'
    (re.compile(r"['\"]\s*$"), ""),  # >=3.6'
    (re.compile(r"=>"), ">="),
    (re.compile(r"=<"), "<="),
    (re.compile(r"!=~"), "!="),
    (re.compile(r"([0-9a-z*])\s*(?=[<>=!~])", re.IGNORECASE), r"\1,"),  # >=1 <2
    (re.compile(r"(~=|<=|>=|<|>)(\s*[0-9]+(?:\.[0-9]+)*)\.\*"), r"\1\2"),  # >=1.0.*
    (re.compile(r"([=!]=\s*[0-9]+(?:\.[0-9]+)*)(?<!\.)\*"), r"\1.*"),  # !=3.0*
    (re.compile(r"([0-9])\.(?=\s*(?:,|$))"), r"\1"),  # >=3.6.
    (re.compile(r">\s*dev\b"), ">0.dev0"),
    (re.compile(r"~=(\s*[0-9]+)(?=\s*(?:,|$))"), r"~=\1.0"),  # ~=3
)


@cache
def lenient_requirement(text: str) -> Requirement:
    """A requirement of core metadata (PEP 508); equal text gives the same object.

    :raises packaging.requirements.InvalidRequirement: it cannot be repaired, or is too large
    """
    if too_large := excess(text):
        raise InvalidRequirement(too_large)
    return checked(_parse_common_form(text) or _parse_unusual(text))


@cache
def lenient_specifiers(text: str) -> SpecifierSet:
    """A version specifier (PEP 440), as in Requires-Python; equal text gives the same object.

    :raises packaging.specifiers.InvalidSpecifier: it cannot be repaired, or is too large
    """
    if too_large := excess(text):
        raise InvalidSpecifier(too_large)
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        return SpecifierSet(_repaired(text))


def _parse_unusual(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement:
        repaired = _repaired_requirement(text)
        if repaired is None:
            raise
        return repaired


@cache
def _marker(text: str) -> Marker:
    return Marker(text)


@cache
def _strict_specifiers(text: str) -> SpecifierSet:
    return SpecifierSet(text)


def _parse_common_form(text: str) -> Requirement | None:
    match = _COMMON_FORM.fullmatch(text)
    if match is None:
        return None
    try:
        specifier = _strict_specifiers(match["bracketed"] or match["bare"] or "")
        marker = _marker(match["marker"].strip()) if match["marker"] else None
    except (InvalidSpecifier, InvalidMarker):
        return None
    return _requirement_from(match, specifier, marker)


def _requirement_from(match: re.Match[str], specifier: SpecifierSet, marker: Marker | None) -> Requirement:
    """A ``Requirement`` from parts that are parsed already: it has only its public attributes."""
    requirement = Requirement.__new__(Requirement)
    requirement.name = match["name"]
    requirement.url = None
    requirement.extras = {extra.strip() for extra in match["extras"].split(",")} if match["extras"] else set()
    requirement.specifier = specifier
    requirement.marker = marker
    return requirement


_LENIENT_FORM = re.compile(
    rf"\s*(?P<head>{_IDENTIFIER}\s*(?:\[[^\]]*\])?)\s*\(?(?P<specifier>[^();@]*)\)?\s*(?:;(?P<marker>.*))?",
    re.ASCII | re.DOTALL,
)


def _repaired_requirement(text: str) -> Requirement | None:
    match = _LENIENT_FORM.fullmatch(" ".join(text.split()))  # runs of spaces would be divided in every way
    if match is None:
        return None
    marker = (match["marker"] or "").strip()
    try:
        return Requirement(f"{match['head']}{_repaired(match['specifier'])}{f'; {marker}' if marker else ''}")
    except InvalidRequirement:
        return None


def _repaired(specifiers: str) -> str:
    for pattern, replacement in _REPAIRS:
        specifiers = pattern.sub(replacement, specifiers)
    return specifiers

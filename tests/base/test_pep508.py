"""Versions, specifiers, markers and requirements of any size: read, or refused as any invalid one is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from mvlock.base.limits import DEEPEST_BRACKETS, LONGEST_NUMBER, LONGEST_TEXT, MOST_CLAUSES
from mvlock.base.pep508 import is_true, parse_marker, parse_requirement, parse_specifiers, parse_version

DIGITS = "9" * (LONGEST_NUMBER + 1)
"""One digit more than there may be."""


def _nested(depth: int) -> str:
    return "(" * depth + "os_name == 'x'" + ")" * depth


def test_what_is_within_the_limits_is_read() -> None:
    clauses = ",".join(["!=1"] * (MOST_CLAUSES + 1))
    assert parse_version("9" * LONGEST_NUMBER) == Version("9" * LONGEST_NUMBER)
    assert parse_specifiers(clauses) == SpecifierSet("!=1")
    assert parse_marker(_nested(DEEPEST_BRACKETS)) == Marker("os_name == 'x'")
    assert parse_requirement("a[b]>=1; os_name == 'x'") == Requirement("a[b]>=1; os_name == 'x'")


@pytest.mark.parametrize("brackets", ["(os_name == 'x') or ", "((os_name == 'x')) and "])
def test_brackets_count_only_within_each_other(brackets: str) -> None:
    assert parse_marker(brackets * DEEPEST_BRACKETS * 2 + "os_name == 'y'")


@pytest.mark.parametrize(
    ("parse", "refused", "text"),
    [
        (parse_version, InvalidVersion, DIGITS),
        (parse_version, InvalidVersion, "1" + ".1" * LONGEST_NUMBER),
        (parse_specifiers, InvalidSpecifier, f">={DIGITS}"),
        (parse_specifiers, InvalidSpecifier, ",".join(["!=1"] * (MOST_CLAUSES + 2))),
        (parse_specifiers, InvalidSpecifier, ">=1" + " " * LONGEST_TEXT),
        (parse_marker, InvalidMarker, f"python_version < '{DIGITS}'"),
        (parse_marker, InvalidMarker, _nested(DEEPEST_BRACKETS + 1)),
        (parse_marker, InvalidMarker, " or ".join(["os_name == 'x'"] * LONGEST_TEXT)),
        (parse_requirement, InvalidRequirement, f"a=={DIGITS}"),
        (parse_requirement, InvalidRequirement, "a" * (LONGEST_TEXT + 1)),
    ],
)
def test_what_is_beyond_a_limit_is_refused_with_a_reason(
    parse: Callable[[str], object], refused: type[Exception], text: str
) -> None:
    with pytest.raises(refused, match=r"limit|more than"):
        parse(text)


@pytest.mark.parametrize("marker", ["os_name ~= 'x'", "platform_release >= 'x'"])
def test_a_comparison_that_means_nothing_is_not_true(marker: str) -> None:
    assert not is_true(Marker(marker), {"os_name": "posix", "platform_release": "6.1-custom"})


@pytest.mark.parametrize("value", [r"'a\nb'", r"'a\\'", "'a\"b'"])
def test_a_marker_that_cannot_be_written_again_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequirement, match="no platform has"):
        parse_requirement(f"a; os_name == {value}")

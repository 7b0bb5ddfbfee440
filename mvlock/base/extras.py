"""Extras of a distribution, as the markers of its requirements name them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.utils import NormalizedName, canonicalize_name

_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_OF_DEVELOPERS = re.compile(
    r"(dev(el|elop|elopment)?|tests?|testing|docs?|documentation|lint(ing)?|types?|typing|mypy|checks?|cov(er|erage)?"
    r"|bench(marks?)?|enabler|ci|tox|nox)(-.*)?"
)


def extras_in(marker: str) -> Iterator[NormalizedName]:
    """The extras that a marker, or a requirement with one, asks for."""
    return (canonicalize_name(name) for name in _EXTRA.findall(marker))


def is_of_developers(extra: str) -> bool:
    """Whether nobody asks for an extra (its normalised name) but those who work on the distribution."""
    return _OF_DEVELOPERS.fullmatch(extra) is not None

"""Extras of a distribution, as named in the markers of its requirements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.utils import NormalizedName, canonicalize_name

_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']*)["']""")
_DEVELOPMENT = re.compile(
    r"(dev(el|elop|elopment)?|tests?|testing|docs?|documentation|lint(ing)?|types?|typing|mypy|checks?|cov(er|erage)?"
    r"|bench(marks?)?|enabler|ci|tox|nox)(-.*)?"
)


def extras_in(marker: str) -> Iterator[NormalizedName]:
    """The extras that a marker, or a requirement with one, names."""
    return (canonicalize_name(name) for name in _EXTRA.findall(marker))


def is_development_extra(extra: str) -> bool:
    """Whether an extra (normalised name) is only for developing the distribution itself."""
    return _DEVELOPMENT.fullmatch(extra) is not None

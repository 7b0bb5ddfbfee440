"""A marker (PEP 508) as a syntax tree of comparisons: each comparison is evaluated once for all targets.

``packaging`` evaluates one marker in one environment and shows no syntax tree. The canonical text of a marker
is simple enough to be parsed again: ``and`` binds tighter than ``or``, parentheses, and comparisons.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import msgspec

_WORD = re.compile(r"""\s*("[^"]*"|'[^']*'|[()]|not\s+in\b|[a-z_][a-z0-9_.]*|[<>=!~]+)""")

_OPERATORS = frozenset({"in", "not in"})
_MACHINE_VARIABLES = frozenset({"platform_release", "platform_version"})


class Atom(msgspec.Struct, frozen=True):
    """One comparison as text (``python_version < "3.11"``)."""

    text: str

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of environment variables of markers (PEP 508) in it, ``extra`` included."""
        return tuple(word for word in _WORD.findall(self.text) if word[0].isalpha() and word not in _OPERATORS)

    @property
    def is_about_extra(self) -> bool:
        """Whether it depends on the requested extra rather than on the environment."""
        return "extra" in self.variables

    @property
    def is_about_machine(self) -> bool:
        """Whether it depends on the machine: a kernel's release is not part of any target."""
        return not _MACHINE_VARIABLES.isdisjoint(self.variables)


class Compound(msgspec.Struct, frozen=True):
    """Several expressions, of which every one must be true (``is_conjunction``) or any one."""

    is_conjunction: bool
    parts: tuple[Expression, ...]


Expression = Atom | Compound


@cache
def parse(marker: str) -> Expression:
    """The syntax tree of a marker that ``str(packaging.markers.Marker)`` wrote.

    :raises ValueError: for anything else
    """
    words = _WORD.findall(marker)
    expression, end = _disjunction(words, 0)
    if end != len(words):
        raise ValueError(f"not a marker: {marker}")
    return expression


def _disjunction(words: list[str], at: int) -> tuple[Expression, int]:
    return _joined(words, at, "or", _conjunction)


def _conjunction(words: list[str], at: int) -> tuple[Expression, int]:
    return _joined(words, at, "and", _operand)


def _joined(
    words: list[str], at: int, word: str, part: Callable[[list[str], int], tuple[Expression, int]]
) -> tuple[Expression, int]:
    first, at = part(words, at)
    parts = [first]
    while at < len(words) and words[at] == word:
        following, at = part(words, at + 1)
        parts.append(following)
    return (first if len(parts) == 1 else Compound(word == "and", tuple(parts))), at


def _operand(words: list[str], at: int) -> tuple[Expression, int]:
    if at + 3 > len(words):
        raise ValueError("a marker ends too early")
    if words[at] != "(":
        return Atom(" ".join(words[at : at + 3])), at + 3
    inner, at = _disjunction(words, at + 1)
    return inner, at + 1

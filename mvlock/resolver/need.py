"""A requirement made ready for solving: text parsed once, shared by all trees and targets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec.structs import force_setattr
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.base.extras import extras_in
from mvlock.project.declaration import Origin

_MENTION = re.compile(r"\bextra\b")

Key = tuple[str, str]
"""What the solver decides on: a project and one of its extras ("": the project itself)."""


class Need(msgspec.Struct, frozen=True, eq=False):
    """A requirement of a release or of pyproject.toml.

    ``marker`` is canonical text ("": always), ``extras`` are normalised and sorted, ``origin`` is the
    place in pyproject.toml of requirements of the project itself.
    """

    requirement: Requirement
    name: NormalizedName
    extras: tuple[NormalizedName, ...]
    specifier: SpecifierSet
    text: str
    marker: str
    origin: Origin | None = None

    keys: tuple[Key, ...] = ()
    """What it requires: the extras first, as they pin the project itself. Follows from the other fields."""
    is_exact: bool = False
    """Whether it pins one version (``==``, no wildcard; ``===``): it may be yanked (PEP 592). Follows, too."""

    def __post_init__(self) -> None:
        keys = (*((self.name, extra) for extra in self.extras), (self.name, ""))
        exact = any(s.operator == "===" or (s.operator == "==" and "*" not in s.version) for s in self.specifier)
        force_setattr(self, "keys", keys)
        force_setattr(self, "is_exact", exact)

    def __str__(self) -> str:
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}{self.text}"


def need(requirement: Requirement, origin: Origin | None = None) -> Need:
    """Parse what a requirement of ``packaging`` still holds as text."""
    return Need(
        requirement=requirement,
        name=canonicalize_name(requirement.name),
        extras=tuple(sorted(canonicalize_name(extra) for extra in requirement.extras)),
        specifier=requirement.specifier,
        text=str(requirement.specifier),
        marker=str(requirement.marker) if requirement.marker else "",
        origin=origin,
    )


class ExtraNeeds:
    """The needs of one release that its extras may add; ``is_needed`` evaluates a marker without any extra.

    Nearly all comparisons with an extra are ``extra == "…"``: then a need that only an extra adds is looked at for the
    extras that its marker names. A release with thousands of extras, each of which requires another, stays linear.
    """

    def __init__(self, needs: Iterable[Need], is_needed: Callable[[str], bool]) -> None:
        self._of_any: list[tuple[int, Need]] = []
        self._of: dict[str, list[tuple[int, Need]]] = {}
        for place in enumerate(needs):
            marker = place[1].marker
            if "extra" not in marker:
                continue
            named = list(extras_in(marker))
            is_named = len(named) == len(_MENTION.findall(marker)) and not is_needed(marker)
            for found in [self._of.setdefault(name, []) for name in set(named)] if is_named else [self._of_any]:
                found.append(place)

    def of(self, extra: str) -> Iterator[Need]:
        """What ``extra`` may add, in the order of the metadata."""
        return (need for _, need in sorted([*self._of.get(extra, ()), *self._of_any], key=lambda place: place[0]))

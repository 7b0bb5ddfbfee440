"""A requirement made ready for solving: text parsed once, shared by all trees and targets."""

from __future__ import annotations

import msgspec
from msgspec.structs import force_setattr
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.project.declaration import Origin

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

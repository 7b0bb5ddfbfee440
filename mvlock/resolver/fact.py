"""What a conflict is made of: statements that are each true but cannot all be satisfied together.

A fact is data; ``sentence`` is its text for users. Versions are newest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from packaging.version import Version

from mvlock.codes import Code
from mvlock.resolver.need import Need

_SHOWN = 4


class RootRequirement(msgspec.Struct, frozen=True):
    """A requirement of pyproject.toml."""

    need: Need

    @property
    def sentence(self) -> str:
        """``project.dependencies[0] requires a>=1``."""
        return f"{self.need.origin or 'the project'} requires {self.need}"


class ConstraintFact(msgspec.Struct, frozen=True):
    """A constraint of pyproject.toml: it does not require a project, but limits it if it is there."""

    need: Need

    @property
    def sentence(self) -> str:
        """``tool.mvlock.constraints[0] allows only click<8``."""
        return f"{self.need.origin or 'a constraint'} allows only {self.need}"


class NeedsFact(msgspec.Struct, frozen=True):
    """Releases of a project (or their ``extra``) that need something; or an ``override`` says so in their place."""

    project: str
    extra: str
    versions: tuple[Version, ...]
    need: Need
    total: int = 0
    """How many versions the project has."""

    @property
    def sentence(self) -> str:
        """``flask 2.2.5 needs click>=8.0``."""
        verb = "needs" if len(self.versions) == 1 else "need"
        override = f" (overrides: {self.need.origin})" if self.need.origin else ""
        return f"{self.parent} {verb} {self.need}{override}"

    @property
    def parent(self) -> str:
        """``flask[async] 3.0, 2.3``."""
        return f"{named(self.project, self.extra)} {listed(self.versions)}"


class UnusableReleases(msgspec.Struct, frozen=True):
    """Releases that cannot be used, whatever is required: a code, and what is true of each (``is yanked``).

    Without versions ``text`` is a sentence by itself.
    """

    code: Code | Literal["fixed"]
    project: str
    versions: tuple[Version, ...]
    text: str

    @property
    def sentence(self) -> str:
        """``a 2.0 is yanked (also 1.1, 1.0)``."""
        if not self.versions:
            return self.text
        rest = f" (also {listed(self.versions[1:])})" if len(self.versions) > 1 else ""
        return f"{self.project} {self.versions[0]} {self.text}{rest}"


class SameVersion(msgspec.Struct, frozen=True):
    """An extra comes with its project in the same version: too obvious to be reported."""

    project: str
    extra: str
    version: Version

    @property
    def sentence(self) -> str:
        """Not shown to users."""
        return f"{named(self.project, self.extra)} {self.version} is part of {self.project} {self.version}"


Fact = RootRequirement | ConstraintFact | NeedsFact | UnusableReleases | SameVersion


class Proof(msgspec.Struct, frozen=True):
    """Why there is no resolution: facts that cannot all be satisfied, in the order of the argument."""

    facts: tuple[Fact, ...] = ()

    @property
    def declared(self) -> tuple[Need, ...]:
        """What of pyproject.toml is in it: requirements, constraints and overrides, each once."""
        needs = (fact.need for fact in self.facts if isinstance(fact, (RootRequirement, ConstraintFact, NeedsFact)))
        found = {str(need.origin): need for need in needs if need.origin}
        return tuple(found[origin] for origin in sorted(found))


def named(project: str, extra: str) -> str:
    """``requests[socks]``."""
    return f"{project}[{extra}]" if extra else project


def listed(versions: Sequence[Version]) -> str:
    """A few versions one by one, many by their ends."""
    if len(versions) <= _SHOWN:
        return ", ".join(map(str, versions))
    return f"{versions[-1]} to {versions[0]}"

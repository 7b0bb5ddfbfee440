"""Whether some dependencies can share one tree, searched near the versions that each of them has by itself.

A search over everything would go through the history of large projects before it fails. So the dependencies are
first held at the versions they have alone, which is decided fast, and if that fails the proof names those that clash.
Only these may then be held back: the versions they get together are held instead, and the next proof goes further. The
search ends when everything fits, or when those that clash have no resolution even among themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.explain import Reason, reason
from mvlock.resolver.preference import Preferences
from mvlock.resolver.question import Question, Terms, holding, of_finals
from mvlock.resolver.solve import BRIEF, Unsolvable, attempt

Pins = Mapping[str, Version]
Join = Callable[[Iterable[str]], Terms]
"""The terms of a tree of some dependencies."""


@dataclass(frozen=True, slots=True)
class Together:
    """Versions at which dependencies are compatible: the ``held`` ones, if held back, and those they have ``alone``."""

    held: Pins
    alone: Pins


@dataclass(frozen=True, slots=True)
class Clash:
    """Dependencies (two or more) that are incompatible, and why; ``proven``: they have no resolution at all."""

    names: tuple[str, ...]
    reason: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """What dependencies are combined on: a target, and the versions preferred there.

    ``final``: if all have final releases by themselves, they are rather split than given pre-releases.
    """

    catalogue: Catalogue
    join: Join
    preferences: Preferences
    target: int
    final: bool = False

    def near(self, names: Iterable[str]) -> Together | Clash:
        """The versions to which dependencies had to be held back, or the dependencies that are incompatible.

        :raises Unsolvable: one of them has no resolution by itself
        """
        everyone = tuple(sorted(names))
        asked = {name: {one.name for one in self.join([name]).needs} for name in everyone}
        own: dict[str, Version] = {}  # without projects that a marker excludes here
        is_final = self.final
        for name in everyone:
            found = self._solve([name], {})
            own |= {project: version for project, version in found.items() if project in asked[name]}
            is_final = is_final and not any(version.is_prerelease for version in found.values())
        meeting = replace(self, join=lambda names: of_finals(self.join(names))) if is_final else self
        return meeting._near(everyone, asked, own)

    def against(self, names: Iterable[str], together: Together, project: str) -> str:
        """Why a dependency that is held back cannot have the version that it has alone; "" if it could.

        The needs of the others are tried first: they explain more than the versions at which those are held.
        """
        alone = {project: together.alone[project]}
        for held in (alone, {**together.held, **alone}):
            why = self._contradiction(names, held, about=project)
            if why is not None:
                return why.text
        return ""

    def _near(self, everyone: tuple[str, ...], asked: Mapping[str, Collection[str]], own: Pins) -> Together | Clash:
        """The search, from the versions ``own`` that each has by itself."""
        held = dict(own)
        clashing: tuple[str, ...] = ()
        while True:
            why = self._contradiction(everyone, held)
            if why is None:
                back = {project: version for project, version in held.items() if version != own.get(project)}
                return Together(back, {project: own[project] for project in back if project in own})
            named = tuple(name for name in everyone if not why.asked.isdisjoint(asked[name]))
            wider = tuple(sorted({*clashing, *named}))
            otherwise = Clash(named if len(named) > 1 else everyone, why.text, proven=False)
            if wider == clashing or len(wider) < 2:
                return otherwise
            clashing = wider
            try:
                found = self._solve(clashing, {})
                wanted = {project for name in clashing for project in asked[name]}
                held |= {project: version for project, version in found.items() if project in wanted}
            except Unsolvable as failure:
                return self._clash(clashing, failure, otherwise)

    def _contradiction(self, names: Iterable[str], held: Pins, *, about: str = "") -> Reason | None:
        """Why dependencies at these versions cannot be together; None if they can."""
        try:
            self._solve(names, held)
        except Unsolvable as failure:
            return reason(failure, self.catalogue, about=about)
        return None

    def _clash(self, names: tuple[str, ...], failure: Unsolvable, otherwise: Clash) -> Clash:
        """A minimal set without a resolution; ``otherwise`` if a search was given up."""
        if not failure.is_proven:
            return otherwise
        for name in names:
            rest = tuple(one for one in names if one != name)
            try:
                self._solve(rest, {})
            except Unsolvable as smaller:
                if smaller.is_proven and len(names) > 1:
                    names, failure = rest, smaller
        return Clash(names, reason(failure, self.catalogue).text, proven=True)

    def _solve(self, names: Iterable[str], held: Pins) -> dict[str, Version]:
        terms = holding(self.join(names), held)
        question = Question(terms, self.preferences, self.target)
        return dict(member.pin for member in attempt(self.catalogue, question, BRIEF).members)

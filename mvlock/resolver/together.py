"""Whether some dependencies can be one tree, looked for near the versions that each of them has by itself.

A search over everything would walk through the history of large projects before it says no. So the dependencies are
first held at the versions they have alone, which is settled fast, and if that does not work the proof names those that
clash. They alone may then be held back: what they get together is held instead, and the next proof looks further. The
search ends when everything fits, or when those that clash have no resolution even among themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.explain import Reason, reason
from mvlock.resolver.preference import Preferences
from mvlock.resolver.question import Question, Terms, holding
from mvlock.resolver.solve import BRIEF, Unsolvable, attempt

Pins = Mapping[str, Version]
Join = Callable[[Iterable[str]], Terms]
"""The terms of a tree of some dependencies."""


@dataclass(frozen=True, slots=True)
class Together:
    """Versions at which dependencies go together: those that had to be ``held`` back, with what they have ``alone``.

    ``why``: what they would run into otherwise.
    """

    held: Pins
    alone: Pins
    why: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Dependencies (two or more) that do not go together, and why; ``proven``: they have no resolution at all."""

    names: tuple[str, ...]
    reason: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where dependencies are to meet: a target, and the versions that are preferred there."""

    catalogue: Catalogue
    join: Join
    preferences: Preferences
    target: int

    def near(self, names: Iterable[str]) -> Together | Clash:
        """The versions to which dependencies had to be held back, or those that do not go together.

        :raises Unsolvable: one of them has no resolution by itself
        """
        everyone = tuple(sorted(names))
        asked = {name: {one.name for one in self.join([name]).needs} for name in everyone}
        own: dict[str, Version] = {}  # without what a marker leaves out here
        for name in everyone:
            own |= {project: version for project, version in self._solve([name], {}).items() if project in asked[name]}
        held = dict(own)
        clashing: tuple[str, ...] = ()
        told = ""
        while True:
            why = self._contradiction(everyone, held)
            if why is None:
                back = {project: version for project, version in held.items() if version != own.get(project)}
                return Together(back, {project: own[project] for project in back if project in own}, told)
            told = told or why.text
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

    def _contradiction(self, names: Iterable[str], held: Pins) -> Reason | None:
        """Why dependencies at these versions cannot be together; None if they can."""
        try:
            self._solve(names, held)
        except Unsolvable as failure:
            return reason(failure, self.catalogue)
        return None

    def _clash(self, names: tuple[str, ...], failure: Unsolvable, otherwise: Clash) -> Clash:
        """A smallest set without a resolution; if the search for one was given up, what clashed ``otherwise``."""
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

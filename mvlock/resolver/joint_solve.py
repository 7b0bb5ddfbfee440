"""Whether some dependencies can share one tree, searched near the versions that each of them has by itself.

A search over everything would go through the history of large projects before it fails. So the dependencies are
first fixed at the versions they have alone, which is decided fast, and if that fails the proof names those in conflict.
Only these may then be held back: the versions they get together are fixed instead, and the next proof goes further. The
search ends when everything fits, or when those in conflict have no resolution even among themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec
from msgspec.structs import replace
from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.explain import Reason, reason
from mvlock.resolver.partition import Conflict
from mvlock.resolver.preference import Preferences
from mvlock.resolver.solve import BRIEF, PROOF, Effort, Unsolvable, attempt
from mvlock.resolver.solve_input import SolveInput, TreeRequirements, fixed_at, of_finals

Pins = Mapping[str, Version]
RequirementsOf = Callable[[Iterable[str]], TreeRequirements]
"""The requirements of a tree of some dependencies."""


class JointVersions(msgspec.Struct, frozen=True):
    """Versions at which dependencies are compatible.

    ``held_back``: the projects that are held back, with their versions; ``independent``: the versions that these have
    when solved separately; ``pins``: the versions of everything.
    """

    held_back: Pins
    independent: Pins
    pins: Pins


class JointSolve(msgspec.Struct, frozen=True):
    """What dependencies are combined on: a target, and the versions preferred there.

    ``final``: if all have final releases by themselves, they are split rather than given pre-releases.
    ``separate``: the versions of each dependency and all it needs when solved separately, by target; it grows.
    """

    catalogue: Catalogue
    join: RequirementsOf
    preferences: Preferences
    target: int
    final: bool = False
    separate: dict[tuple[str, int], Pins] = msgspec.field(default_factory=dict)

    def solve(self, names: Iterable[str]) -> JointVersions | Conflict:
        """The versions to which dependencies had to be held back, or the dependencies that are incompatible.

        :raises Unsolvable: one of them has no resolution by itself
        """
        all_names = tuple(sorted(names))
        required = {name: {need.name for need in self.join([name]).needs} for name in all_names}
        own: dict[str, Version] = {}  # without projects that a marker excludes here
        is_final = self.final
        for name in all_names:
            found = self._separately(name)
            own |= {project: version for project, version in found.items() if project in required[name]}
            is_final = is_final and not any(version.is_prerelease for version in found.values())
        joint = replace(self, join=lambda names: of_finals(self.join(names))) if is_final else self
        return joint._search(all_names, required, own)

    def _separately(self, name: str) -> Pins:
        if (name, self.target) not in self.separate:
            self.separate[name, self.target] = self._solve([name], {})
        return self.separate[name, self.target]

    def why_held_back(self, names: Iterable[str], together: JointVersions, project: str) -> str:
        """Why a dependency that is held back cannot have the version that it has alone; "" if it could.

        The needs of the others are tried first: they explain more than the versions at which those are fixed.
        """
        independent = {project: together.independent[project]}
        for fixed in (independent, {**together.held_back, **independent}):
            why = self._together(names, fixed, about=project)
            if isinstance(why, Reason):
                return why.text
        return ""

    def _search(
        self, all_names: tuple[str, ...], required: Mapping[str, Collection[str]], own: Pins
    ) -> JointVersions | Conflict:
        """The search, from the versions ``own`` that each has by itself."""
        fixed = dict(own)
        in_conflict: tuple[str, ...] = ()
        while True:
            result = self._together(all_names, fixed)
            if not isinstance(result, Reason):
                held_back = {project: version for project, version in fixed.items() if version != own.get(project)}
                independent = {project: own[project] for project in held_back if project in own}
                return JointVersions(held_back, independent, result)
            named = result.named_among(required)
            more_in_conflict = tuple(sorted({*in_conflict, *named}))
            fallback = Conflict(named if len(named) > 1 else all_names, result.text, proven=False)
            if more_in_conflict == in_conflict or len(more_in_conflict) < 2:
                return fallback
            in_conflict = more_in_conflict
            try:
                found = self._solve(in_conflict, {})
                wanted = {project for name in in_conflict for project in required[name]}
                fixed |= {project: version for project, version in found.items() if project in wanted}
            except Unsolvable as failure:
                return self._minimal_conflict(in_conflict, failure, fallback)

    def _together(self, names: Iterable[str], fixed: Pins, *, about: str = "") -> Pins | Reason:
        """The versions of everything that dependencies at these versions need, or why they cannot be together."""
        try:
            return self._solve(names, fixed, PROOF)
        except Unsolvable as failure:
            return reason(failure, self.catalogue, about=about)

    def _minimal_conflict(self, names: tuple[str, ...], failure: Unsolvable, fallback: Conflict) -> Conflict:
        """A minimal set without a resolution; ``fallback`` if a search was given up."""
        if not failure.is_proven:
            return fallback
        for name in names:
            rest = tuple(other for other in names if other != name)
            try:
                self._solve(rest, {})
            except Unsolvable as smaller:
                if smaller.is_proven and len(names) > 1:
                    names, failure = rest, smaller
        return Conflict(names, reason(failure, self.catalogue).text, proven=True)

    def _solve(self, names: Iterable[str], fixed: Pins, effort: Effort = BRIEF) -> dict[str, Version]:
        requirements = fixed_at(self.join(names), fixed)
        solve_input = SolveInput(requirements, self.preferences, self.target)
        return dict(member.pin for member in attempt(self.catalogue, solve_input, effort).members)

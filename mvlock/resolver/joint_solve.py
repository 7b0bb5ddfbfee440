"""Whether some dependencies can share one tree, searched near the versions that each of them has by itself.

A search over everything would go through the history of large projects before it fails. So the dependencies are
first fixed at the versions they have alone, which is decided fast, and if that fails the proof names those in conflict.
Only these may then be held back: the versions they get together are fixed instead, and the next proof goes further. Of
those that have no resolution even among themselves one is left out, so that further conflicts are found. The search
ends when everything fits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec
from msgspec.structs import replace
from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.conflict_search import ConflictSearch
from mvlock.resolver.explain import Reason, reason
from mvlock.resolver.partition import Conflict
from mvlock.resolver.preference import Preferences
from mvlock.resolver.solve import ENOUGH, JOINT, PROOF, Effort, Resolution, Unsolvable, attempt, attempt_all
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


class Learned(msgspec.Struct):
    """What solves of some dependencies have found that others can use.

    ``separate``: the versions of each dependency and all it needs when solved separately, by target. ``searches``: see
    ``attempt_all``.
    """

    separate: dict[tuple[str, int], Pins] = msgspec.field(default_factory=dict)
    searches: dict[int, ConflictSearch] = msgspec.field(default_factory=dict)


class JointSolve(msgspec.Struct, frozen=True):
    """What dependencies are combined on: a target, and the versions preferred there.

    ``final``: if all have final releases by themselves, they are split rather than given pre-releases.
    """

    catalogue: Catalogue
    join: RequirementsOf
    preferences: Preferences
    target: int
    final: bool = False
    learned: Learned = msgspec.field(default_factory=Learned)

    def solve(self, names: Iterable[str]) -> JointVersions | tuple[Conflict, ...]:
        """The versions to which dependencies had to be held back, or their conflicts.

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
        return _Search(joint, required, own).result()

    def _separately(self, name: str) -> Pins:
        known, place = self.learned.separate, (name, self.target)
        if place not in known:
            known[place] = self.solved([name], {}, ENOUGH)
        return known[place]

    def why_held_back(self, names: Iterable[str], together: JointVersions, project: str) -> str:
        """Why a dependency that is held back cannot have the version that it has alone; "" if it could.

        The needs of the others are tried first: they explain more than the versions at which those are fixed.
        """
        independent = {project: together.independent[project]}
        for fixed in (independent, {**together.held_back, **independent}):
            try:
                self.solved(names, fixed, PROOF)
            except Unsolvable as failure:
                return reason(failure, self.catalogue, about=project).text
        return ""

    def together(self, names: Iterable[str], fixed: Pins) -> Pins | tuple[Reason, ...]:
        """The versions of everything that dependencies at these versions need, or all that is found against it."""
        found = attempt_all(self.catalogue, self._input(names, fixed), self.learned.searches)
        if isinstance(found, Resolution):
            return dict(member.pin for member in found.members)
        return tuple(reason(failure, self.catalogue) for failure in found)

    def minimal_conflict(self, names: tuple[str, ...], failure: Unsolvable, fallback: Conflict) -> Conflict:
        """A minimal set without a resolution; ``fallback`` if a search was given up."""
        if not failure.is_proven:
            return fallback
        for name in names:
            rest = tuple(other for other in names if other != name)
            if len(rest) < 2:  # each of them can be solved separately
                break
            try:
                self.solved(rest, {}, PROOF)
            except Unsolvable as smaller:
                if smaller.is_proven:
                    names, failure = rest, smaller
        return Conflict(names, reason(failure, self.catalogue).text, proven=True)

    def solved(self, names: Iterable[str], fixed: Pins, effort: Effort = JOINT) -> dict[str, Version]:
        """The versions of all that some dependencies need, some of them fixed.

        :raises Unsolvable: there is no such resolution, or none was found
        """
        return dict(member.pin for member in attempt(self.catalogue, self._input(names, fixed), effort).members)

    def _input(self, names: Iterable[str], fixed: Pins) -> SolveInput:
        return SolveInput(fixed_at(self.join(names), fixed), self.preferences, self.target)


class _Search:
    """The search for the versions of dependencies, from the versions ``own`` that each has by itself.

    ``required``: the projects that each dependency requires directly.
    """

    def __init__(self, joint: JointSolve, required: Mapping[str, Collection[str]], own: Pins) -> None:
        self._joint = joint
        self._required = required
        self._own = own
        self._versions = dict(own)
        self._held_together: set[tuple[str, ...]] = set()
        """Dependencies with the versions that they have together, set by set; no two overlap."""
        self._left_out: set[str] = set()
        self._conflicts: list[Conflict] = []

    def result(self) -> JointVersions | tuple[Conflict, ...]:
        """The versions, or the conflicts: only proven ones, unless there is no other."""
        while True:
            found = self._joint.together(self._names, self._fixed)
            if isinstance(found, tuple) and self._hold_back(found):
                continue
            if self._conflicts:
                return tuple(conflict for conflict in self._conflicts if conflict.proven) or tuple(self._conflicts[:1])
            if not isinstance(found, tuple):
                return self._joint_versions(found)

    @property
    def _names(self) -> list[str]:
        return [name for name in self._required if name not in self._left_out]

    @property
    def _fixed(self) -> Pins:
        wanted = {project for name in self._names for project in self._required[name]}
        return {project: version for project, version in self._versions.items() if project in wanted}

    def _joint_versions(self, pins: Pins) -> JointVersions:
        held_back = {
            project: version for project, version in self._versions.items() if version != self._own.get(project)
        }
        return JointVersions(
            held_back, {project: self._own[project] for project in held_back if project in self._own}, pins
        )

    def _hold_back(self, reasons: Iterable[Reason]) -> bool:
        """Hold back those that take part in a conflict, or else leave one of them out; whether any is held back now."""
        before = frozenset(self._held_together)
        for why in reasons:
            named = why.named_among(self._required)
            if self._left_out.isdisjoint(named):
                self._go_on_from(why, named, before)
        return not self._held_together <= before

    def _go_on_from(self, why: Reason, named: tuple[str, ...], before: Collection[tuple[str, ...]]) -> None:
        """Hold back some that are in conflict with the versions they have; if there are no others, that is a conflict.

        ``before``: what had been held back together when they were found to be in conflict.
        """
        fallback = Conflict(named if len(named) > 1 else tuple(self._names), why.text, proven=False)
        overlapping = [held for held in self._held_together if not set(held).isdisjoint(named)]
        more = tuple(sorted({*named, *(name for held in overlapping for name in held)}))
        if more in before or len(more) < 2:
            self._leave_out(fallback)
        elif more not in self._held_together:
            try:
                self._joint.solved(more, {}, PROOF)  # if there is no resolution, a search takes longer to find that out
                found = self._joint.solved(more, {})
            except Unsolvable as failure:
                self._leave_out(self._joint.minimal_conflict(more, failure, fallback))
            else:
                wanted = {project for name in more for project in self._required[name]}
                self._versions |= {project: version for project, version in found.items() if project in wanted}
                self._held_together = {more, *self._held_together.difference(overlapping)}

    def _leave_out(self, conflict: Conflict) -> None:
        """Go on without the last that takes part in a conflict."""
        self._conflicts.append(conflict)
        self._left_out.add(conflict.between[-1])
        self._held_together = {held for held in self._held_together if conflict.between[-1] not in held}

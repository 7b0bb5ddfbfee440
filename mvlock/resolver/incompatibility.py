"""The data of PubGrub: incompatibilities, and the partial solution that they are compared with.

A key (a project, or an extra of it) has a set of states that it can still have. The set is an int: bit i stands for
release i of the project's table, the bit after the last for "not in the tree".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from mvlock.resolver.fact import Fact
from mvlock.resolver.need import Key


class Incompatibility(msgspec.Struct, frozen=True, eq=False):
    """A combination that must not be: for each of some keys a set of states. A fact, or derived from two others."""

    terms: Mapping[Key, int]
    fact: Fact | None = None
    parents: tuple[Incompatibility, ...] = ()


class Assignment(msgspec.Struct, frozen=True):
    """The states of a key are limited to ``states``: derived from ``cause``, or decided (None)."""

    key: Key
    states: int
    level: int
    cause: Incompatibility | None = None


class PartialSolution:
    """Decisions and what was derived from them, in order. ``all_states``: all states that a key can have."""

    def __init__(self, all_states: Callable[[Key], int]) -> None:
        self.assignments: list[Assignment] = []
        self.level = 0
        """How many decisions there are."""
        self._all_states = all_states
        self._states: dict[Key, int] = {}
        self._changed: set[Key] = set()

    def changed(self) -> Collection[Key]:
        """The keys that have been limited, or may have become free again, since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def states(self, key: Key) -> int:
        """The states that a key can still have."""
        return self._states.get(key, -1) & self._all_states(key)

    def derive(self, key: Key, states: int, cause: Incompatibility) -> None:
        """Limit a key on the level of the last decision."""
        self._assign(Assignment(key, states, self.level, cause))

    def decide(self, key: Key, states: int) -> None:
        """Limit a key on a new level."""
        self.level += 1
        self._assign(Assignment(key, states, self.level))

    def backtrack(self, level: int) -> None:
        """Forget everything above a level."""
        self.level = level
        self._changed.update(self._states)
        self.assignments = [assignment for assignment in self.assignments if assignment.level <= level]
        self._states = {}
        for assignment in self.assignments:
            self._states[assignment.key] = self._states.get(assignment.key, -1) & assignment.states

    def unsatisfied(self, incompatibility: Incompatibility) -> list[Key] | None:
        """The keys (two at most) whose terms are not satisfied; None if a term is contradicted."""
        found: list[Key] = []
        for key, term in incompatibility.terms.items():
            states = self.states(key)
            if not states & term:
                return None
            if states & ~term:
                found.append(key)
                if len(found) > 1:
                    return found
        return found

    def is_satisfied_but_for(self, chosen: Key, incompatibility: Incompatibility) -> bool:
        """Whether the terms of all other keys are satisfied."""
        return all(not self.states(key) & ~term for key, term in incompatibility.terms.items() if key != chosen)

    def is_contradicted(self, incompatibility: Incompatibility) -> bool:
        """Whether some key can have none of the states of its term."""
        return not all(self.states(key) & term for key, term in incompatibility.terms.items())

    def satisfier(self, incompatibility: Incompatibility) -> int:
        """The number of the assignment that first satisfied an incompatibility."""
        states = {key: self._all_states(key) for key in incompatibility.terms}
        unmet = {key for key, term in incompatibility.terms.items() if states[key] & ~term}
        for number, assignment in enumerate(self.assignments):
            if assignment.key in states:
                states[assignment.key] &= assignment.states
                if not states[assignment.key] & ~incompatibility.terms[assignment.key]:
                    unmet.discard(assignment.key)
                    if not unmet:
                        return number
        return len(self.assignments) - 1

    def previous_level(self, incompatibility: Incompatibility, satisfier: int) -> int:
        """The first level at which the satisfier alone would complete the incompatibility."""
        last = self.assignments[satisfier]
        states = {key: self._all_states(key) for key in incompatibility.terms}
        states[last.key] &= last.states
        level = 0
        for assignment in self.assignments[:satisfier]:
            if all(not states[key] & ~term for key, term in incompatibility.terms.items()):
                break
            if assignment.key in states:
                states[assignment.key] &= assignment.states
                level = assignment.level
        return level

    def _assign(self, assignment: Assignment) -> None:
        self.assignments.append(assignment)
        self._changed.add(assignment.key)
        self._states[assignment.key] = self.states(assignment.key) & assignment.states

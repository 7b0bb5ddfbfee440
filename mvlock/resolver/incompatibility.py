"""The data of PubGrub: incompatibilities, and the partial solution that they are compared with.

A key (a project, or an extra of it) has a set of states that it can still have. The set is an int: bit i stands for
release i of the project's table, the bit after the last for "not in the tree".
"""

from __future__ import annotations

from bisect import bisect_left
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
    """The states of a key are limited to ``states``: derived from ``cause``, or decided (None).

    ``left``: the states left by this and all earlier assignments of the key.
    """

    key: Key
    states: int
    left: int
    level: int
    cause: Incompatibility | None = None


class PartialSolution:
    """Decisions and what was derived from them, in order. ``all_states``: all states that a key can have.

    The assignments of each key are kept by themselves, too: what satisfied an incompatibility is found, and what a
    decision led to is forgotten, without looking at anything else.
    """

    def __init__(self, all_states: Callable[[Key], int]) -> None:
        self.assignments: list[Assignment] = []
        self.level = 0
        """How many decisions there are."""
        self._all_states = all_states
        self._of_key: dict[Key, list[int]] = {}
        """By key: the numbers of its assignments."""
        self._changed: set[Key] = set()

    def changed(self) -> Collection[Key]:
        """The keys that have been limited, or have become free again, since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def states(self, key: Key) -> int:
        """The states that a key can still have."""
        numbers = self._of_key.get(key)
        return self.assignments[numbers[-1]].left if numbers else self._all_states(key)

    def cause(self, key: Key) -> Incompatibility:
        """Why a key has the states that it has; it was limited, and not by a decision."""
        cause = self.assignments[self._of_key[key][-1]].cause
        if cause is None:
            raise ValueError("a decision has no cause")
        return cause

    def derive(self, key: Key, states: int, cause: Incompatibility) -> None:
        """Limit a key on the level of the last decision."""
        self._assign(key, states, cause)

    def decide(self, key: Key, states: int) -> None:
        """Limit a key on a new level."""
        self.level += 1
        self._assign(key, states)

    def backtrack(self, level: int) -> None:
        """Forget everything above a level."""
        self.level = level
        while self.assignments and self.assignments[-1].level > level:
            key = self.assignments.pop().key
            self._of_key[key].pop()
            self._changed.add(key)

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
        return max(self._satisfied_at(key, term) for key, term in incompatibility.terms.items())

    def previous_level(self, incompatibility: Incompatibility, satisfier: int) -> int:
        """The first level at which the satisfier alone would complete the incompatibility."""
        last = self.assignments[satisfier]
        numbers = (
            self._satisfied_at(key, term, last.states if key == last.key else -1)
            for key, term in incompatibility.terms.items()
        )
        return max((self.assignments[number].level for number in numbers if number >= 0), default=0)

    def _satisfied_at(self, key: Key, term: int, known: int = -1) -> int:
        """The number of the assignment that first satisfied a term, if ``known`` holds anyway; -1: none had to."""
        if not self._all_states(key) & known & ~term:
            return -1
        numbers = self._of_key[key]
        return numbers[bisect_left(numbers, True, key=lambda n: not self.assignments[n].left & known & ~term)]

    def _assign(self, key: Key, states: int, cause: Incompatibility | None = None) -> None:
        left = self.states(key) & states
        self._of_key.setdefault(key, []).append(len(self.assignments))
        self.assignments.append(Assignment(key, states, left, self.level, cause))
        self._changed.add(key)

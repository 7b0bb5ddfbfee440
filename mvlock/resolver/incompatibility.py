"""The data of PubGrub: incompatibilities, those that are known, and the partial solution that they are compared with.

A key (a project, or an extra of it) has a set of states that it can still have. The set is an int: bit i stands for
release i of the project's table, the bit after the last for "not in the tree".
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from operator import itemgetter

import msgspec

from mvlock.resolver.fact import Fact
from mvlock.resolver.need import Key


class Incompatibility(msgspec.Struct, frozen=True, eq=False):
    """A combination that must not be: for each of some keys a set of states. A fact, or derived from two others."""

    terms: Mapping[Key, int]
    fact: Fact | None = None
    parents: tuple[Incompatibility, ...] = ()


class Assignment(msgspec.Struct, frozen=True, gc=False):
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
        self._left = _Left(all_states)
        self._of_key: dict[Key, list[int]] = {}
        """By key: the numbers of its assignments."""
        self._changed: set[Key] = set()

    def changed(self) -> set[Key]:
        """The keys that have been limited, or have become free again, since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def states(self, key: Key) -> int:
        """The states that a key can still have."""
        return self._left[key]

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
            numbers = self._of_key[key]
            numbers.pop()
            if numbers:
                self._left[key] = self.assignments[numbers[-1]].left
            else:
                del self._left[key]
            self._changed.add(key)

    def unsatisfied(self, incompatibility: Incompatibility) -> Collection[Key] | None:
        """The one key whose term is not satisfied, if any; None if a term is contradicted or there are more."""
        found: tuple[Key, ...] = ()
        left = self._left
        for key, term in incompatibility.terms.items():
            states = left[key]
            both = states & term
            if not both or (both != states and found):
                return None
            if both != states:
                found = (key,)
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
        if not self._left.all_states(key) & known & ~term:
            return -1
        numbers = self._of_key[key]
        return numbers[bisect_left(numbers, True, key=lambda n: not self.assignments[n].left & known & ~term)]

    def _assign(self, key: Key, states: int, cause: Incompatibility | None = None) -> None:
        left = self._left[key] = self._left[key] & states
        self._of_key.setdefault(key, []).append(len(self.assignments))
        self.assignments.append(Assignment(key, states, left, self.level, cause))
        self._changed.add(key)


class _Left(dict[Key, int]):
    """The states that each key can still have: all of them, as long as nothing has limited it."""

    def __init__(self, all_states: Callable[[Key], int]) -> None:
        super().__init__()
        self.all_states = all_states

    def __missing__(self, key: Key) -> int:
        states = self[key] = self.all_states(key)
        return states


class KnownIncompatibilities:
    """Incompatibilities, found by their keys and compared with a partial solution."""

    def __init__(self, solution: PartialSolution) -> None:
        self._solution = solution
        self._of_key: defaultdict[Key, dict[int, list[tuple[int, Incompatibility]]]] = defaultdict(dict)
        """Those of each key by the states of it that they are about, numbered. As long as it has others, too, nothing
        follows for other keys, so that most need not be looked at."""
        self._count = 0
        self._found: defaultdict[Key, dict[int, list[Incompatibility]]] = defaultdict(dict)
        """What is relevant by the states that a key has: after backtracking it has the same ones again."""

    def add(self, incompatibility: Incompatibility) -> None:
        """Add one; it is the newest."""
        self._count += 1
        for key, term in incompatibility.terms.items():
            about = term if len(incompatibility.terms) > 1 else -1  # something follows for the key itself, always
            self._of_key[key].setdefault(about, []).append((self._count, incompatibility))
            self._found.pop(key, None)

    def relevant(self, key: Key) -> list[Incompatibility]:
        """The incompatibilities from which something may follow for other keys, or the key alone; newest first."""
        states, found = self._solution.states(key), self._found[key]
        if not self._solution.level:
            self._drop_contradicted(key, states)
            found.clear()
        if states not in found:
            found[states] = self._newest_first(key, states)
        return found[states]

    def _drop_contradicted(self, key: Key, states: int) -> None:
        """Those contradicted at level 0 are dropped for good.

        A project with thousands of releases has as many, nearly all of releases that are already excluded.
        """
        groups = self._of_key[key] = {term: group for term, group in self._of_key[key].items() if states & term}
        for term in self._met(key, states):
            groups[term] = [one for one in groups[term] if not self._solution.is_contradicted(one[1])]

    def _newest_first(self, key: Key, states: int) -> list[Incompatibility]:
        groups = self._of_key[key]
        found = [one for term in self._met(key, states) for one in groups[term]]
        return [incompatibility for _, incompatibility in sorted(found, key=itemgetter(0), reverse=True)]

    def _met(self, key: Key, states: int) -> list[int]:
        """The terms of a key that its states satisfy."""
        return [term for term in self._of_key[key] if states & term == states]

"""Which requirements of a tree conflict: all the conflicts that one search meets, not only the first one.

A proof ends at the first conflict, and to find the next one a new proof would begin from nothing. So each project that
the tree requires is an *assumption* here, as in SAT solvers: a key of its own with two states, "required" and not. A
requirement, or a version at which the project is fixed, holds only with its assumption. The search

- decides on the assumptions before anything else, each on a level of its own, and follows each as far as there is
  nothing to choose, so that a requirement that conflicts with earlier ones is met as soon as it comes;
- gives a requirement up where what it has learned leaves no other way, and goes on with all it has learned.

In the end there is a resolution without what was given up. Why something was given up is the cause of that, combined
with its own causes until only assumptions are left: a conflict, as a proof shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.fact import ConstraintFact, Proof, RootRequirement
from mvlock.resolver.incompatibility import Incompatibility
from mvlock.resolver.need import Key
from mvlock.resolver.prover import Order, Prover, StepsExceeded
from mvlock.resolver.solve_input import SolveInput

_ASSUMED = "*"
"""No extra is called so, so that ``("a", "*")`` is the assumption that a is required."""
_FIRST = -(1 << 62)


class ConflictSearch(Prover):
    """One search for the conflicts of the requirements of a solve."""

    def __init__(self, catalogue: Catalogue, solve_input: SolveInput, order: Order) -> None:
        super().__init__(catalogue, solve_input, order)
        self._required = dict.fromkeys(sorted(need.name for need in solve_input.requirements.needs))
        self._assumptions = [(str(project), _ASSUMED) for project in self._required]
        self._assumed = 0
        """The level of the last assumption that is decided; those above are of versions."""
        self._next = 0
        """The place of the first assumption that may not be decided."""

    def conflicts(self) -> tuple[Proof, ...] | Mapping[Key, int] | None:
        """For each requirement that was given up, why; or the resolution, as ``answer`` has it. None: it took too long.

        :raises MvlockError: when something cannot be read
        """
        try:
            final = self._search()
        except StepsExceeded:
            return tuple(self._of_given_up()) or None
        if final is not None:
            return (self._proof(final),)
        return tuple(self._of_given_up()) or self._decided

    def _of_given_up(self) -> Iterator[Proof]:
        for key in filter(self._is_given_up, self._assumptions):
            yield self._proof(self._combined(self._solution.cause(key)))

    def _is_given_up(self, key: Key) -> bool:
        return self._solution.states(key) == self._external.absence(key)

    def _combined(self, incompatibility: Incompatibility) -> Incompatibility:
        """What follows from an incompatibility and its causes about assumptions alone."""
        while True:
            terms = {key: term for key, term in incompatibility.terms.items() if key[1] != _ASSUMED}
            if not terms:
                return incompatibility
            number = self._solution.satisfier(replace(incompatibility, terms=terms))
            incompatibility = self._prior_cause(incompatibility, self._solution.assignments[number])

    def _roots(self) -> Iterator[Incompatibility]:
        """With what is known of each project that is required, so that a fixed version is known from the start."""
        for incompatibility in super()._roots():
            yield incompatibility
            for key in incompatibility.terms.keys() - self._opened:
                self._opened.add(key)
                yield from self._external.of_key(key)

    def _add(self, incompatibility: Incompatibility) -> None:
        """Add an incompatibility; with the assumption, if it is a requirement or fixes its version."""
        fact = incompatibility.fact
        if isinstance(fact, RootRequirement) or (isinstance(fact, ConstraintFact) and fact.need.origin is None):
            key = (str(fact.need.name), _ASSUMED)
            if fact.need.name in self._required:
                terms = {**incompatibility.terms, key: self._external.table(key).all}
                incompatibility = replace(incompatibility, terms=terms)
        if fact is None:  # it is not added on the first level where something follows from it
            self._added_at.update(dict.fromkeys(incompatibility.terms, self._solution.level))
        super()._add(incompatibility)

    def _next_key(self) -> Key | None:
        """What leaves no choice, then the next assumption, then what the prover would decide."""
        key = super()._next_key()
        if key is not None and self._solution.states(key).bit_count() == 1:
            return key
        return self._next_assumption() or key

    def _next_assumption(self) -> Key | None:
        for place in range(self._next, len(self._assumptions)):
            key, self._next = self._assumptions[place], place
            if self._solution.states(key) == self._external.all_states(key):
                return key
        return None

    def _priority(self, key: Key) -> tuple[int, int]:
        trouble, states = super()._priority(key)
        return (trouble if states > 1 else _FIRST), states

    def _may_be_absent(self, key: Key) -> bool:
        """Assumptions are decided in their own order."""
        return key[1] == _ASSUMED or super()._may_be_absent(key)

    def _decide(self, key: Key) -> Iterator[Key]:
        if key[1] != _ASSUMED:
            yield from super()._decide(key)
        else:
            self._solution.decide(key, self._external.table(key).all)
            self._assumed = self._solution.level

    def _returned_to(self, previous: int, last: int) -> int:
        """Assumptions before the last in a conflict of assumptions stay: all would be decided again the same way."""
        return last - 1 if last <= self._assumed else previous

    def _backtrack(self, level: int) -> None:
        super()._backtrack(level)
        self._assumed = min(level, self._assumed)
        self._next = 0

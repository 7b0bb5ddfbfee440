"""Proves that a tree has no resolution on a target, with the PubGrub algorithm, to find which facts exclude each other.

The search by resolvelib ends with the last conflict it met, which is seldom the full explanation. Here every conflict
becomes a new incompatibility whose parents are recorded, so that the result is a derivation from facts; or a
resolution, if that search was given up. The terms are those of PubGrub's description by Natalie Weizenbaum: a *fact* is
the cause of an external incompatibility, a *proof* is a derivation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heappop, heappush

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.external_incompatibilities import ExternalIncompatibilities
from mvlock.resolver.fact import Fact, NeedsFact, Proof, RootRequirement
from mvlock.resolver.incompatibility import Assignment, Incompatibility, KnownIncompatibilities, PartialSolution
from mvlock.resolver.need import Key
from mvlock.resolver.release import ReleaseTable, bits
from mvlock.resolver.solve_input import SolveInput

_STEPS = 20_000
_STEPS_PER_ROOT = 100

Order = Callable[[ReleaseTable, int], Iterable[int]]
"""Some releases of a table, in the order in which they are tried."""


class StepsExceeded(Exception):  # a result, not a bug
    """The proof took too long."""


class Prover:
    """One proof for one solve. Reads metadata that the failed search may not have read.

    ``order`` matters only if there is a resolution after all: it decides which one is found.
    """

    def __init__(
        self, catalogue: Catalogue, solve_input: SolveInput, order: Order = lambda _, numbers: bits(numbers)
    ) -> None:
        self._order = order
        self._report = catalogue.ports.count
        self._external = ExternalIncompatibilities(catalogue, solve_input)
        self._solution = PartialSolution(self._external.all_states)
        self._known = KnownIncompatibilities(self._solution)
        self._decided: dict[Key, int] = {}
        self._trouble: Counter[Key] = Counter()
        self._queue: list[tuple[int, int, Key]] = []
        """Keys that may be decided next, with their priority when they were added."""
        self._blamed: set[Key] = set()
        self._opened: set[Key] = set()
        self._root_count = 0
        self._added_at: dict[Key, int] = {}
        """The level on which the last incompatibilities of a key were added. What follows from them belongs to it."""

    def answer(self) -> Proof | Mapping[Key, int] | None:
        """The proof, or a resolution after all: the number of the release of each key. None: the proof took too long.

        :raises MvlockError: when something cannot be read
        """
        try:
            final = self._search()
        except StepsExceeded:
            return None
        return self._decided if final is None else self._proof(final)

    def _proof(self, derived: Incompatibility) -> Proof:
        """The facts that an incompatibility is derived from."""
        return Proof(tuple(self._with_dead_ends(_facts(derived))))

    def _with_dead_ends(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """The facts, and for each need that no existing release satisfies, why."""
        for fact in facts:
            yield fact
            if not isinstance(fact, (RootRequirement, NeedsFact)):
                continue
            unmet = self._external.unmet(fact.need)
            if unmet is not None:
                yield unmet

    def _search(self) -> Incompatibility | None:
        changed: set[Key] = set()
        for incompatibility in self._roots():
            if not incompatibility.terms:
                return incompatibility
            self._add(incompatibility)
            self._root_count += 1
            changed.update(incompatibility.terms)
        return self._search_from(changed)

    def _search_from(self, changed: set[Key]) -> Incompatibility | None:
        """Search with what is known, of which some may follow from what ``changed``."""
        for _ in range(_STEPS + _STEPS_PER_ROOT * self._root_count):
            conflict = self._propagate(changed)
            if conflict is not None:
                self._report("conflicts", 1)
                cause = self._resolve_conflict(conflict)
                if not cause.terms:
                    return cause
                self._trouble.update(cause.terms.keys())
                self._blamed.update(cause.terms)
                changed = {*cause.terms, *self._forgotten()}
                continue
            key = self._next_key()
            if key is None:
                return None
            changed = {key, *self._decide(key)}
        raise StepsExceeded

    def _roots(self) -> Iterator[Incompatibility]:
        """What holds from the start."""
        return self._external.of_project()

    def _propagate(self, changed: set[Key]) -> Incompatibility | None:
        """Unit propagation: derive all that follows; returns an incompatibility that is satisfied, if any."""
        queue = sorted(changed)
        while queue:
            key = heappop(queue)
            changed.discard(key)
            for incompatibility in self._known.relevant(key):
                unsatisfied = self._solution.unsatisfied(incompatibility)
                if unsatisfied is None:
                    continue
                if not unsatisfied:
                    return incompatibility
                (other,) = unsatisfied
                self._solution.derive(other, ~incompatibility.terms[other], incompatibility)
                if other not in changed:
                    changed.add(other)
                    heappush(queue, other)
        return None

    def _resolve_conflict(self, conflict: Incompatibility) -> Incompatibility:
        """Combine a satisfied incompatibility with its causes until it shows how far to backtrack, and do so."""
        while conflict.terms:
            number = self._solution.satisfier(conflict)
            satisfier = self._solution.assignments[number]
            previous = self._solution.previous_level(conflict, number)
            if satisfier.cause is None or previous < satisfier.level:
                self._add(conflict)
                self._backtrack(self._returned_to(previous, satisfier.level))
                return conflict
            conflict = self._prior_cause(conflict, satisfier)
        return conflict

    def _returned_to(self, previous: int, last: int) -> int:
        """The level to go back to: one before ``last``, from ``previous`` on, where the conflict says what follows."""
        return previous

    def _forgotten(self) -> Iterator[Key]:
        """Keys of which incompatibilities were added on a level that is gone, and what followed from them with it.

        What it followed from may be older, and still be there: then it follows again.
        """
        level = self._solution.level
        for key, added_at in self._added_at.items():
            if added_at > level:
                self._added_at[key] = level
                yield key

    def _backtrack(self, level: int) -> None:
        self._solution.backtrack(level)
        decided = self._decided.items()
        self._decided = {key: number for key, number in decided if self._solution.states(key) == 1 << number}

    def _prior_cause(self, conflict: Incompatibility, satisfier: Assignment) -> Incompatibility:
        """The prior cause, which follows from both: their common key drops out or its term is widened."""
        cause = satisfier.cause
        if cause is None:
            raise ValueError("a decision proves nothing")
        terms = dict(conflict.terms)
        for key, term in cause.terms.items():
            mine = terms.get(key)
            terms[key] = term if mine is None else mine | term if key == satisfier.key else mine & term
        return self._external.incompatibility(terms, parents=(conflict, cause))

    def _next_key(self) -> Key | None:
        """A key that must be in the tree and is not decided: the one in most conflicts, with the fewest releases left.

        Keys in many conflicts come early, so that what depends on them is not decided again and again.
        """
        for key in self._solution.changed() | self._blamed:
            if self._is_open(key):
                heappush(self._queue, (*self._priority(key), key))
        self._blamed.clear()
        while self._queue:
            *priority, key = self._queue[0]
            if self._is_open(key) and tuple(priority) == self._priority(key):
                return key
            heappop(self._queue)
        return None

    def _is_open(self, key: Key) -> bool:
        """Whether a key must be in the tree and is not decided."""
        return key not in self._decided and not self._may_be_absent(key)

    def _priority(self, key: Key) -> tuple[int, int]:
        return -self._trouble[key], self._solution.states(key).bit_count()

    def _may_be_absent(self, key: Key) -> bool:
        return bool(self._solution.states(key) & self._external.absence(key))

    def _decide(self, key: Key) -> Iterator[Key]:
        """Decide on the first release left in ``order``, unless its needs exclude it at once."""
        self._added_at[key] = self._solution.level
        if key not in self._opened:
            self._opened.add(key)
            for incompatibility in self._external.of_key(key):
                self._add(incompatibility)
            yield key
            return
        table = self._external.table(key)
        number = self._best(table, self._solution.states(key))
        self._report("versions tried", 1)
        needs = list(self._external.of_release(key, number))
        for incompatibility in needs:
            self._add(incompatibility)
            yield from incompatibility.terms
        if any(self._solution.is_satisfied_but_for(key, incompatibility) for incompatibility in needs):
            return
        self._decided[key] = number
        if self._solution.states(key) != 1 << number:  # else there is nothing to decide
            self._solution.decide(key, 1 << number)

    def _best(self, table: ReleaseTable, states: int) -> int:
        """The first release in ``order``, which need not be asked if there is only one."""
        return states.bit_length() - 1 if states.bit_count() == 1 else next(iter(self._order(table, states)))

    def _add(self, incompatibility: Incompatibility) -> None:
        self._known.add(incompatibility)


def _facts(final: Incompatibility) -> Iterator[Fact]:
    """The facts of a derivation, each once, in the order of the argument."""
    seen: set[int] = set()
    stack = [final]
    while stack:
        incompatibility = stack.pop()
        if id(incompatibility) not in seen:
            seen.add(id(incompatibility))
            if incompatibility.fact is not None:
                yield incompatibility.fact
            stack.extend(reversed(incompatibility.parents))

"""Which requirements of a tree conflict: all the conflicts that one search meets, not only the first one.

A proof ends at the first conflict, and to find the next one a new proof would begin from nothing. So each project that
the tree requires is an *assumption* here, as in SAT solvers: a key of its own with two states, "required" and not. A
requirement, or a version at which the project is fixed, holds only with its assumption. The search

- decides on the assumptions before anything else, each on a level of its own, and follows each as far as there is
  nothing to choose, so that a requirement that conflicts with earlier ones is met as soon as it comes;
- gives a requirement up where what it has learned leaves no other way, and goes on with all it has learned.

In the end there is a resolution without what was given up. Why something was given up is the cause of that, combined
with its own causes until only assumptions are left: a conflict, as a proof shows it.

What was learned does not depend on which assumptions were made. So a search can go on with some of its requirements
alone, and does not meet the conflicts of the others, nor once more those of versions (``again``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.fact import ConstraintFact, Proof, RootRequirement
from mvlock.resolver.incompatibility import Incompatibility
from mvlock.resolver.need import Key
from mvlock.resolver.prover import Order, Prover, StepsExceeded
from mvlock.resolver.solve_input import SolveInput, TreeRequirements

_ASSUMED = "*"
"""No extra is called so, so that ``("a", "*")`` is the assumption that a is required."""
_FIRST = -(1 << 62)


class ConflictSearch(Prover):
    """One search for the conflicts of the requirements of a solve."""

    def __init__(self, catalogue: Catalogue, solve_input: SolveInput) -> None:
        super().__init__(catalogue, solve_input)
        self._rules = catalogue.rules
        self._assumed_texts = _assumed_texts(solve_input.requirements)
        self._settings = self._settings_of(solve_input)
        self._assumptions: list[Key] = []
        self._assumed = 0
        """The level of the last assumption that is decided; those above are of versions."""
        self._next = 0
        """The place of the first assumption that may not be decided."""
        self._can_go_on = True

    def covers(self, solve_input: SolveInput) -> bool:
        """Whether another solve has only requirements of this one, and everything else is the same."""
        return (
            self._can_go_on
            and self._settings_of(solve_input) == self._settings
            and _assumed_texts(solve_input.requirements).items() <= self._assumed_texts.items()
        )

    def conflicts(self, solve_input: SolveInput, order: Order) -> tuple[Proof, ...] | Mapping[Key, int] | None:
        """For each requirement that was given up, why; or the resolution, as ``answer`` has it. None: it took too long.

        ``solve_input`` is covered. ``order`` is that of ``Prover``.

        :raises MvlockError: when something cannot be read
        """
        is_first, self._order = not self._assumptions, order
        self._assumptions = [(project, _ASSUMED) for project in sorted(_required(solve_input.requirements))]
        self._can_go_on = False
        try:
            final = self._search() if is_first else self._search_again()
        except StepsExceeded:
            return tuple(self._of_given_up()) or None
        if final is not None:
            return (self._proof(final),)
        self._can_go_on = True
        return tuple(self._of_given_up()) or dict(self._decided)

    def _search_again(self) -> Incompatibility | None:
        self._backtrack(0)
        return self._search_from(set(self._forgotten()))

    def _settings_of(self, solve_input: SolveInput) -> tuple[object, ...]:
        """What holds whatever is assumed."""
        requirements = solve_input.requirements
        assumed = _required(requirements)
        constraints = {
            project: texts
            for project in requirements.constraints
            if (texts := _texts(requirements, project, is_fixed=False if project in assumed else None))
        }
        overrides = {
            project: [str(need.requirement) for need in needs] for project, needs in requirements.overrides.items()
        }
        return (
            (solve_input.target, solve_input.needs_files, requirements.prereleases, requirements.excluded),
            self._rules.newest_in.get(requirements.tree),
            constraints,
            overrides,
        )

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
            project = str(fact.need.name)
            if project in self._assumed_texts:
                key = project, _ASSUMED
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


def _required(requirements: TreeRequirements) -> set[str]:
    return {need.name for need in requirements.needs}


def _assumed_texts(requirements: TreeRequirements) -> dict[str, tuple[str, ...]]:
    """By project: what is assumed of it, its requirements and the version at which it is fixed."""
    found: dict[str, tuple[str, ...]] = {}
    for need in requirements.needs:
        found[need.name] = (*found.get(need.name, ()), str(need.requirement))
    return {project: (*texts, *_texts(requirements, project, is_fixed=True)) for project, texts in found.items()}


def _texts(requirements: TreeRequirements, project: str, *, is_fixed: bool | None) -> tuple[str, ...]:
    """The constraints on a project that fix it, or that do not; None: all."""
    return tuple(
        str(need.requirement)
        for need in requirements.constraints.get(project, ())
        if is_fixed is None or (need.origin is None) == is_fixed
    )

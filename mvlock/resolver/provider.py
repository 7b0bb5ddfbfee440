"""The resolvelib provider that solves one tree for one target. It does no I/O itself: the catalogue does.

Sets of releases are ints (see ``release``), sets of targets too (see ``matrix``). Each answer that depends on
the target narrows ``same``: the targets on which the same solve would have had the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from packaging.utils import NormalizedName
from resolvelib import AbstractProvider
from resolvelib.structs import RequirementInformation

from mvlock.resolver.candidates import Candidates
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.need import Key, Need
from mvlock.resolver.release import where_python
from mvlock.resolver.release_evaluator import ReleaseEvaluator
from mvlock.resolver.requirement import Candidate, SolverRequirement, UnsatisfiableRequirement
from mvlock.resolver.solve_input import SolveInput

AnyRequirement = SolverRequirement | UnsatisfiableRequirement
Cause = RequirementInformation[AnyRequirement, Candidate]

# A project that keeps causing conflicts is decided early, before anything that it would undo.
_MANY_CONFLICTS = 5
_PATIENCE, _AHEAD = 3, 16


class Provider(AbstractProvider[AnyRequirement, Candidate, Key]):
    """Candidates newest first, preferred versions before them; metadata is read only when one is tried."""

    def __init__(self, catalogue: Catalogue, solve_input: SolveInput) -> None:
        self.same = catalogue.matrix.everywhere
        self._catalogue = catalogue
        self._solve_input = solve_input
        self._requirements: dict[Candidate, tuple[AnyRequirement, ...]] = {}
        self._masks: dict[SolverRequirement, int] = {}
        self._exact: set[Key] = set()
        self._evaluator = ReleaseEvaluator(catalogue, solve_input, self._includes_target)
        self.candidates = Candidates(catalogue, solve_input, self._evaluator, self._includes_target)
        self._order: dict[Key, int] = {}
        self._trouble: dict[Key, int] = {}
        self._tries: dict[str, int] = {}
        self.needed_by: dict[Key, Candidate | None] = {}
        """What first required a key (None: the project), to report the path to it."""

    def roots(self) -> tuple[SolverRequirement, ...]:
        """The requirements of the tree itself on this target."""
        found: list[AnyRequirement] = []
        for need in self._solve_input.requirements.needs:
            if self._includes_target(self._catalogue.where(need.marker)):
                found.extend(self._applicable(need, None))
        satisfiable = tuple(one for one in found if isinstance(one, SolverRequirement))
        self._catalogue.prefetch(NormalizedName(one.key[0]) for one in satisfiable)
        return satisfiable

    def identify(self, requirement_or_candidate: AnyRequirement | Candidate) -> Key:
        """The key of a requirement or candidate."""
        return requirement_or_candidate.key

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[Key],
        resolutions: Mapping[Key, Candidate],
        candidates: Mapping[Key, Iterator[Candidate]],
        information: Mapping[Key, Iterator[Cause]],
        backtrack_causes: Sequence[Cause],
    ) -> Iterable[Key]:
        """While backtracking, decide first on the keys that take part in the conflict."""
        if not backtrack_causes:
            return identifiers
        involved = {cause.requirement.key for cause in backtrack_causes}
        involved |= {cause.parent.key for cause in backtrack_causes if cause.parent}
        known = list(identifiers)
        return [key for key in known if key in involved] or known

    def get_preference(
        self,
        identifier: Key,
        resolutions: Mapping[Key, Candidate],
        candidates: Mapping[Key, Iterator[Candidate]],
        information: Mapping[Key, Iterator[Cause]],
        backtrack_causes: Sequence[Cause],
    ) -> tuple[bool, bool, bool, int, bool, int]:
        """Pins that no longer fit, exact pins, frequent conflicts, extras before their project, order of arrival.

        The first, because resolvelib has dropped their dependencies: nothing may be decided that depends on them.
        """
        trouble = self._trouble.get(identifier, 0)
        return (
            identifier not in resolutions,
            identifier not in self._exact,
            trouble < _MANY_CONFLICTS,
            -trouble if trouble >= _MANY_CONFLICTS else 0,
            not identifier[1],
            self._order.get(identifier, 0),
        )

    def note_conflict(self, causes: Iterable[Cause]) -> None:
        """Count how often each project takes part in conflicts."""
        for key in {cause.requirement.key for cause in causes}:
            self._trouble[key] = self._trouble.get(key, 0) + 1
        self._catalogue.ports.count("conflicts", 1)

    def find_matches(
        self,
        identifier: Key,
        requirements: Mapping[Key, Iterable[AnyRequirement]],
        incompatibilities: Mapping[Key, Iterable[Candidate]],
    ) -> Callable[[], Iterator[Candidate]] | tuple[()]:
        """The candidates that fit every requirement and constraint, lazily, best first."""
        mask = self.allowed(identifier, requirements)
        if not mask:
            return ()
        for candidate in incompatibilities.get(identifier, ()):
            mask &= ~(1 << candidate.number)
        table = self._catalogue.table(NormalizedName(identifier[0]))
        decided = _decided(identifier, requirements) & mask
        return lambda: self.candidates.ordered(table, mask, identifier[1], decided)

    def allowed(self, key: Key, requirements: Mapping[Key, Iterable[AnyRequirement]]) -> int:
        """The releases that fit every requirement and constraint; none for the key of what nothing satisfies."""
        on_key = _on_key(key, requirements)
        if on_key is None or not key[0]:
            return 0
        table = self._catalogue.table(NormalizedName(key[0]))
        mask = table.all
        for one in on_key:
            mask &= self.allowed_by(one)
        for constraint in self._constraints(key[0]):
            mask &= table.matching(constraint.specifier, constraint.text)
        return mask

    def allowed_by(self, requirement: AnyRequirement) -> int:
        """The releases that one requirement allows; kept, as every round of a search needs them again."""
        if isinstance(requirement, UnsatisfiableRequirement):
            return 0
        mask = self._masks.get(requirement)
        if mask is None:
            need, table = requirement.need, self._catalogue.table(NormalizedName(requirement.key[0]))
            everything = table.all if need is None else table.matching(need.specifier, need.text)
            mask = self._masks[requirement] = everything if requirement.number is None else 1 << requirement.number
        return mask

    def is_satisfied_by(self, requirement: AnyRequirement, candidate: Candidate) -> bool:
        """Whether the requirement allows the candidate's version."""
        return bool(self.allowed_by(requirement) >> candidate.number & 1)

    def chosen(self, key: Key, number: int) -> Candidate:
        """The candidate for a key."""
        return self.candidates.of(self._catalogue.table(NormalizedName(key[0])), number, key[1])

    def get_dependencies(self, candidate: Candidate) -> Iterator[AnyRequirement]:
        """The project of an extra first: if that conflicts, no metadata has to be read."""
        if candidate.extra:
            yield SolverRequirement((candidate.release.project, ""), number=candidate.number)
        yield from self.requirements_of(candidate)

    def requirements_of(self, candidate: Candidate) -> tuple[AnyRequirement, ...]:
        """What a candidate requires on this target, in the order of its metadata; or one unsatisfiable requirement."""
        known = self._requirements.get(candidate)
        if known is None:
            self._catalogue.ports.count("versions tried", 1)
            self._read_ahead(candidate)
            refusal = self._refusal(candidate)
            known = (refusal,) if refusal else tuple(self._wanted(candidate))
            self._requirements[candidate] = known
            self._catalogue.prefetch(NormalizedName(w.key[0]) for w in known if isinstance(w, SolverRequirement))
        return known

    def _read_ahead(self, candidate: Candidate) -> None:
        """Prefetch metadata of many versions after a few of a project have failed, as many more may follow.

        None is built, which would run code of versions that perhaps no requirement allows.
        """
        tries = self._tries[candidate.release.project] = self._tries.get(candidate.release.project, 0) + 1
        if tries % _AHEAD != _PATIENCE:
            return
        table, matrix = self._catalogue.table(candidate.release.project), self._catalogue.matrix
        older = (table.release(number) for number in range(candidate.number + 1, len(table.versions)))
        fitting = (one for one in older if one.wheels and where_python(one, matrix) >> self._solve_input.target & 1)
        self._catalogue.prefetch_metadata(islice(fitting, _AHEAD))

    def _constraints(self, name: str) -> Iterator[Need]:
        for constraint in self._solve_input.requirements.constraints.get(name, ()):
            if self._includes_target(self._catalogue.where(constraint.marker)):
                yield constraint

    def _includes_target(self, target_bits: int) -> bool:
        """Whether the target is in a set of targets; removes from ``same`` those for which the answer differs."""
        inside = target_bits >> self._solve_input.target & 1
        self.same &= target_bits if inside else ~target_bits
        return bool(inside)

    def _refusal(self, candidate: Candidate) -> UnsatisfiableRequirement | None:
        rejection = self._evaluator.rejection(self._catalogue.table(candidate.release.project), candidate.number)
        if rejection is None:
            return None
        code, text = rejection
        return UnsatisfiableRequirement(("", str(candidate.release)), code, f"{candidate.release} {text}")

    def _wanted(self, candidate: Candidate) -> Iterator[AnyRequirement]:
        for dependency in self._catalogue.dependencies(candidate.release, candidate.extra):
            if self._includes_target(dependency.target_bits):
                yield from self._applicable(dependency.need, candidate)

    def _applicable(self, need: Need, parent: Candidate | None) -> Iterator[AnyRequirement]:
        """The requirements of a need, or of the overrides that replace it."""
        for one in self._evaluator.overridden(need):
            if self._evaluator.is_undeclared(one):
                yield UnsatisfiableRequirement(("", str(one)), "direct-reference", _UNDECLARED.format(one.requirement))
                continue
            for key in one.keys:
                yield self._required(key, one, parent)

    def _required(self, key: Key, need: Need, parent: Candidate | None) -> SolverRequirement:
        self._order.setdefault(key, len(self._order))
        self.needed_by.setdefault(key, parent)
        if need.is_exact:
            self._exact.add(key)
        return SolverRequirement(key, need)


_UNDECLARED = "{} is a direct reference of a dependency; declare its source in [tool.mvlock.sources]"


def _is_decision(one: AnyRequirement) -> bool:
    return isinstance(one, SolverRequirement) and one.number is not None


def _on_key(key: Key, requirements: Mapping[Key, Iterable[AnyRequirement]]) -> list[SolverRequirement] | None:
    """All requirements on a key and on its project, or None if one of them cannot be satisfied.

    An extra requires its project in its own version; that does not bind the extra itself to the version.
    """
    found = list(requirements[key])
    found += [one for one in _on_project(key, requirements) if not _is_decision(one)]
    granted = [one for one in found if isinstance(one, SolverRequirement)]
    return granted if len(granted) == len(found) else None


def _on_project(key: Key, requirements: Mapping[Key, Iterable[AnyRequirement]]) -> Iterable[AnyRequirement]:
    project = (key[0], "")
    return requirements[project] if key[1] and project in requirements else ()


def _decided(key: Key, requirements: Mapping[Key, Iterable[AnyRequirement]]) -> int:
    """The releases of an extra's project on which it or other extras have been decided."""
    found = _on_project(key, requirements)
    return sum({1 << one.number for one in found if isinstance(one, SolverRequirement) and one.number is not None})

"""One tree on every target: solve one, use the result for all that cannot differ, go on with the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace
from packaging.version import Version
from resolvelib import BaseReporter, ResolutionImpossible, ResolutionTooDeep

from mvlock.resolver.backtracking import Backtracking
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.conflict_search import ConflictSearch
from mvlock.resolver.fact import Proof
from mvlock.resolver.forward import solve_forward
from mvlock.resolver.need import Key, Need
from mvlock.resolver.preference import Preferences
from mvlock.resolver.prover import Prover
from mvlock.resolver.provider import AnyRequirement, Cause, Provider
from mvlock.resolver.release import Release
from mvlock.resolver.requirement import Candidate, SolverRequirement
from mvlock.resolver.solve_input import SolveInput, TreeRequirements

_ROUNDS = 200_000
_MANY_ROOTS = 200
"""From so many on, a tree in which something must be undone is left to the prover: resolvelib looks at all that is
required in each of its rounds."""


class Effort(msgspec.Struct, frozen=True):
    """How many conflicts and requirements a search may meet, and whether it then goes on in another way (``thorough``).

    Few solves meet more than a dozen conflicts, and few more than a few hundred requirements. A search beyond these
    limits goes round in circles, because backtracking forgets why it failed.
    """

    conflicts: int = 1_000
    requirements: int = 20_000
    thorough: bool = True


ENOUGH = Effort()
"""For a solve that must have an answer."""
JOINT = Effort(conflicts=100)
"""For a joint tree: the larger it is, the sooner a search goes round in circles."""
PROOF = Effort(0, 0)
"""For solves of which the reason of a failure is wanted: what needs backtracking is left to the prover."""
BRIEF = Effort(100, 2_000, thorough=False)
"""For solves that are made many times, and may be given up."""


class Member(msgspec.Struct, frozen=True):
    """A release in a resolution; ``dependencies`` are the keys it requires there, sorted, ``needs`` its needs."""

    release: Release
    dependencies: tuple[Key, ...]
    needs: tuple[Need, ...] = ()

    @property
    def pin(self) -> tuple[str, Version]:
        """Project and version."""
        return self.release.project, self.release.version


class Resolution(msgspec.Struct, frozen=True):
    """The members of a tree, sorted by name, on the set of targets ``target_bits``.

    ``has_all_files`` is False if some member has no file for these targets, and there is no better resolution.
    """

    target_bits: int
    members: tuple[Member, ...]
    has_all_files: bool = True


class Unsolvable(Exception):  # a result, not a bug
    """No resolution on a target. ``causes`` are those of the last conflict, or there is a ``proof``.

    Without either, the search was given up.
    """

    def __init__(
        self, solve_input: SolveInput, provider: Provider, causes: Iterable[Cause] = (), proof: Proof | None = None
    ) -> None:
        super().__init__(solve_input.target)
        self.solve_input = solve_input
        self.provider = provider
        self.causes = tuple(causes)
        self.proof = proof

    @property
    def is_proven(self) -> bool:
        """Whether there is no resolution; otherwise the search was given up."""
        return bool(self.causes) or self.proof is not None


class _Stuck(Exception):  # a result, not a bug
    """The search has used up its effort."""


class _Watcher(BaseReporter[AnyRequirement, Candidate, Key]):
    """Passes conflicts, which resolvelib reports only here, to the provider, and stops a search at its limits."""

    def __init__(self, provider: Provider, effort: Effort) -> None:
        self._provider = provider
        self._effort = effort
        self._conflicts = 0
        self._requirements = 0

    def adding_requirement(self, requirement: AnyRequirement, parent: Candidate | None) -> None:
        self._requirements += 1
        if self._requirements > self._effort.requirements:
            raise _Stuck

    def resolving_conflicts(self, causes: Iterable[Cause]) -> None:
        self._conflicts += 1
        if self._conflicts > self._effort.conflicts:
            raise _Stuck
        self._provider.note_conflict(causes)


def solve_tree(
    catalogue: Catalogue,
    requirements: TreeRequirements,
    preferences: Preferences,
    *,
    all_targets: bool,
    effort: Effort = ENOUGH,
) -> tuple[Resolution, ...]:
    """The resolutions of a tree; together they cover every representative of the matrix, and no two overlap.

    ``all_targets``: every target must have a file for every member. Otherwise one target is enough; others then
    get a resolution that ignores wheel tags. ``effort`` is the limit of each search.

    :raises Unsolvable: for the first target without a resolution
    :raises NetworkFailure: when an index does not answer
    """
    found: list[Resolution] = []
    failures: list[Unsolvable] = []
    remaining = sum(1 << number for number in catalogue.matrix.representatives)
    while remaining:
        target = (remaining & -remaining).bit_length() - 1
        solve_input = SolveInput(requirements, preferences, target)
        resolution = _solve(catalogue, solve_input, effort, None if all_targets else failures)
        preferences.add(catalogue.matrix.targets[target], (member.pin for member in resolution.members))
        found.append(replace(resolution, target_bits=resolution.target_bits & remaining))
        remaining &= ~resolution.target_bits
    if not any(resolution.has_all_files for resolution in found):
        raise failures[0]
    return tuple(found)


def _solve(
    catalogue: Catalogue, solve_input: SolveInput, effort: Effort, failures: list[Unsolvable] | None
) -> Resolution:
    """Solve with wheel tags; if that fails and ``failures`` is a list, append the failure and solve without them."""
    try:
        return attempt(catalogue, solve_input, effort)
    except Unsolvable as failure:
        if failures is None:
            raise
        failures.append(failure)
        lenient = attempt(catalogue, replace(solve_input, needs_files=False), effort)
        return replace(lenient, target_bits=lenient.target_bits & failure.provider.same, has_all_files=False)


def attempt(catalogue: Catalogue, solve_input: SolveInput, effort: Effort = ENOUGH) -> Resolution:
    """One solve; if it fails, a second one with all the pre-releases that the first withheld.

    So a pre-release is chosen only if there is no other way, not because it came up before an older final release.
    A search that takes too long is handed over to the prover, which learns from each conflict.

    :raises Unsolvable: no resolution, or none found in time
    """
    if (easy := _easy(catalogue, solve_input)) is not None:
        return easy
    provider = Provider(catalogue, solve_input)
    try:
        return _search(provider, effort)
    except ResolutionImpossible as impossible:
        if not provider.candidates.withheld:
            raise Unsolvable(solve_input, provider, impossible.causes) from impossible
        tries_prereleases = True
    except (ResolutionTooDeep, _Stuck):
        tries_prereleases = False
    wider = Provider(catalogue, replace(solve_input, with_prereleases=True))
    wider.same = provider.same
    try:
        if tries_prereleases:
            return _search(wider, effort)
    except ResolutionImpossible as impossible:
        raise Unsolvable(solve_input, wider, impossible.causes) from impossible
    except (ResolutionTooDeep, _Stuck):
        pass
    if not effort.thorough:
        raise Unsolvable(solve_input, wider)
    return _learned(catalogue, wider, solve_input)


def attempt_all(
    catalogue: Catalogue, solve_input: SolveInput, searches: dict[int, ConflictSearch]
) -> Resolution | tuple[Unsolvable, ...]:
    """One solve; if it fails, each conflict of requirements that one search meets (see ``conflict_search``).

    ``searches``: by target, the first search, which goes on with what it covers.
    """
    if (easy := _easy(catalogue, solve_input)) is not None:
        return easy
    provider = Provider(catalogue, replace(solve_input, with_prereleases=True))
    provider.same = 1 << solve_input.target
    search = searches.get(solve_input.target)
    if search is None or not search.covers(solve_input):
        search = ConflictSearch(catalogue, solve_input)
        searches.setdefault(solve_input.target, search)
    found = search.conflicts(solve_input, provider.candidates.in_order)
    if isinstance(found, tuple):
        return tuple(Unsolvable(solve_input, provider, proof=proof) for proof in found)
    return (Unsolvable(solve_input, provider),) if found is None else _resolution(provider, solve_input, found)


def _easy(catalogue: Catalogue, solve_input: SolveInput) -> Resolution | None:
    """The resolution, if no decision has to be undone."""
    provider = Provider(catalogue, solve_input)
    roots = provider.roots()
    mapping = solve_forward(provider, roots)
    return None if mapping is None else Resolution(provider.same, _members(provider, roots, mapping))


def _search(provider: Provider, effort: Effort) -> Resolution:
    roots = provider.roots()
    if effort.thorough and len(roots) >= _MANY_ROOTS:
        raise _Stuck
    # Not resolvelib.Resolver: its last step, not needed here, recurses forever if leftovers form a cycle.
    state = Backtracking(provider, _Watcher(provider, effort)).resolve(roots, max_rounds=_ROUNDS)
    if not _is_sound(provider, roots, state.mapping):
        raise _Stuck
    members = _members(provider, roots, state.mapping)
    return Resolution(provider.same, members)


def _learned(catalogue: Catalogue, provider: Provider, solve_input: SolveInput) -> Resolution:
    """The prover's answer."""
    provider.same = 1 << solve_input.target
    answer = Prover(catalogue, solve_input, provider.candidates.in_order).answer()
    if answer is None or isinstance(answer, Proof):
        raise Unsolvable(solve_input, provider, proof=answer)
    return _resolution(provider, solve_input, answer)


def _resolution(provider: Provider, solve_input: SolveInput, answer: Mapping[Key, int]) -> Resolution:
    """A resolution found by the prover, for this target alone."""
    mapping = {key: provider.chosen(key, number) for key, number in answer.items()}
    members = _members(provider, provider.roots(), mapping)
    return Resolution(1 << solve_input.target, members)


def _is_sound(provider: Provider, roots: Iterable[AnyRequirement], mapping: Mapping[Key, Candidate]) -> bool:
    """Whether all requirements are met: resolvelib drops those of a pin that no longer fits but may fit again."""
    waiting, seen = list(roots), set[Key]()
    while waiting:
        requirement = waiting.pop()
        candidate = mapping.get(requirement.key)
        if candidate is None or not provider.is_satisfied_by(requirement, candidate):
            return False
        if requirement.key not in seen:
            seen.add(requirement.key)
            waiting += provider.get_dependencies(candidate)
    return True


def _members(
    provider: Provider, roots: Iterable[AnyRequirement], mapping: Mapping[Key, Candidate]
) -> tuple[Member, ...]:
    """What the roots reach; resolvelib's mapping may have leftovers of abandoned paths."""
    reached: dict[Key, tuple[AnyRequirement, ...]] = {}
    open_keys = [root.key for root in roots]
    while open_keys:
        key = open_keys.pop()
        if key not in reached:
            reached[key] = provider.requirements_of(mapping[key])
            open_keys += [*(one.key for one in reached[key]), (key[0], "")]
    return tuple(_gathered(mapping, reached))


def _gathered(mapping: Mapping[Key, Candidate], reached: Mapping[Key, Iterable[AnyRequirement]]) -> Iterator[Member]:
    """One member per project, with the requirements of its extras; it is not its own dependency."""
    wanted: dict[str, dict[AnyRequirement, None]] = {}
    for (name, _), requirements in reached.items():
        wanted.setdefault(name, {}).update((one, None) for one in requirements if one.key[0] != name)
    for name in sorted(wanted):
        yield member_of(mapping[name, ""].release, wanted[name])


def member_of(release: Release, requirements: Iterable[AnyRequirement]) -> Member:
    """A release in a resolution, with what it requires there; it is not its own dependency."""
    found = [one for one in requirements if isinstance(one, SolverRequirement) and one.key[0] != release.project]
    keys = {one.key for one in found}
    return Member(release, tuple(sorted(keys)), tuple(dict.fromkeys(one.need for one in found if one.need)))

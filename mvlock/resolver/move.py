"""One tree, solved again with another version of one project: the moves that ``unify`` chooses from."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.holders import IndexedTree, Pin
from mvlock.resolver.preference import Preferences, newest_first
from mvlock.resolver.provider import Provider
from mvlock.resolver.replacement import NoReplacement, with_replaced_release
from mvlock.resolver.solve import BRIEF, Member, Resolution, Unsolvable, attempt
from mvlock.resolver.solve_input import SolveInput, TreeRequirements, fixed_at


class TreeSolution(msgspec.Struct, frozen=True):
    """A tree that takes part: its requirements, its resolutions, and the preferences it was solved with.

    ``fixed_everywhere``: projects of which all trees have one version already. ``alias_of``: the project that it is an
    alias of.
    """

    requirements: TreeRequirements
    resolutions: tuple[Resolution, ...]
    preferences: Preferences
    fixed_everywhere: frozenset[NormalizedName] = frozenset()
    alias_of: NormalizedName | None = None

    def keeps(self, project: str, version: Version) -> bool:
        """Whether a version must not be moved: fixed for all trees, required directly, or locked."""
        return self.is_fixed_or_locked(project, version) or any(one.name == project for one in self.requirements.needs)

    def is_fixed_or_locked(self, project: str, version: Version) -> bool:
        """Whether a version must not be moved on any target: fixed for all trees, or locked."""
        return project in self.fixed_everywhere or self.preferences.is_locked(project, version)


class Mover:
    """Makes moves, each once: results are reused for other targets."""

    def __init__(self, catalogue: Catalogue, solutions: Mapping[str, TreeSolution]) -> None:
        self._catalogue = catalogue
        self._indexed: dict[tuple[tuple[Member, ...], bool], IndexedTree] = {}
        self._answers: dict[tuple[str, IndexedTree, Pin], list[tuple[int, IndexedTree | None]]] = {}
        resolutions = (one for solution in solutions.values() for one in solution.resolutions)
        self._known = newest_first(pin for one in resolutions for pin in self.indexed(one).pins.items())

    def indexed(self, resolution: Resolution) -> IndexedTree:
        """The members of a resolution by project; the same object for equal ones, whatever their targets."""
        key = resolution.members, resolution.has_all_files
        known = self._indexed.get(key)
        if known is None:
            known = self._indexed[key] = IndexedTree(resolution)
        return known

    def moved(
        self, name: str, solution: TreeSolution, tree: IndexedTree, pin: Pin, target: int
    ) -> tuple[int, IndexedTree | None]:
        """The tree with a pin, where only what that needs may change; None if there is no such resolution.

        Returned with the set of targets on which that is true.
        """
        answers = self._answers.setdefault((name, tree, pin), [])
        for target_bits, found in answers:
            if target_bits >> target & 1:
                return target_bits, found
        answers.append(self._solved(solution, tree, pin, target))
        return answers[-1]

    def _solved(
        self, solution: TreeSolution, tree: IndexedTree, pin: Pin, target: int
    ) -> tuple[int, IndexedTree | None]:
        below, has_all_files = tree.below(pin[0]), tree.resolution.has_all_files
        pins = tree.pins.items()
        others = ((name, version) for name, version in pins if name != pin[0])
        fixed = {name: version for name, version in others if name not in below or solution.keeps(name, version)}
        preferences = Preferences({name: ((version, -1),) for name, version in pins}, self._known)
        solve_input = SolveInput(fixed_at(solution.requirements, dict([pin])), preferences, target, has_all_files)
        if pin[0] not in solution.requirements.constraints:
            provider = Provider(self._catalogue, solve_input)
            result = with_replaced_release(self._catalogue, provider, tree, pin, fixed)
            if result is NoReplacement.IMPOSSIBLE:
                return provider.same, None
            if isinstance(result, Resolution):
                return result.target_bits, self.indexed(replace(result, has_all_files=has_all_files))
        try:
            found = attempt(
                self._catalogue, replace(solve_input, requirements=fixed_at(solve_input.requirements, fixed)), BRIEF
            )
        except Unsolvable as failure:
            return failure.provider.same, None
        return found.target_bits, self.indexed(replace(found, has_all_files=has_all_files))

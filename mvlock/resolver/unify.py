"""One version for several trees, wherever every requirement allows it.

Each tree has been solved by itself and has the best versions it can have. Here trees change versions, target by target,
so that the lock has fewer distinct distributions:

- A tree moves a project to an older version that another tree has on the same target, never to one that no tree has.
- Everything in the tree that needs the project, as it is, must allow that version: nothing else is held back to make
  this possible. What the project itself needs may change with it.
- An alias exists for the sake of its version, usually an old one. No tree follows its versions, except an alias of
  an older version of the same project: new pandas may decide which NumPy the old one gets, not the other way round.
- The direct requirements of a tree keep their versions, and so does what is locked. A wheel is not given up for an
  sdist, a final release not for a pre-release, and none for a yanked one.
- A move is made only if fewer distributions remain in the whole lock, or as many there and fewer on the target.

The versions of a project are examined from the oldest on. One is kept if some tree that has it allows none of those
kept before; otherwise its trees move to the newest kept one they allow. This is interval stabbing: if what trees allow
are ranges, no smaller set of versions satisfies them all. Everything is processed in sorted order, so the order in
pyproject.toml makes no difference, and every move lowers the count, so the process terminates.

A project is examined again only if a move has changed something that its last examination depended on. So the cost
grows with the number of trees, not with its square.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.holders import Holders, IndexedTree, Pin
from mvlock.resolver.move import Mover, TreeSolution
from mvlock.resolver.release import bits, where_python, where_wheel
from mvlock.resolver.solve import Resolution


def unified(catalogue: Catalogue, solutions: Mapping[str, TreeSolution]) -> dict[str, tuple[Resolution, ...]]:
    """The resolutions of all trees, by name, with as few distinct distributions as the rules above allow.

    :raises NetworkFailure: when an index does not answer
    """
    solutions = dict(sorted(solutions.items()))
    mover = Mover(catalogue, solutions)
    for target_bits in target_groups(catalogue, [solution.resolutions for solution in solutions.values()]):
        remaining = target_bits
        while remaining:
            trees = _reconciled(catalogue, mover, solutions, remaining)
            for name, resolution in trees.moved():
                solution = solutions[name]
                solutions[name] = replace(
                    solution, resolutions=(*outside(solution.resolutions, trees.target_bits), resolution)
                )
            remaining &= ~trees.target_bits
    return {name: solution.resolutions for name, solution in solutions.items()}


def target_groups(catalogue: Catalogue, rows: Collection[tuple[Resolution, ...]]) -> list[int]:
    """The sets of targets that share a resolution in each tree, in the order of first targets; a row is a tree."""
    found: dict[tuple[int, ...], int] = {}
    for number in catalogue.matrix.representatives:
        key = tuple(next(n for n, one in enumerate(row) if one.target_bits >> number & 1) for row in rows)
        found[key] = found.get(key, 0) | 1 << number
    return list(found.values())


def _reconciled(
    catalogue: Catalogue, mover: Mover, solutions: Mapping[str, TreeSolution], target_bits: int
) -> _TreesOnTarget:
    """The first target of ``target_bits``, reconciled, with all others that have the same answers."""
    while True:
        trees = _TreesOnTarget(catalogue, mover, solutions, target_bits)
        trees.reconcile()
        if trees.same == target_bits:
            return trees
        target_bits = trees.same


def outside(resolutions: Iterable[Resolution], target_bits: int) -> Iterator[Resolution]:
    """The resolutions without a set of targets."""
    for one in resolutions:
        if one.target_bits & ~target_bits:
            yield replace(one, target_bits=one.target_bits & ~target_bits)


class _TreesOnTarget:
    """The trees on one target. ``same``: those targets of ``target_bits`` on which all answers so far are the same."""

    def __init__(
        self, catalogue: Catalogue, mover: Mover, solutions: Mapping[str, TreeSolution], target_bits: int
    ) -> None:
        self.target_bits = self.same = target_bits
        self._catalogue = catalogue
        self._mover = mover
        self._solutions = solutions
        self._target = next(bits(target_bits))
        found = {
            name: next(one for one in solution.resolutions if one.target_bits >> self._target & 1)
            for name, solution in solutions.items()
        }
        self._before = {name: mover.indexed(resolution) for name, resolution in found.items()}
        elsewhere = (one for solution in solutions.values() for one in outside(solution.resolutions, target_bits))
        pins = {pin for one in elsewhere for pin in mover.indexed(one).pins.items()}
        self._holders = Holders(self._before, pins)
        self._examined: dict[str, tuple[int, set[str]]] = {}
        """By project: when it was examined, and on which other projects the result depended."""

    def reconcile(self) -> None:
        """Move what can be moved, until nothing more can."""
        moving = True
        while moving:
            moving = False
            for project in self._holders.with_several_versions():
                since, projects = self._examined.get(project, (-1, set()))
                if not self._holders.is_unchanged(since, project, projects):
                    moving |= self._gather(project)

    def moved(self) -> Iterator[tuple[str, Resolution]]:
        """The trees that have changed, with their new resolutions."""
        for name, tree in self._holders.trees.items():
            if tree is not self._before[name]:
                yield name, replace(tree.resolution, target_bits=self.target_bits)

    def _gather(self, project: str) -> bool:
        """Move trees to fewer versions of a project; whether any has moved."""
        self._examined[project] = self._holders.moves, set()
        holders = self._holders.of(project)
        kept: list[Version] = []
        for version, names in holders.items():
            if not self._give_up(project, version, names, kept):
                kept.insert(0, version)
        return len(kept) < len(holders)

    def _give_up(self, project: str, version: Version, names: Collection[str], kept: Iterable[Version]) -> bool:
        """Move all trees that have a version to the newest of the ``kept`` ones they allow, or move none of them.

        Ends as soon as so much is new that the rest cannot save it again.
        """
        allowed = {
            name: [
                older
                for older in kept
                if self._has_a_tree_to_follow(name, project, older) and self._allows(name, project, version, older)
            ]
            for name in names
        }
        if not all(allowed.values()):
            return False
        changes: dict[str, IndexedTree] = {}
        difference = Counter[Pin]()
        best = self._holders.best_case(project, names)
        self._examined[project][1].update(name for name, _ in best)
        for name, versions in allowed.items():
            found = (self._moved(name, (project, older)) for older in versions)
            tree = next((one for one in found if one), None)
            if tree is None:
                return False
            changes[name] = tree
            difference.update(self._holders.difference(name, tree))
            self._examined[project][1].update(name for name, _ in difference)
            if not self._holders.saves({pin: more for pin, more in difference.items() if more > 0} | best):
                return False
        if not self._holders.saves(difference):
            return False
        self._holders.change(changes)
        return True

    def _has_a_tree_to_follow(self, name: str, project: str, version: Version) -> bool:
        """Whether a tree that the tree ``name`` may follow has a version."""
        return any(self._may_follow(name, other) for other in self._holders.holding(project, version))

    def _may_follow(self, follower: str, other: str) -> bool:
        project = self._solutions[other].alias_of
        if project is None:
            return True
        trees = self._holders.trees
        newer, older = trees[other].pins.get(project), trees[follower].pins.get(project)
        same = self._solutions[follower].alias_of == project
        return same and newer is not None and older is not None and older < newer

    def _allows(self, name: str, project: str, version: Version, older: Version) -> bool:
        """Whether a tree's members allow an older version that is as good except for its age."""
        solution, tree = self._solutions[name], self._holders.trees[name]
        table = self._catalogue.table(NormalizedName(project))
        number, current = table.number_of(older), table.number_of(version)
        if (
            solution.is_fixed_or_locked(project, version)
            or number is None
            or current is None
            or self._is_required_directly(solution, project)
        ):
            return False
        mask = table.all if table.prereleases >> current & 1 else table.all & ~table.prereleases
        for one in tree.needs.get(project, ()):
            mask &= table.matching(one.specifier, one.text)
        release, matrix = table.release(number), self._catalogue.matrix
        is_excluded = self._catalogue.rules.exclusion_in(solution.requirements.tree, release)
        if not mask >> number & 1 or release.yanked or is_excluded:
            return False
        fits = (
            self._catalogue.where_release(release) if tree.resolution.has_all_files else where_python(release, matrix)
        )
        wheel = where_wheel(release, matrix) | ~where_wheel(table.release(current), matrix)
        return self._includes_target(fits) and self._includes_target(wheel)

    def _is_required_directly(self, solution: TreeSolution, project: str) -> bool:
        """Whether a tree requires a project directly on this target; on others it may not."""
        needs = (one for one in solution.requirements.needs if one.name == project)
        return any(self._includes_target(self._catalogue.where(one.marker)) for one in needs)

    def _includes_target(self, target_bits: int) -> bool:
        inside = target_bits >> self._target & 1
        self.same &= target_bits if inside else ~target_bits
        return bool(inside)

    def _moved(self, name: str, pin: Pin) -> IndexedTree | None:
        tree = self._holders.trees[name]
        target_bits, found = self._mover.moved(name, self._solutions[name], tree, pin, self._target)
        self.same &= target_bits
        return found

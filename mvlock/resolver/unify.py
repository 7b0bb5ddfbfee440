"""One version for several trees, wherever every requirement allows it.

Each tree has been solved by itself and has the best versions it can have. Here trees change versions, target by target,
so that the lock has fewer distinct distributions:

- A tree moves a project to an older version that another tree has on the same target, never to one that no tree has.
- Everything in the tree that needs the project, as it is, must admit that version: nothing else is held back to make
  this possible. What the project itself needs may change with it.
- An alias exists for the sake of its version, usually an old one. No tree follows its versions, except an alias of
  an older version of the same project: new pandas may decide which NumPy the old one gets, not the other way round.
- The direct requirements of a tree keep their versions, and so does what is locked. A wheel is not given up for an
  sdist, a final release not for a pre-release, and none for a yanked one.
- A move is made only if fewer distributions remain in the whole lock, or as many there and fewer on the target.

The versions of a project are examined from the oldest on. One is kept if some tree that has it admits none of those
kept before; otherwise its trees move to the newest kept one they admit. This is interval stabbing: if what trees admit
are ranges, no smaller set of versions satisfies them all. Everything is processed in sorted order, so the order in
pyproject.toml makes no difference, and every move lowers the count, so the process terminates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.preference import Preferences
from mvlock.resolver.question import Question, Terms, holding
from mvlock.resolver.release import bits, where_python, where_wheel
from mvlock.resolver.solve import BRIEF, Member, Resolution, Unsolvable, attempt

Pin = tuple[str, Version]


@dataclass(frozen=True, slots=True)
class TreeSolution:
    """A tree that takes part: its terms, its resolutions, and the preferences it was solved with.

    ``agreed``: projects of which all trees have one version already. ``alias_of``: the project that it is an alias of.
    """

    terms: Terms
    resolutions: tuple[Resolution, ...]
    preferences: Preferences
    agreed: frozenset[NormalizedName] = frozenset()
    alias_of: NormalizedName | None = None

    def keeps(self, project: str, version: Version) -> bool:
        """Whether a version must not be moved: agreed, required directly, or locked."""
        return self.holds(project, version) or any(one.name == project for one in self.terms.needs)

    def holds(self, project: str, version: Version) -> bool:
        """Whether a version must not be moved on any target: agreed, or locked."""
        return project in self.agreed or self.preferences.is_locked(project, version)


def unified(catalogue: Catalogue, solutions: Mapping[str, TreeSolution]) -> dict[str, tuple[Resolution, ...]]:
    """The resolutions of all trees, by name, with as few distinct distributions as the rules above allow.

    :raises IndexFailure: when an index does not answer
    """
    solutions = dict(sorted(solutions.items()))
    mover = _Mover(catalogue, solutions)
    for where in places(catalogue, [solution.resolutions for solution in solutions.values()]):
        remaining = where
        while remaining:
            place = _settled(catalogue, mover, solutions, remaining)
            for name, resolution in place.moved():
                solution = solutions[name]
                solutions[name] = replace(solution, resolutions=(*apart(solution.resolutions, place.where), resolution))
            remaining &= ~place.where
    return {name: solution.resolutions for name, solution in solutions.items()}


def places(catalogue: Catalogue, rows: Collection[tuple[Resolution, ...]]) -> list[int]:
    """The sets of targets that share a resolution in each tree, in the order of first targets; a row is a tree."""
    found: dict[tuple[int, ...], int] = {}
    for number in catalogue.grid.leaders:
        key = tuple(next(n for n, one in enumerate(row) if one.where >> number & 1) for row in rows)
        found[key] = found.get(key, 0) | 1 << number
    return list(found.values())


def _settled(catalogue: Catalogue, mover: _Mover, solutions: Mapping[str, TreeSolution], where: int) -> _Place:
    """The first target of ``where``, settled, with all others that have the same answers."""
    while True:
        place = _Place(catalogue, mover, solutions, where)
        place.settle()
        if place.same == where:
            return place
        where = place.same


def apart(resolutions: Iterable[Resolution], where: int) -> Iterator[Resolution]:
    """The resolutions without a set of targets."""
    for one in resolutions:
        if one.where & ~where:
            yield replace(one, where=one.where & ~where)


class _Place:
    """The trees on one target. ``same``: those targets of ``where`` on which all answers so far are the same."""

    def __init__(self, catalogue: Catalogue, mover: _Mover, solutions: Mapping[str, TreeSolution], where: int) -> None:
        self.where = self.same = where
        self._catalogue = catalogue
        self._mover = mover
        self._solutions = solutions
        self._target = next(bits(where))
        self._before = {
            name: next(one for one in solution.resolutions if one.where >> self._target & 1)
            for name, solution in solutions.items()
        }
        self._trees = self._before
        self._elsewhere = _pins(one for solution in solutions.values() for one in apart(solution.resolutions, where))

    def settle(self) -> None:
        """Move what can be moved, until nothing more can."""
        moving = True
        while moving:
            moving = False
            for project in self._contested():
                moving |= self._gather(project)

    def moved(self) -> Iterator[tuple[str, Resolution]]:
        """The trees that have changed, with their new resolutions."""
        for name, resolution in self._trees.items():
            if resolution is not self._before[name]:
                yield name, replace(resolution, where=self.where)

    def _contested(self) -> list[str]:
        versions = defaultdict(set)
        for project, version in _pins(self._trees.values()):
            versions[project].add(version)
        return sorted(project for project, held in versions.items() if len(held) > 1)

    def _gather(self, project: str) -> bool:
        """Move trees to fewer versions of a project; whether any has moved."""
        holders: dict[Version, list[str]] = {}
        for name, tree in self._trees.items():
            for member in tree.members:
                if member.release.project == project:
                    holders.setdefault(member.release.version, []).append(name)
        kept: list[Version] = []
        for version in sorted(holders):
            if not self._give_up(project, version, holders[version], kept):
                kept.insert(0, version)
        return len(kept) < len(holders)

    def _give_up(self, project: str, version: Version, names: Iterable[str], kept: Iterable[Version]) -> bool:
        """Move all trees that have a version to the newest of the ``kept`` ones they admit, or move none of them."""
        trees = dict(self._trees)
        for name in names:
            admitted = (
                older
                for older in kept
                if self._is_had_by_a_leader(name, (project, older)) and self._admits(name, project, version, older)
            )
            found = (self._moved(name, (project, older)) for older in admitted)
            resolution = next((one for one in found if one), None)
            if resolution is None:
                return False
            trees[name] = resolution
        if self._count(trees) >= self._count(self._trees):
            return False
        self._trees = trees
        return True

    def _count(self, trees: Mapping[str, Resolution]) -> tuple[int, int]:
        """The distinct distributions in the whole lock, and here."""
        pins = _pins(trees.values())
        return len(self._elsewhere | pins), len(pins)

    def _is_had_by_a_leader(self, name: str, pin: Pin) -> bool:
        """Whether a tree that the tree ``name`` may follow has the pin."""
        return any(
            self._leads(other, name)
            for other, tree in self._trees.items()
            if other != name and any(member.pin == pin for member in tree.members)
        )

    def _leads(self, leader: str, follower: str) -> bool:
        project = self._solutions[leader].alias_of
        if project is None:
            return True
        newer, older = self._version(leader, project), self._version(follower, project)
        same = self._solutions[follower].alias_of == project
        return same and newer is not None and older is not None and older < newer

    def _version(self, name: str, project: NormalizedName) -> Version | None:
        found = (one.release.version for one in self._trees[name].members if one.release.project == project)
        return next(found, None)

    def _admits(self, name: str, project: str, version: Version, older: Version) -> bool:
        """Whether a tree's members admit an older version that is as good except for its age."""
        solution, tree = self._solutions[name], self._trees[name]
        table = self._catalogue.table(NormalizedName(project))
        number, current = table.number_of(older), table.number_of(version)
        if (
            solution.holds(project, version)
            or number is None
            or current is None
            or self._is_asked_for(solution, project)
        ):
            return False
        mask = table.all if table.prereleases >> current & 1 else table.all & ~table.prereleases
        for one in (one for member in tree.members for one in member.needs if one.name == project):
            mask &= table.matching(one.specifier, one.text)
        release, grid = table.release(number), self._catalogue.grid
        if not mask >> number & 1 or release.yanked:
            return False
        fits = self._catalogue.where_release(release) if tree.strict else where_python(release, grid)
        wheel = where_wheel(release, grid) | ~where_wheel(table.release(current), grid)
        return self._holds(fits) and self._holds(wheel)

    def _is_asked_for(self, solution: TreeSolution, project: str) -> bool:
        """Whether a tree requires a project directly on this target; on others it may not."""
        needs = (one for one in solution.terms.needs if one.name == project)
        return any(self._holds(self._catalogue.where(one.marker)) for one in needs)

    def _holds(self, where: int) -> bool:
        inside = where >> self._target & 1
        self.same &= where if inside else ~where
        return bool(inside)

    def _moved(self, name: str, pin: Pin) -> Resolution | None:
        where, found = self._mover.moved(name, self._solutions[name], self._trees[name], pin, self._target)
        self.same &= where
        return found


class _Mover:
    """Solves a tree again with another version of one project. Results are reused for other targets."""

    def __init__(self, catalogue: Catalogue, solutions: Mapping[str, TreeSolution]) -> None:
        self._catalogue = catalogue
        self._known = sorted(_pins(one for solution in solutions.values() for one in solution.resolutions))
        self._answers: dict[tuple[str, tuple[Member, ...], str, Version], list[tuple[int, Resolution | None]]] = {}

    def moved(
        self, name: str, solution: TreeSolution, tree: Resolution, pin: Pin, target: int
    ) -> tuple[int, Resolution | None]:
        """The tree with a pin, where only what that needs may change; None if there is no such resolution.

        Returned with the set of targets on which that is true.
        """
        answers = self._answers.setdefault((name, tree.members, *pin), [])
        for where, resolution in answers:
            if where >> target & 1:
                return where, resolution
        answers.append(self._solved(solution, tree, pin, target))
        return answers[-1]

    def _solved(self, solution: TreeSolution, tree: Resolution, pin: Pin, target: int) -> tuple[int, Resolution | None]:
        below = _below(tree, pin[0])
        firm = {name: version for name, version in _pins([tree]) if name not in below or solution.keeps(name, version)}
        preferences = Preferences({name: ((version, -1),) for name, version in _pins([tree])})
        preferences.add(self._catalogue.grid.targets[target], self._known)
        question = Question(holding(solution.terms, {**firm, **dict([pin])}), preferences, target, tree.strict)
        try:
            found = attempt(self._catalogue, question, BRIEF)
        except Unsolvable as failure:
            return failure.provider.same, None
        return found.where, replace(found, strict=tree.strict)


def _pins(resolutions: Iterable[Resolution]) -> set[Pin]:
    return {member.pin for resolution in resolutions for member in resolution.members}


def _below(tree: Resolution, project: str) -> set[str]:
    """The projects that a project of a tree needs, directly or not."""
    wanted = {member.release.project: [name for name, _ in member.dependencies] for member in tree.members}
    found: set[str] = set()
    queue = [project]
    while queue:
        fresh = [name for name in wanted.get(NormalizedName(queue.pop()), ()) if name not in found]
        found.update(fresh)
        queue += fresh
    return found

"""From a project to its lock: every tree is solved for every target, merged, and written down with its files.

Trees are solved in the order of their names and share one catalogue, so each page and each metadata file is
read once. What the application may import is looked up meanwhile, for that is network and no thought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.index.model import PackageIndex
from mvlock.lock.agreement import Limit, limits, no_agreement
from mvlock.lock.asked import departure
from mvlock.lock.companions import Companion, Companions, Rows, partings
from mvlock.lock.distribution import locked_package
from mvlock.lock.exposure import Exposure, check_exposures, exposure_of
from mvlock.lock.isolation import Ground, Isolated, isolated
from mvlock.lock.markers import MarkerWriter
from mvlock.lock.merge import MergedMember, merged, tree_packages
from mvlock.lock.missing import tell_missing_files
from mvlock.lock.mixes import tell_mixes
from mvlock.lock.model import Lock, LockedPackage, LockedTree, LockedWish, version_for
from mvlock.lock.previous import Previous
from mvlock.lock.soft import SoftMembers
from mvlock.lock.undecided import refuse_undecided, tell_undecided
from mvlock.lock.unused import tell_unused
from mvlock.progress import Reporter
from mvlock.project.digest import inputs_digest
from mvlock.project.model import Project, TreeRequest
from mvlock.resolver.catalogue import Catalogue, Ports, rules_of
from mvlock.resolver.explain import explained
from mvlock.resolver.grid import Grid
from mvlock.resolver.ports import MetadataBuilder
from mvlock.resolver.preference import Preferences
from mvlock.resolver.question import terms_of
from mvlock.resolver.references import direct_sources
from mvlock.resolver.scout import scout
from mvlock.resolver.solve import ENOUGH, JOINT, Effort, Resolution, Unsolvable, solve_tree
from mvlock.resolver.target import Break, Target, bounded, newest_admitted, newest_locked, targets_for
from mvlock.resolver.together import Pins
from mvlock.resolver.unify import Party, unified

_LOOKERS = 8


@dataclass(frozen=True, slots=True)
class LockOptions:
    """How to lock. ``now`` is an aware time; exclude-newer durations count back from it.

    ``targets``: lock for these alone, and fail if one of them cannot be served; None: for all that the
    project admits. ``upgrade`` forgets all locked versions, the other two those of some projects or trees.
    ``python``: a minor (16) of CPython 3 that the lock shall be for, too, if the project admits it; 0: no other than
    those that are known, or locked already.
    """

    now: datetime
    targets: tuple[Target, ...] | None = None
    upgrade: bool = False
    upgrade_packages: frozenset[NormalizedName] = frozenset()
    upgrade_trees: frozenset[str] = frozenset()
    python: int = 0


@dataclass(frozen=True)
class _SolvedTree:
    request: TreeRequest
    party: Party
    exposure: Future[Exposure]
    soft: SoftMembers | None = None

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """What the tree holds, target by target: what it needs, and its soft members."""
        return self.soft.resolutions(self.request.name) if self.soft is not None else self.party.resolutions

    @cached_property
    def members(self) -> tuple[MergedMember, ...]:
        """What the tree holds on any target."""
        return merged(self.resolutions)


def lock_project(
    project: Project,
    index: PackageIndex,
    builder: MetadataBuilder,
    *,
    options: LockOptions,
    previous: Lock | None,
    reporter: Reporter,
) -> Lock:
    """The lock of a project; ``previous`` itself if it was made from the same inputs and nothing is upgraded.

    :raises AnswerIsNo: a tree has no resolution (``conflict``, ``project-missing``, ``no-version``,
    ``no-file``, …)
    :raises UsageError: ``no-target``, ``import-name-taken``, ``alias-module-unclear``, ``alias-module-missing``,
        ``alias-excluded``, ``marker-undecided``
    :raises IndexFailure: an index does not answer
    """
    inputs = inputs_digest(project)
    environments = _environments(project, options)
    if previous is not None and not _asks_for_more(options) and is_current(project, previous, options):
        return previous
    work, solved = _solved(_Locking.of(project, Ports(index, builder), options, previous), reporter)
    trees = tuple(work.locked_tree(tree) for tree in solved)
    check_exposures(trees)
    tell_missing_files(work.grid, [(tree.request.name, tree.members) for tree in solved], reporter)
    work.tell(solved, reporter)
    lock = Lock(
        lock_version=version_for(trees),
        requires_python=str(work.pythons),
        environments=environments,
        inputs=inputs,
        trees=trees,
        packages=work.locked_packages(solved),
    )
    tell_mixes(lock, project, work._catalogue, reporter)
    return lock


def is_current(project: Project, lock: Lock, options: LockOptions) -> bool:
    """Whether a lock was made from what the project says now, for the same environments and the Python asked for."""
    if lock.inputs != inputs_digest(project) or lock.environments != _environments(project, options):
        return False
    if departure(project, lock) is not None:
        return False
    wanted = min(options.python, newest_admitted(project.requires_python, options.python))
    return options.targets is not None or wanted <= newest_locked(SpecifierSet(lock.requires_python))


def _solved(work: _Locking, reporter: Reporter) -> tuple[_Locking, list[_SolvedTree]]:
    """Solve, first with the targets that what is read ahead asks for, then with those that the solves do."""
    work.check()
    work.scout()
    work = work.finer() or work
    solved = work.solve(reporter)
    while finer := work.finer():
        work, solved = finer, finer.solve(reporter)
    return work, solved


class _Locking:
    """One run for one set of targets. Its steps share the catalogue of what was read."""

    def __init__(
        self, project: Project, catalogue: Catalogue, previous: Previous, breaks: frozenset[Break] | None, newest: int
    ) -> None:
        self.grid = catalogue.grid
        self._project = project
        self._catalogue = catalogue
        self._parties: dict[TreeRequest, Party] = {}
        self._writer = MarkerWriter(self.grid)
        self._previous = previous
        self._breaks = breaks
        """The patch levels that the grid tells apart; None: its targets are given, and all must be served."""
        self._newest = newest

    @property
    def pythons(self) -> SpecifierSet:
        """What the lock is for."""
        return bounded(self._project.requires_python, self._newest)

    @cached_property
    def _isolated(self) -> Isolated:
        return isolated(self._project.trees, Ground(self._catalogue, self._previous, self.party))

    @classmethod
    def of(cls, project: Project, ports: Ports, options: LockOptions, previous: Lock | None) -> _Locking:
        """The first run."""
        newest = _newest_of(options.targets) if options.targets else _newest_minor(project, options, previous)
        targets = options.targets or targets_for(project.requires_python, project.environments, newest=newest)
        rules = rules_of(project, direct_sources(project, ports.builder), _newest(project, options.now))
        catalogue = Catalogue(Grid(targets), ports, rules)
        kept = Previous(previous, options.upgrade, options.upgrade_packages, options.upgrade_trees)
        return cls(project, catalogue, kept, frozenset() if options.targets is None else None, newest)

    def finer(self) -> _Locking | None:
        """A run with more patch levels, if markers that were met tell apart what is one target in this run."""
        if self._breaks is None or self.grid.breaks <= self._breaks:
            return None
        breaks = self._breaks | self.grid.breaks
        project = self._project
        grid = Grid(targets_for(project.requires_python, project.environments, breaks, newest=self._newest))
        return _Locking(project, self._catalogue.on(grid), self._previous, breaks, self._newest)

    def check(self) -> None:
        """Refuse what no lock for every machine can say.

        :raises UsageError: ``marker-undecided``
        """
        if self._breaks is not None:
            refuse_undecided(self._project, self.grid)

    def scout(self) -> None:
        """Read ahead for all trees."""
        needs = [need for request in self._project.trees for need in terms_of(request).needs]
        scout(self._catalogue, needs, self._previous.likely())

    def solve(self, reporter: Reporter) -> list[_SolvedTree]:
        """Solve all trees, by name."""
        solved: list[_SolvedTree] = []
        requests = self._isolated.requests
        with ThreadPoolExecutor(_LOOKERS) as lookers, reporter.task("Resolving", len(requests)) as task:
            for companion in self._companions.solve(requests):
                solved.append(self._looked_into(companion, lookers))
                task.advance(item=companion.request.name)
            solved = self._agreed(solved, lookers)
            return self._with_soft_members(self._unified(solved) if self._project.unify else solved)

    def locked_tree(self, tree: _SolvedTree) -> LockedTree:
        """The entry of a tree; waits for what the application may import from it."""
        request, exposure = tree.request, tree.exposure.result()
        return LockedTree(
            name=request.name,
            requires=tuple(sorted(map(str, request.requirements))),
            imports=exposure.imports,
            alias=request.alias,
            module=exposure.module,
            groups=tuple(sorted(request.groups)),
            extras=tuple(sorted(request.extras)),
            always=request.always,
            wishes=tuple(LockedWish(group=one.group, extra=one.extra, marker=one.marker) for one in request.wishes),
            conflicts=self._isolated.conflicts.get(request.name, ()),
            soft=tree.soft.locked(request.name) if tree.soft is not None else (),
            packages=tree_packages(tree.members, tree.resolutions, self._writer),
        )

    def locked_packages(self, trees: Iterable[_SolvedTree]) -> tuple[LockedPackage, ...]:
        """Every distribution of the trees once, by name and version."""
        releases = {member.release for tree in trees for member in tree.members}
        ordered = sorted(releases, key=lambda release: (release.project, release.version))
        return tuple(locked_package(release, self._catalogue) for release in ordered)

    def tell(self, trees: Sequence[_SolvedTree], reporter: Reporter) -> None:
        """Which trees had to be apart; and settings that concern nothing, which are often slips."""
        companions = [Companion(tree.request, tree.party) for tree in trees]
        soft = next((tree.soft.notes for tree in trees if tree.soft is not None), ())
        for note in (*self._isolated.notes, *self._companions.notes, *partings(companions), *soft):
            reporter.note(note)
        if self._breaks is not None:
            members = (member for tree in trees for member in tree.members)
            tell_undecided(members, self._project.trees, self._catalogue, reporter)
        tell_unused(self._project, (member for tree in trees for member in tree.members), self._catalogue, reporter)

    @cached_property
    def _companions(self) -> Companions:
        ground = Ground(self._catalogue, self._previous, self.party)
        return Companions(ground, self, self._writer)

    def _solve_tree(self, request: TreeRequest, lookers: ThreadPoolExecutor) -> _SolvedTree:
        try:
            party = self.party(request, {}, (request.name,))
        except Unsolvable as unsolvable:
            raise explained(request.name, unsolvable, self._catalogue) from unsolvable
        return self._looked_into(Companion(request, party), lookers)

    def _looked_into(self, companion: Companion, lookers: ThreadPoolExecutor) -> _SolvedTree:
        """The tree, with what the application may import being looked up."""
        request, party = companion.request, companion.party
        members = merged(party.resolutions)
        exposure = lookers.submit(exposure_of, request, members, self._catalogue.ports, self._previous)
        return _SolvedTree(request, party, exposure)

    def _agreed(self, solved: list[_SolvedTree], lookers: ThreadPoolExecutor) -> list[_SolvedTree]:
        """The trees with one version of what they share always.

        :raises AnswerIsNo: there is none
        """
        before: dict[str, tuple[Limit, ...]] = {}
        while wanted := limits(((tree.request, tree.party.resolutions) for tree in solved), self.grid):
            if wanted == before:
                raise no_agreement(wanted)
            before = wanted
            solved = [self._limited(tree, wanted.get(tree.request.name, ()), lookers) for tree in solved]
        return solved

    def _limited(self, tree: _SolvedTree, wanted: Iterable[Limit], lookers: ThreadPoolExecutor) -> _SolvedTree:
        request = tree.request
        for limit in wanted:
            request = limit.applied(request, self._writer)
        return self._solve_tree(request, lookers) if request is not tree.request else tree

    def party(self, request: TreeRequest, near: Mapping[int, Pins], trees: tuple[str, ...]) -> Party:
        """A tree before it gives way to others, looked for near some versions and those locked for ``trees``.

        Solved once.

        :raises Unsolvable: it has no resolution
        """
        known = self._parties.get(request)
        if known is None:
            preferences = self._previous.preferences(trees, self.grid)
            for target, versions in near.items():
                preferences.add(self.grid.targets[target], versions.items())
            effort = JOINT if len(trees) > 1 or near else ENOUGH
            known = self._parties[request] = self._solved(request, preferences, effort)
        return known

    def follow(self, request: TreeRequest, pins: Rows) -> Party:
        """A tree as a part of a resolution that has ``pins``."""
        rows = {project: tuple(versions.items()) for project, versions in pins.items()}
        found = self._solved(request, Preferences(rows), ENOUGH)
        return replace(found, preferences=self._previous.preferences((request.name,), self.grid))

    def _solved(self, request: TreeRequest, preferences: Preferences, effort: Effort) -> Party:
        terms = terms_of(request)
        resolutions = solve_tree(self._catalogue, terms, preferences, strict=self._breaks is None, effort=effort)
        return Party(terms, resolutions, preferences, request.share.always, request.subject)

    def _unified(self, trees: Iterable[_SolvedTree]) -> list[_SolvedTree]:
        """The trees after they gave way to each other. Those to be upgraded do not follow those that stay.

        What a tree was asked for does not move, so what it exposes is known already.
        """
        found: list[_SolvedTree] = []
        for _, group in groupby(sorted(trees, key=self._is_upgraded), key=self._is_upgraded):
            alike = {tree.request.name: tree for tree in group}
            resolutions = unified(self._catalogue, {name: tree.party for name, tree in alike.items()})
            for name, tree in alike.items():
                found.append(replace(tree, party=replace(tree.party, resolutions=resolutions[name])))
        return sorted(found, key=lambda tree: tree.request.name)

    def _with_soft_members(self, trees: Sequence[_SolvedTree]) -> list[_SolvedTree]:
        """The trees with what extras declare and they would not find. None of it is exposed."""
        soft = SoftMembers(self._catalogue, [Companion(tree.request, tree.party) for tree in trees])
        return [replace(tree, soft=soft) for tree in trees]

    def _is_upgraded(self, tree: _SolvedTree) -> bool:
        return tree.request.name in self._previous.trees


def _asks_for_more(options: LockOptions) -> bool:
    return bool(options.upgrade or options.upgrade_packages or options.upgrade_trees)


def _newest_of(targets: Iterable[Target]) -> int:
    return max(Version(target.environment["python_version"]).minor for target in targets)


def _newest_minor(project: Project, options: LockOptions, previous: Lock | None) -> int:
    """The newest minor that the lock is for; one that it was for before stays."""
    locked = newest_locked(SpecifierSet(previous.requires_python)) if previous is not None else 0
    return newest_admitted(project.requires_python, max(options.python, locked))


def _environments(project: Project, options: LockOptions) -> tuple[str, ...]:
    """What limits the lock: the project's markers, or those that describe the targets asked for."""
    if options.targets is None:
        return tuple(sorted(str(marker) for marker in project.environments))
    return tuple(dict.fromkeys(_description(target) for target in options.targets))


def _description(target: Target) -> str:
    variables = ("python_version", "sys_platform", "platform_machine")
    return " and ".join(f"{name} == '{target.environment[name]}'" for name in variables)


def _newest(project: Project, now: datetime) -> datetime | None:
    limit = project.exclude_newer
    return now - limit if isinstance(limit, timedelta) else limit

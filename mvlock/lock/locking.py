"""From a project to its lock: every tree is solved for every target, merged, and written down with its files.

Trees are solved in the order of their names and share one catalogue, so each page and each metadata file is
read once. What the application may import is looked up meanwhile, as that is network and not computation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from itertools import groupby

from msgspec.structs import replace
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mvlock.index.model import PackageIndex
from mvlock.lock.application_solver import ApplicationSolver
from mvlock.lock.declared_trees import trees_difference
from mvlock.lock.exclusions import report_exclusions
from mvlock.lock.exposure import check_exposures, exposure_of
from mvlock.lock.fields import version_for
from mvlock.lock.framework_mismatches import report_mismatches
from mvlock.lock.kernel_markers import check_kernel_markers, report_kernel_markers
from mvlock.lock.locked_preferences import PreviousLock
from mvlock.lock.markers import MarkerWriter
from mvlock.lock.merge import merged
from mvlock.lock.missing import report_missing_files
from mvlock.lock.model import Lock, LockedConflict
from mvlock.lock.options import LockOptions, environments_of, newest_minor
from mvlock.lock.overlaps import Overlaps
from mvlock.lock.share_always import Limit, limits, no_common_version
from mvlock.lock.soft import SoftDependencies
from mvlock.lock.solved import SolvedTree, locked_packages, locked_tree, wheel_files
from mvlock.lock.solved_request import SolvedRequest
from mvlock.lock.splits import IsolatedTrees, SolveContext, isolate_trees
from mvlock.lock.tree_solver import TreeSolver
from mvlock.lock.unused import report_unread, report_unused
from mvlock.lock.version_notes import version_difference_notes, version_reasons
from mvlock.lock.withdrawn import report_withdrawn
from mvlock.progress import Reporter
from mvlock.project.digest import inputs_digest
from mvlock.project.model import Project, TreeRequest
from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.explain import explained
from mvlock.resolver.ports import MetadataBuilder
from mvlock.resolver.prefetch import prefetch_dependencies
from mvlock.resolver.references import direct_references
from mvlock.resolver.release_filter import rules_of
from mvlock.resolver.solve import Unsolvable
from mvlock.resolver.solve_input import tree_requirements
from mvlock.resolver.target import NEWEST, PatchBoundary, bounded, newest_allowed, newest_locked, targets_for
from mvlock.resolver.target_set import TargetMatrix
from mvlock.resolver.unify import unified

_LOOKUP_THREADS = 8


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

    :raises UnmetRequest: a tree has no resolution (``conflict``, ``project-missing``, ``no-version``, ``no-file``, …)
    :raises LocalError: ``no-target``, ``import-name-taken``, ``alias-module-unclear``, ``alias-module-missing``,
        ``alias-excluded``, ``marker-undecided``
    :raises NetworkFailure: an index does not answer
    """
    inputs = inputs_digest(project)
    environments = environments_of(project, options)
    if previous is not None and not options.upgrades and is_current(project, previous, options):
        return previous
    work, solved = _solved(_Locking.of(project, Ports(index, builder, reporter.count), options, previous), reporter)
    trees = tuple(locked_tree(tree, work.conflicts(tree), work.writer) for tree in solved)
    check_exposures(trees, Overlaps(trees, project, wheel_files(solved, work.catalogue.ports)))
    report_missing_files(work.matrix, [(tree.request.name, tree.members) for tree in solved], reporter)
    work.report(solved, reporter)
    packages = locked_packages(solved, work.catalogue)
    lock = Lock(
        lock_version=version_for((*trees, *packages)),
        requires_python=str(work.pythons),
        environments=environments,
        inputs=inputs,
        trees=trees,
        packages=packages,
    )
    report_mismatches(lock, project, work.catalogue, reporter)
    return lock


def is_current(project: Project, lock: Lock, options: LockOptions) -> bool:
    """Whether a lock was made from the current project, for the same environments and the requested Python."""
    if lock.inputs != inputs_digest(project) or lock.environments != environments_of(project, options):
        return False
    if trees_difference(project, lock) is not None:
        return False
    wanted = min(options.python, newest_allowed(project.requires_python, options.python))
    return options.targets is not None or wanted <= newest_locked(SpecifierSet(lock.requires_python))


def _solved(work: _Locking, reporter: Reporter) -> tuple[_Locking, list[SolvedTree]]:
    """Solve for the targets that the metadata read ahead distinguishes, then for those that the solves distinguish."""
    work.check()
    work.prefetch_dependencies()
    work = work.with_more_patch_levels() or work
    solved = work.solve(reporter)
    while refined := work.with_more_patch_levels():
        work, solved = refined, refined.solve(reporter)
    return work, solved


class _Locking:
    """One run for one set of targets. Its steps share one catalogue."""

    def __init__(
        self,
        project: Project,
        catalogue: Catalogue,
        previous: PreviousLock,
        patch_boundaries: frozenset[PatchBoundary] | None,
        newest: int,
    ) -> None:
        self.matrix = catalogue.matrix
        self._project = project
        self.catalogue = catalogue
        self._solver = TreeSolver(catalogue, previous, all_targets=patch_boundaries is None)
        self.writer = MarkerWriter(self.matrix)
        self._previous = previous
        self._ground = SolveContext(catalogue, previous, self._solver.solution)
        self._patch_boundaries = patch_boundaries
        """The patch levels that the matrix distinguishes; None: its targets are given, and all must be served."""
        self._newest = newest

    @property
    def pythons(self) -> SpecifierSet:
        """The Pythons that the lock is for."""
        return bounded(self._project.requires_python, self._newest)

    @cached_property
    def _isolated(self) -> IsolatedTrees:
        return isolate_trees(self._project.trees, self._ground)

    @classmethod
    def of(cls, project: Project, ports: Ports, options: LockOptions, previous: Lock | None) -> _Locking:
        """The first run."""
        newest = newest_minor(project, options, previous)
        targets = options.targets or targets_for(project.requires_python, project.environments, newest=newest)
        kept = PreviousLock(
            previous, options.upgrade, options.upgrade_packages, options.upgrade_trees, options.preferred
        )
        rules = rules_of(options.limited(project), direct_references(project, ports.builder), options.now)
        rules = replace(rules, kept=kept.files() if options.limits(project) else frozenset())
        catalogue = Catalogue(TargetMatrix(targets), ports, rules)
        return cls(project, catalogue, kept, frozenset() if options.targets is None else None, newest)

    def with_more_patch_levels(self) -> _Locking | None:
        """A run with more patch levels, if markers seen so far distinguish what is one target in this run."""
        if self._patch_boundaries is None or self.matrix.patch_boundaries <= self._patch_boundaries:
            return None
        patch_boundaries = self._patch_boundaries | self.matrix.patch_boundaries
        project = self._project
        matrix = TargetMatrix(
            targets_for(project.requires_python, project.environments, patch_boundaries, newest=self._newest)
        )
        return _Locking(project, self.catalogue.for_matrix(matrix), self._previous, patch_boundaries, self._newest)

    def check(self) -> None:
        """Refuse what a universal lock cannot express.

        :raises LocalError: ``marker-undecided``
        """
        if self._patch_boundaries is not None:
            check_kernel_markers(self._project, self.matrix)

    def prefetch_dependencies(self) -> None:
        """Read ahead for all trees."""
        needs = [need for request in self._project.trees for need in tree_requirements(request).needs]
        prefetch_dependencies(self.catalogue, needs, self._previous.newest_versions())

    def solve(self, reporter: Reporter) -> list[SolvedTree]:
        """Solve all trees, by name."""
        solved, requests = list[SolvedTree](), self._isolated.requests
        with (
            ThreadPoolExecutor(_LOOKUP_THREADS) as lookup_pool,
            self._stopping_builds(),
            reporter.task("Solving", len(requests), unit="trees") as task,
        ):
            for solved_request in self._application_solver.solve(requests):
                solved.append(self._looked_into(solved_request, lookup_pool))
                task.advance(item=solved_request.request.name)
            solved = self._agreed(solved, lookup_pool)
            return self._with_soft_dependencies(self._unified(solved) if self._project.unify else solved)

    @contextmanager
    def _stopping_builds(self) -> Iterator[None]:
        """After an error, what is being built in other threads is not needed."""
        try:
            yield
        except BaseException:
            self.catalogue.ports.builder.stop()
            raise

    def conflicts(self, tree: SolvedTree) -> tuple[LockedConflict, ...]:
        """Why a tree is separate from the one that its dependencies would be in otherwise."""
        return self._isolated.conflicts.get(tree.request.name, ())

    def report(self, trees: Sequence[SolvedTree], reporter: Reporter) -> None:
        """Report which trees had to be separate, and settings that apply to nothing, which are often typos."""
        solved_requests = [SolvedRequest(tree.request, tree.solution) for tree in trees]
        soft = next((tree.soft.notes for tree in trees if tree.soft is not None), ())
        for note in (
            *self._isolated.notes,
            *self._application_solver.notes,
            *version_difference_notes(solved_requests, self.catalogue),
            *soft,
        ):
            reporter.note(note)
        reporter.explain(version_reasons(solved_requests, self.catalogue))
        report_unread(self._project, self._previous, reporter)
        if _is_of_the_future(self.matrix):
            reporter.note(
                f"requires-python allows only Pythons newer than 3.{NEWEST}, so the lock is for 3.{self._newest}"
            )
        members = [member for tree in trees for member in tree.members]
        if self._patch_boundaries is not None:
            report_kernel_markers(members, self._project.trees, self.catalogue, reporter)
        report_unused(self._project, members, self.catalogue, reporter)
        report_withdrawn(members, self.catalogue, reporter)
        report_exclusions(((tree.request, tree.members) for tree in trees), self.catalogue, reporter)

    @cached_property
    def _application_solver(self) -> ApplicationSolver:
        return ApplicationSolver(self._ground, self._solver, self.writer)

    def _solve_tree(self, request: TreeRequest, lookup_pool: ThreadPoolExecutor) -> SolvedTree:
        try:
            solution = self._solver.solution(request, {}, (request.name,))
        except Unsolvable as unsolvable:
            raise explained(request.name, unsolvable, self.catalogue) from unsolvable
        return self._looked_into(SolvedRequest(request, solution), lookup_pool)

    def _looked_into(self, solved_request: SolvedRequest, lookup_pool: ThreadPoolExecutor) -> SolvedTree:
        """The tree, with a lookup started of what the application may import."""
        request, solution = solved_request.request, solved_request.solution
        members = merged(solution.resolutions)
        exposure = lookup_pool.submit(exposure_of, request, members, self.catalogue.ports, self._previous)
        return SolvedTree(request, solution, exposure)

    def _agreed(self, solved: list[SolvedTree], lookup_pool: ThreadPoolExecutor) -> list[SolvedTree]:
        """The trees with one version of each project in ``share.always``.

        :raises UnmetRequest: there is none
        """
        before: dict[str, tuple[Limit, ...]] = {}
        while wanted := limits(((tree.request, tree.solution.resolutions) for tree in solved), self.matrix):
            if wanted == before:
                raise no_common_version(wanted)
            before = wanted
            solved = [self._limited(tree, wanted.get(tree.request.name, ()), lookup_pool) for tree in solved]
        return solved

    def _limited(self, tree: SolvedTree, wanted: Iterable[Limit], lookup_pool: ThreadPoolExecutor) -> SolvedTree:
        request = tree.request
        for limit in wanted:
            request = limit.applied(request, self.writer)
        return self._solve_tree(request, lookup_pool) if request is not tree.request else tree

    def _unified(self, trees: Iterable[SolvedTree]) -> list[SolvedTree]:
        """The trees after ``unified``. Those to be upgraded do not follow those that stay.

        The direct requirements of a tree keep their versions, so what it exposes is known already.
        """
        found: list[SolvedTree] = []
        for _, group in groupby(sorted(trees, key=self._is_upgraded), key=self._is_upgraded):
            alike = {tree.request.name: tree for tree in group}
            resolutions = unified(self.catalogue, {name: tree.solution for name, tree in alike.items()})
            for name, tree in alike.items():
                found.append(replace(tree, solution=replace(tree.solution, resolutions=resolutions[name])))
        return sorted(found, key=lambda tree: tree.request.name)

    def _with_soft_dependencies(self, trees: Sequence[SolvedTree]) -> list[SolvedTree]:
        """The trees with their soft dependencies, which are not exposed."""
        soft = SoftDependencies(self.catalogue, [SolvedRequest(tree.request, tree.solution) for tree in trees])
        return [replace(tree, soft=soft) for tree in trees]

    def _is_upgraded(self, tree: SolvedTree) -> bool:
        return tree.request.name in self._previous.trees


def _is_of_the_future(matrix: TargetMatrix) -> bool:
    """Whether all targets are of Pythons newer than those known."""
    return all(Version(target.environment["python_version"]).minor > NEWEST for target in matrix.targets)

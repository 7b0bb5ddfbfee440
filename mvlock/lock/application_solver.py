"""Direct dependencies of the application have one version in all trees where possible.

The trees of an application are first solved together: one resolution of everything that is always installed, then one
of each dependency group and extra. Each tree is the part of it that its own requirements reach. Dependencies that have
no resolution together are divided into as few sets as possible (``splits.JoinableTrees``). Later trees are bound
by earlier ones: they get the application's versions of its direct dependencies, with older releases of their own if
necessary. A tree departs from such a version only where it has no resolution with it, or none without a pre-release
that it would not have by itself.

Trees with settings of their own are bound in the same way, and so are aliases, except for the project that each is an
alias of. A tree without peers is not bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.version import Version

from mvlock.lock.markers import MarkerWriter
from mvlock.lock.solved_request import ProjectVersions, SolvedRequest, binding_versions, differing_projects, versions_of
from mvlock.lock.splits import JoinableTrees, SolveContext
from mvlock.lock.tree_solver import TreeSolver
from mvlock.lock.version_notes import held_back_note, held_back_notes, single_version_note
from mvlock.project.declaration import FIXED_BY_SOLVE, Declaration, Origin
from mvlock.project.model import Prereleases, TreeRequest
from mvlock.resolver.explain import reason
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.preference import Pins as LockedPins
from mvlock.resolver.solve import Unsolvable


class ApplicationSolver:
    """Solves the trees of an application together."""

    def __init__(self, context: SolveContext, solver: TreeSolver, writer: MarkerWriter) -> None:
        self._context = context
        self._solver = solver
        self._writer = writer
        self._application_versions: ProjectVersions = {}
        self._earlier: list[SolvedRequest] = []
        self.notes: list[str] = []
        """Notes for the user: what is held back."""

    def solve(self, requests: Iterable[TreeRequest]) -> Iterator[SolvedRequest]:
        """All trees, starting with those that are always installed.

        :raises Unsolvable: a tree has no resolution by itself
        """
        for (by_itself, *_), members in groupby(sorted(requests, key=_order), key=_order):
            trees = list(members)
            for group in [[tree] for tree in trees] if by_itself else [trees]:
                yield from self._solved(group)

    def _solved(self, trees: list[TreeRequest]) -> Iterator[SolvedRequest]:
        """Solve trees that may share one resolution."""
        bound = {tree.name: self._bound(tree) for tree in trees}
        joint = JoinableTrees("", bound, (), self._context)
        result = joint.partition()
        for index, group in enumerate(result.trees):
            joined = joint.tree(index, group)
            if index and self._application_versions:
                joined = self._bound(joined)
            solution = self._solver.solution(joined, joint.joint_pins(group), joint.trees_of(index, group))
            whole = {name: tuple(versions.items()) for name, versions in versions_of(solution.resolutions).items()}
            parts = [self._part(bound[name], joined, solution, whole) for name in group]
            for part in parts:
                self._record_versions(part)
            self._earlier += parts
            for part in parts:
                self._note_single_version(part)
            self._note_held_back(joint, index, group)
            yield from parts

    def _part(self, tree: TreeRequest, joined: TreeRequest, solution: TreeSolution, whole: LockedPins) -> SolvedRequest:
        """A tree as a part of a joint solution."""
        if tree is joined:
            return SolvedRequest(tree, solution)
        tree = replace(tree, constraints=joined.constraints)
        return SolvedRequest(tree, self._solver.part_of(tree, whole))

    def _record_versions(self, part: SolvedRequest) -> None:
        """Bind later trees to this one's versions of direct dependencies."""
        for project, rows in binding_versions(part).items():
            self._application_versions.setdefault(project, rows)

    def _bound(self, tree: TreeRequest) -> TreeRequest:
        """The request of a tree, bound to all versions of direct dependencies with which it has a resolution."""
        unbound = {*tree.projects, *([tree.alias_project] if tree.alias_project else [])}
        application_versions = {
            project: rows for project, rows in self._application_versions.items() if project not in unbound
        }
        if not tree.peers or not application_versions:
            return tree
        try:
            independent = self._solver.solution(tree, {}, (tree.name,))
        except Unsolvable:
            return tree  # reported when the tree itself is solved
        bound, solution = self._bound_to(application_versions, tree, independent)
        self.notes += held_back_notes(SolvedRequest(tree, independent), solution, application_versions, self._earlier)
        return bound

    def _bound_to(
        self, application_versions: ProjectVersions, tree: TreeRequest, independent: TreeSolution
    ) -> tuple[TreeRequest, TreeSolution]:
        """The request bound to as many ``application_versions`` as possible, and its resolutions."""
        binding: set[str] = set()
        while True:
            found = (
                self._with_constraints({project: application_versions[project] for project in sorted(binding)}, tree)
                if binding
                else tree
            )
            try:
                found, solution = self._without_new_prereleases(found, independent)
            except Unsolvable as failure:
                clash = reason(failure, self._context.catalogue).requirements & binding
                application_versions = {
                    project: rows for project, rows in application_versions.items() if project not in (clash or binding)
                }
                binding &= application_versions.keys()
            else:
                more = differing_projects(versions_of(solution.resolutions), application_versions) - binding
                if not more:
                    return found, solution
                binding |= more

    def _without_new_prereleases(
        self, bound: TreeRequest, independent: TreeSolution
    ) -> tuple[TreeRequest, TreeSolution]:
        """The request and its resolutions, without pre-releases if it has none by itself.

        :raises Unsolvable: it has no such resolution
        """
        solution = self._solver.solution(bound, {}, (bound.name,))
        if (
            _has_prereleases(solution)
            and not _has_prereleases(independent)
            and bound.prereleases is Prereleases.IF_NECESSARY
        ):
            bound = replace(bound, prereleases=Prereleases.DISALLOW)
            solution = self._solver.solution(bound, {}, (bound.name,))
        return bound, solution

    def _with_constraints(self, rows: Mapping[str, Mapping[Version, int]], tree: TreeRequest) -> TreeRequest:
        constraints = [
            Declaration(Requirement(f"{project}==={version}" + (f" ; {marker}" if marker else "")), FIXED_BY_SOLVE)
            for project, versions in rows.items()
            for version, target_bits in versions.items()
            for marker in [self._writer.marker(target_bits)]
        ]
        return replace(tree, constraints=(*tree.constraints, *constraints))

    def _note_held_back(self, joint: JoinableTrees, index: int, group: tuple[str, ...]) -> None:
        """Note what was held back in a joint resolution."""
        notes: dict[str, str] = {}
        for target, joint_versions in joint.joint_versions(group).items():
            for project, version in joint_versions.held_back.items():
                independent = joint_versions.independent.get(project)
                if independent is not None and version < independent and project not in notes:
                    why = joint.why_held_back(index, group, target, project)
                    notes[project] = held_back_note(project, version, independent, why)
        self.notes += (notes[project] for project in sorted(notes))

    def _note_single_version(self, part: SolvedRequest) -> None:
        """Note where a group, an extra or ``project.dependencies`` has another version because of entries elsewhere."""
        rows = versions_of(part.solution.resolutions)
        for project, arrays in _arrays(part.request).items():
            if len(arrays) < 2 or project not in rows:
                continue
            version = max(rows[project])
            for array in arrays:
                independent = self._newest_for(part.request, project, array)
                entries = (entry for entry in part.request.requirements if entry.project == project)
                others = [
                    entry
                    for entry in entries
                    if independent and entry.origin.array != array and not entry.allows(independent)
                ]
                if independent is not None and others:
                    self.notes.append(single_version_note(project, version, array, independent, others))
                    break

    def _newest_for(self, tree: TreeRequest, project: str, array: Origin) -> Version | None:
        """The version of a project that a tree would have for the entries of one array; None if there is none."""
        entries = (
            entry
            for entry in tree.requirements
            if entry.project != project or entry.origin.array == array or entry.origin.is_setting
        )
        request = replace(tree, requirements=tuple(entries))
        try:
            rows = versions_of(self._solver.solution(request, {}, ()).resolutions)
        except Unsolvable:
            return None
        return max(rows.get(project, ()), default=None)


def _order(tree: TreeRequest) -> tuple[bool, bool, tuple[str, ...], tuple[str, ...]]:
    """Trees solved jointly before others, aliases last; among the former, those always installed, then by group."""
    kind = (tuple(sorted(tree.groups)), tuple(sorted(tree.extras))) if tree.is_solved_jointly else ((), ())
    return (not tree.is_solved_jointly, tree.alias is not None, *kind)


def _has_prereleases(solution: TreeSolution) -> bool:
    return any(version.is_prerelease for rows in versions_of(solution.resolutions).values() for version in rows)


def _arrays(tree: TreeRequest) -> dict[str, list[Origin]]:
    """By project: the arrays that require it in a tree, ``project.dependencies`` first. Settings are not in one."""
    found: dict[str, set[Origin]] = {}
    for entry in tree.requirements:
        if not entry.origin.is_setting:
            found.setdefault(entry.project, set()).add(entry.origin.array)
    return {
        project: sorted(found[project], key=lambda array: (not array.is_project_dependencies, str(array)))
        for project in sorted(found)
    }

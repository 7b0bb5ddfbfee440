"""Direct dependencies of the application have one version in all trees where possible.

The trees of an application are first solved together: one resolution of everything that is always installed, then one
of each dependency group and extra. Each tree is the part of it that its own requirements reach. Dependencies that have
no resolution together are divided into as few groups as possible (``isolation.Joint``). Later trees are bound by
earlier ones: they get the application's versions of its direct dependencies, with older releases of their own if
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

from mvlock.lock.companion import Companion, Rows, binding_rows, differing, rows_of
from mvlock.lock.held_back import held_back, one_for_all, told
from mvlock.lock.isolation import Ground, Joint
from mvlock.lock.markers import MarkerWriter
from mvlock.lock.tree_solver import TreeSolver
from mvlock.project.declaration import HELD_BACK, Declaration, Origin
from mvlock.project.model import Prereleases, TreeRequest
from mvlock.resolver.explain import reason
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.solve import Unsolvable


class Companions:
    """Solves the trees of an application together."""

    def __init__(self, ground: Ground, solver: TreeSolver, writer: MarkerWriter) -> None:
        self._ground = ground
        self._solver = solver
        self._writer = writer
        self._named: Rows = {}
        self._before: list[Companion] = []
        self.notes: list[str] = []
        """Notes for the user: what is held back."""

    def solve(self, requests: Iterable[TreeRequest]) -> Iterator[Companion]:
        """All trees, starting with those that are always installed.

        :raises Unsolvable: a tree has no resolution by itself
        """
        for (by_itself, *_), members in groupby(sorted(requests, key=_order), key=_order):
            trees = list(members)
            for group in [[tree] for tree in trees] if by_itself else [trees]:
                yield from self._solved(group)

    def _solved(self, trees: list[TreeRequest]) -> Iterator[Companion]:
        """Solve trees that may share one resolution."""
        bound = {tree.name: self._bound(tree) for tree in trees}
        joint = Joint("", bound, (), self._ground)
        result = joint.partition()
        for place, group in enumerate(result.trees):
            one = joint.tree(place, group)
            if place and self._named:
                one = self._bound(one)
            near = joint.near(group)
            solution = self._solver.solution(one, near, joint.trees_of(place, group))
            pins = rows_of(solution.resolutions)
            companions = [self._part(bound[name], one, solution, pins) for name in group]
            for companion in companions:
                self._name(companion)
            self._before += companions
            for companion in companions:
                self._tell_one_for_all(companion)
            self._tell(joint, place, group)
            yield from companions

    def _part(self, tree: TreeRequest, one: TreeRequest, solution: TreeSolution, pins: Rows) -> Companion:
        """A tree as a part of a joint solution."""
        if tree is one:
            return Companion(tree, solution)
        tree = replace(tree, constraints=one.constraints)
        return Companion(tree, self._solver.follow(tree, pins))

    def _name(self, companion: Companion) -> None:
        """Bind later trees to this one's versions of direct dependencies."""
        for project, rows in binding_rows(companion).items():
            self._named.setdefault(project, rows)

    def _bound(self, tree: TreeRequest) -> TreeRequest:
        """The request of a tree, bound to all versions of direct dependencies with which it has a resolution."""
        free = {*tree.projects, *([tree.alias_project] if tree.alias_project else [])}
        named = {project: rows for project, rows in self._named.items() if project not in free}
        if not tree.peers or not named:
            return tree
        try:
            alone = self._solver.solution(tree, {}, (tree.name,))
        except Unsolvable:
            return tree  # reported when the tree itself is solved
        found, solution = self._bound_to(named, tree, alone)
        self.notes += held_back(Companion(tree, alone), solution, named, self._before)
        return found

    def _bound_to(self, named: Rows, tree: TreeRequest, alone: TreeSolution) -> tuple[TreeRequest, TreeSolution]:
        """The request bound to as many ``named`` versions as possible, and its resolutions."""
        binding: set[str] = set()
        while True:
            found = self._with({project: named[project] for project in sorted(binding)}, tree) if binding else tree
            try:
                found, solution = self._final(found, alone)
            except Unsolvable as failure:
                clash = reason(failure, self._ground.catalogue).asked & binding
                named = {project: rows for project, rows in named.items() if project not in (clash or binding)}
                binding &= named.keys()
            else:
                more = differing(rows_of(solution.resolutions), named) - binding
                if not more:
                    return found, solution
                binding |= more

    def _final(self, bound: TreeRequest, alone: TreeSolution) -> tuple[TreeRequest, TreeSolution]:
        """The request and its resolutions, without pre-releases if it has none by itself.

        :raises Unsolvable: it has no such resolution
        """
        solution = self._solver.solution(bound, {}, (bound.name,))
        if _has_prereleases(solution) and not _has_prereleases(alone) and bound.prereleases is Prereleases.IF_NECESSARY:
            bound = replace(bound, prereleases=Prereleases.DISALLOW)
            solution = self._solver.solution(bound, {}, (bound.name,))
        return bound, solution

    def _with(self, rows: Mapping[str, Mapping[Version, int]], tree: TreeRequest) -> TreeRequest:
        bounds = [
            Declaration(Requirement(f"{project}==={version}" + (f" ; {marker}" if marker else "")), HELD_BACK)
            for project, versions in rows.items()
            for version, where in versions.items()
            for marker in [self._writer.marker(where)]
        ]
        return replace(tree, constraints=(*tree.constraints, *bounds))

    def _tell(self, joint: Joint, place: int, group: tuple[str, ...]) -> None:
        """Note what was held back in a joint resolution."""
        notes: dict[str, str] = {}
        for target, together in joint.held(group).items():
            for project, version in together.held.items():
                alone = together.alone.get(project)
                if alone is not None and version < alone and project not in notes:
                    why = joint.why_held(place, group, target, project)
                    notes[project] = told(project, version, alone, why)
        self.notes += (notes[project] for project in sorted(notes))

    def _tell_one_for_all(self, companion: Companion) -> None:
        """Note where a group, an extra or ``project.dependencies`` has another version because of lines elsewhere."""
        rows = rows_of(companion.solution.resolutions)
        for project, tables in _tables(companion.request).items():
            if len(tables) < 2 or project not in rows:
                continue
            version = max(rows[project])
            for table in tables:
                alone = self._newest_for(companion.request, project, table)
                lines = (one for one in companion.request.requirements if one.project == project)
                others = [one for one in lines if alone and one.origin.table != table and not one.admits(alone)]
                if alone is not None and others:
                    self.notes.append(one_for_all(project, version, table, alone, others))
                    break

    def _newest_for(self, tree: TreeRequest, project: str, table: Origin) -> Version | None:
        """The version of a project that a tree would have for the lines of one list; None if there is none."""
        lines = (
            one
            for one in tree.requirements
            if one.project != project or one.origin.table == table or one.origin.is_setting
        )
        request = replace(tree, requirements=tuple(lines))
        try:
            rows = rows_of(self._solver.solution(request, {}, ()).resolutions)
        except Unsolvable:
            return None
        return max(rows.get(project, ()), default=None)


def _order(tree: TreeRequest) -> tuple[bool, bool, tuple[str, ...], tuple[str, ...]]:
    """Companions before others, aliases last; among companions, those always installed first, then by group."""
    kind = (tuple(sorted(tree.groups)), tuple(sorted(tree.extras))) if tree.companion else ((), ())
    return (not tree.companion, tree.alias is not None, *kind)


def _has_prereleases(solution: TreeSolution) -> bool:
    return any(version.is_prerelease for rows in rows_of(solution.resolutions).values() for version in rows)


def _tables(tree: TreeRequest) -> dict[str, list[Origin]]:
    """By project: the lists that require it in a tree, ``project.dependencies`` first. Settings are not in a list."""
    found: dict[str, set[Origin]] = {}
    for one in tree.requirements:
        if not one.origin.is_setting:
            found.setdefault(one.project, set()).add(one.origin.table)
    return {
        project: sorted(found[project], key=lambda table: (not table.is_project_dependencies, str(table)))
        for project in sorted(found)
    }

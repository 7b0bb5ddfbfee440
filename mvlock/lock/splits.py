"""``isolate = "conflicts"``: which dependencies are one tree, and what the trees are called.

Dependencies that are always installed together can share a tree: those of ``project.dependencies`` the tree ``main``,
those of a group or an extra a tree of its name. A dependency that is split off keeps the name it would have in a tree
of its own; if several are split off together, their tree has the name of the first. Trees and aliases that
pyproject.toml names, and dependencies with settings of their own, stay as they are.

A locked split stays until a requirement that takes part in it changes, or a part of it is upgraded; and a
dependency stays in its tree if that does not increase the number of trees.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace
from packaging.version import Version

from mvlock.lock.locked_preferences import PreviousLock
from mvlock.lock.model import LockedConflict
from mvlock.project.model import TreeRequest
from mvlock.project.tree_names import RESERVED, tree_name
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.explain import explained, reason
from mvlock.resolver.joint_solve import JointSolve, JointVersions, Learned, Pins
from mvlock.resolver.partition import Conflict, Partition, partition
from mvlock.resolver.solve import Unsolvable
from mvlock.resolver.solve_input import tree_requirements

_JOINT = "main"
JointPins = dict[int, Pins]
"""By number of a target: versions at which dependencies, and all that they need, can share a tree."""

Solve = Callable[[TreeRequest, Mapping[int, Pins], tuple[str, ...]], object]
"""Solves a tree, trying some versions first, then those locked for some trees; or raises ``Unsolvable``."""


class SolveContext(msgspec.Struct, frozen=True):
    """What the search for a partition is based on."""

    catalogue: Catalogue
    previous: PreviousLock
    solve: Solve


class IsolatedTrees(msgspec.Struct, frozen=True):
    """The trees to lock, by name; for those that were split from a joint one, why; and notes for the user."""

    requests: tuple[TreeRequest, ...]
    conflicts: Mapping[str, tuple[LockedConflict, ...]]
    notes: tuple[str, ...]


def isolate_trees(requests: Iterable[TreeRequest], context: SolveContext) -> IsolatedTrees:
    """Join what can be joined.

    :raises UnmetRequest: a dependency has no resolution even in a tree of its own
    """
    found = [request for request in requests if not request.joinable]
    conflicts: dict[str, tuple[LockedConflict, ...]] = {}
    notes: list[str] = []
    for joint in _joinable_trees(requests, context):
        result = joint.partition()
        notes += joint.notes(result)
        for index, group in enumerate(result.trees):
            tree = joint.tree(index, group)
            found.append(tree)
            if index:
                conflicts[tree.name] = tuple(_locked(conflict) for conflict in result.conflicts_of(group))
    return IsolatedTrees(tuple(sorted(found, key=lambda tree: tree.name)), conflicts, tuple(notes))


def _joinable_trees(requests: Iterable[TreeRequest], context: SolveContext) -> Iterator[JoinableTrees]:
    """The dependencies that are installed together, kind by kind."""
    kinds: dict[tuple[bool, tuple[str, ...], tuple[str, ...]], list[TreeRequest]] = {}
    taken = set(RESERVED)
    for request in sorted(requests, key=lambda request: request.name):
        if request.joinable:
            kind = (not request.always, tuple(sorted(request.groups)), tuple(sorted(request.extras)))
            kinds.setdefault(kind, []).append(request)
        else:
            taken.add(request.name)
    names: dict[str, list[TreeRequest]] = {}
    for (_, groups, extras), members in sorted(kinds.items(), key=lambda item: item[0]):
        names[_unused_name(tree_name("-".join(dict.fromkeys([*groups, *extras])) or _JOINT), {*taken, *names})] = (
            members
        )
    for name, members in names.items():
        named = {str(request.requirements[0].project): request for request in members}
        yield JoinableTrees(name, named, {*taken, *names}, context)


def _unused_name(name: str, taken: Iterable[str]) -> str:
    """A name that is not taken; case is ignored, because some file systems ignore it."""
    if not name.isidentifier() or keyword.iskeyword(name):
        name = f"_{name}"
    used = {candidate.casefold() for candidate in taken}
    names = (name, *(f"{name}_{number}" for number in range(2, len(used) + 3)))
    return next(candidate for candidate in names if candidate.casefold() not in used)


def _locked(conflict: Conflict) -> LockedConflict:
    return LockedConflict(between=conflict.between, reason=conflict.reason, proven=conflict.proven)


def _pins(found: Mapping[int, JointVersions]) -> JointPins:
    return {target: joint_versions.pins for target, joint_versions in found.items()}


class JoinableTrees:
    """Dependencies of one kind, by the names of their projects. ``taken``: names of other trees.

    Without a name, each dependency keeps its own tree, and they are only solved together.
    """

    def __init__(
        self, name: str, requests: Mapping[str, TreeRequest], taken: Collection[str], context: SolveContext
    ) -> None:
        self._name = name
        self._requests = requests
        self._taken = taken
        self._context = context
        self._locked = context.previous.split_trees(name, self._requests)
        self._joint_versions: dict[tuple[str, ...], dict[int, JointVersions]] = {}
        self._learned = Learned()
        self._trees: dict[tuple[str, ...], tuple[str, ...]] = {}
        """By group: the trees whose locked versions it was solved with; it need not be again."""

    def partition(self) -> Partition:
        """Which dependencies are together."""
        before = {project: index for index, tree in enumerate(self._locked) for project in tree.projects}
        known = [
            Conflict(conflict.between, conflict.reason, conflict.proven)
            for tree in self._locked
            for conflict in tree.conflicts
            if all(self._is_unchanged(project) for project in conflict.between)
        ]
        return partition(self._requests, self._conflicts, known=known, before=before)

    def tree(self, index: int, group: Iterable[str]) -> TreeRequest:
        """The request of a tree; the joint one has place 0. Its constraints are those common to all of its parts."""
        parts = [self._requests[part] for part in sorted(group)]
        if not self._name and len(parts) == 1:
            return parts[0]
        requirements = {str(requirement): requirement for part in parts for requirement in part.requirements}
        first, *others = ({str(constraint): constraint for constraint in part.constraints} for part in parts)
        common = (constraint for text, constraint in first.items() if all(text in other for other in others))
        return replace(
            parts[0],
            name=self._tree_name(index, [part.name for part in parts]),
            requirements=tuple(requirements[text] for text in sorted(requirements)),
            constraints=tuple(common),
        )

    def notes(self, result: Partition) -> Iterator[str]:
        """One note per tree that was split off, and one for what was held back to avoid a split."""
        for index, group in enumerate(result.trees):
            name = self.tree(index, group).name
            held_back = [f"{project} to {version}" for project, version in sorted(self._held_back(group).items())]
            if held_back:
                yield f"tree {name}: held back to be in one tree with the others: {', '.join(held_back)}"
            if index:
                reasons = (conflict.reason for conflict in result.conflicts_of(group))
                members = f" ({', '.join(group)})" if len(group) > 1 else ""
                yield f"tree {name}{members} is separate from {self._name}: {'; and '.join(reasons)}"
        if not result.smallest:
            count = len(result.trees)
            yield f"{self._name}: fewer than {count} trees might be enough; the search for them was abandoned"

    def _held_back(self, group: tuple[str, ...]) -> Pins:
        """The versions to which a group was held back; if targets differ, those of the first one."""
        found: dict[str, Version] = {}
        for joint_versions in self.joint_versions(group).values():
            found = {**joint_versions.held_back, **found}
        return found

    def joint_versions(self, group: tuple[str, ...]) -> Mapping[int, JointVersions]:
        """The versions at which a solved group is compatible, target by target."""
        return self._joint_versions[group]

    def why_held_back(self, index: int, group: tuple[str, ...], target: int, project: str) -> str:
        """Why a project of a solved group is held back on a target."""
        versions = self._joint_versions[group][target]
        return self._joint_solve(index, group, target).why_held_back(group, versions, project)

    def joint_pins(self, group: tuple[str, ...]) -> JointPins:
        """The versions of everything at which a group was found to be compatible, target by target."""
        return _pins(self._joint_versions[group])

    def trees_of(self, index: int, group: Iterable[str]) -> tuple[str, ...]:
        """The trees that are solved as one."""
        if self._name:
            return (self.tree(index, group).name,)
        return tuple(self._requests[project].name for project in sorted(group))

    def _tree_name(self, index: int, own: list[str]) -> str:
        if not index or not self._name:
            return self._name or ", ".join(own)
        before = self._locked[index].name if index < len(self._locked) else ""
        return _unused_name(before if before in own else own[0], self._taken)

    def _is_unchanged(self, project: str) -> bool:
        """Whether a dependency has the same requirements as when the lock was made."""
        request = self._requests.get(project)
        texts = set(map(str, request.requirements)) if request else set()
        return texts == self._context.previous.direct_requirements(project)

    def _conflicts(self, index: int, group: tuple[str, ...]) -> tuple[Conflict, ...]:
        """Why a group cannot be a tree; nothing if it can."""
        trees = self.trees_of(index, group)
        if self._trees.get(group) == trees:
            return ()
        tree = self.tree(index, group)
        found: dict[int, JointVersions] = {}
        for target in self._target_per_python() if len(group) > 1 else ():
            conflicts = self._solve_on_target(index, group, target, found)
            if conflicts:
                return conflicts
        while True:
            try:
                self._context.solve(tree, _pins(found), trees)
            except Unsolvable as failure:
                target = failure.solve_input.target
                if len(group) == 1:
                    raise explained(tree.name, failure, self._context.catalogue) from failure
                if target in found:
                    return (self._final_conflict(group, failure),)
                conflicts = self._solve_on_target(index, group, target, found)
                if conflicts:
                    return conflicts
            else:
                self._joint_versions[group], self._trees[group] = found, trees
                return ()

    def _target_per_python(self) -> Iterable[int]:
        """One target of each Python: what has no conflict on them is unlikely to have one elsewhere."""
        matrix = self._context.catalogue.matrix
        firsts: dict[str, int] = {}
        for number in matrix.representatives:
            firsts.setdefault(matrix.targets[number].environment["python_version"], number)
        return firsts.values()

    def _solve_on_target(
        self, index: int, group: tuple[str, ...], target: int, found: dict[int, JointVersions]
    ) -> tuple[Conflict, ...]:
        """Record in ``found`` where a group can be solved on a target; or return the conflicts there."""
        try:
            result = self._joint_solve(index, group, target).solve(group)
        except Unsolvable:  # one of them has no file for this target; a later solve may ignore wheel tags
            result = JointVersions({}, {}, {})
        if isinstance(result, tuple):
            return result
        found[target] = result
        return ()

    def _joint_solve(self, index: int, group: tuple[str, ...], target: int) -> JointSolve:
        trees = self.trees_of(index, group)
        preferences = self._context.previous.preferences(trees, self._context.catalogue.matrix)
        return JointSolve(
            self._context.catalogue,
            lambda names: tree_requirements(self.tree(index, names)),
            preferences,
            target,
            final=not self._name,
            learned=Learned() if preferences.locked else self._learned,  # what is locked depends on the group's trees
        )

    def _final_conflict(self, group: tuple[str, ...], failure: Unsolvable) -> Conflict:
        """The conflict of those whose requirements lead to it; of the whole group, if that is not known."""
        why = reason(failure, self._context.catalogue)
        named = why.named_among({name: self._requests[name].projects for name in group})
        return Conflict(named if len(named) > 1 else group, why.text, failure.is_proven)

"""Which trees are one environment at run time, and which others each environment agrees with, by content.

Trees that agree on every project that both have could be one virtual environment, so they are: a *world*. A tree that
disagrees with some begins a world of its own, and so does an alias, which exists for the sake of another version, and
whatever the settings keep apart.

Agreement is not transitive: a tree without NumPy agrees with those of either version. So each tree in turn joins the
first world it agrees with, starting with the trees that disagree with the fewest others. Most trees are then in the
first world, and the exceptions are outside.

A world finds projects that it lacks through its *peers*: direct dependencies of the application, in other worlds, if
the world agrees with the tree that has them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

import msgspec
from packaging.utils import canonicalize_name

from mvlock.lock.model import LockedTree
from mvlock.project.model import Project, ShareMode, Sharing

_Identity = TypeVar("_Identity", bound=Hashable)
Identities = Mapping[str, _Identity]
"""The distributions of a tree: by project, what identifies each."""


class RuntimeSettings(msgspec.Struct, frozen=True):
    """How a tree relates to others at run time. ``alias``: the application imports its module under another name.

    ``requested``: the direct dependencies that the application finds here. ``peers``: whether its code finds what it
    does not require, in the rest of its world and among the direct dependencies of the application.
    """

    sharing: Sharing = msgspec.field(default_factory=Sharing)
    peers: bool = True
    alias: bool = False
    requested: frozenset[str] = frozenset()

    def is_separate(self, projects: Iterable[str]) -> bool:
        """Whether a tree of these projects is a world by itself, whatever others contain."""
        never = any(canonicalize_name(name) in self.sharing.never for name in projects)
        return not self.peers or self.alias or never or self.sharing.mode is ShareMode.NONE


def runtime_settings_of(name: str, locked: LockedTree | None, project: Project | None) -> RuntimeSettings:
    """How a tree behaves at run time, from its lock and the settings; without a project, with default settings."""
    request = next((one for one in project.trees if one.name == name), None) if project is not None else None
    settings = request or project
    return RuntimeSettings(
        sharing=settings.share if settings is not None else Sharing(),
        peers=settings is None or settings.peers,
        alias=locked is not None and locked.alias is not None,
        requested=frozenset(locked.requested) if locked is not None else frozenset(),
    )


class WorldGrouping(Generic[_Identity]):
    """The worlds of some trees. ``worlds``: the trees of each, sorted; ordered by first tree; each tree is in one."""

    def __init__(
        self, identities: Mapping[str, Identities[_Identity]], settings_by_tree: Mapping[str, RuntimeSettings]
    ) -> None:
        self._identities = dict(sorted(identities.items()))
        self._settings_by_tree = {name: settings_by_tree.get(name, RuntimeSettings()) for name in self._identities}
        self.worlds = tuple(sorted(self._worlds()))
        self.number = {name: number for number, names in enumerate(self.worlds) for name in names}
        """By tree: the number of its world."""
        self.agreeing = tuple(map(self._agreeing, range(len(self.worlds))))
        """By world: the trees outside with which it agrees; none if it has no peers."""
        self.peers = tuple(dict(self._peers_of(number)) for number in range(len(self.worlds)))
        """By world: the direct dependencies of the application that it lacks and finds, with the trees they are in."""

    def members(self, number: int) -> dict[str, _Identity]:
        """The distributions of a world: by project, what identifies each."""
        return {project: one for name in self.worlds[number] for project, one in self._identities[name].items()}

    def settings(self, number: int) -> RuntimeSettings:
        """The settings of a world's first tree: all trees of a world have the same peers."""
        return self._settings_by_tree[self.worlds[number][0]]

    def finds(self, tree: str, project: str) -> bool:
        """Whether code of a tree finds a project, required or not."""
        number = self.number[tree]
        return project in self.peers[number] or project in self.members(number)

    def differing_projects(self, number: int, tree: str) -> tuple[str, ...]:
        """The projects of which a world and a tree have different distributions, sorted."""
        own, members = self._identities[tree], self.members(number)
        return tuple(sorted(project for project in own if members.get(project, own[project]) != own[project]))

    def _worlds(self) -> Iterator[tuple[str, ...]]:
        settings = self._settings_by_tree
        separate = [name for name, own in self._identities.items() if settings[name].is_separate(own)]
        joining = {name: own for name, own in self._identities.items() if name not in separate}
        yield from ((name,) for name in separate)
        yield from (tuple(sorted(group)) for group in _grouped(_in_which_trees_differ(joining)))

    def _agreeing(self, number: int) -> tuple[str, ...]:
        members, own = self.members(number), self.worlds[number]
        trees = self._identities.items() if self.settings(number).peers else ()
        return tuple(name for name, identities in trees if name not in own and agree(identities, members))

    def _peers_of(self, number: int) -> Iterator[tuple[str, str]]:
        members = self.members(number)
        for tree in self.agreeing[number]:
            settings = self._settings_by_tree[tree]
            lacking = self._identities[tree].keys() - members.keys()
            wanted = () if settings.alias else sorted(settings.requested & lacking)
            yield from ((project, tree) for project in wanted)


def agree(identities: Identities[_Identity], others: Identities[_Identity]) -> bool:
    """Whether both have the same distribution of every project that both have."""
    return all(others.get(project, identity) == identity for project, identity in identities.items())


def _grouped(identities: Mapping[str, Identities[_Identity]]) -> list[list[str]]:
    groups: list[tuple[dict[str, _Identity], list[str]]] = []
    for name in sorted(identities, key=lambda name: (_disagreements(identities[name], identities.values()), name)):
        fitting = (group for group in groups if agree(identities[name], group[0]))
        known, names = next(fitting, ({}, []))
        if not names:
            groups.append((known, names))
        known.update(identities[name])
        names.append(name)
    return [names for _, names in groups]


def _in_which_trees_differ(trees: Mapping[str, Identities[_Identity]]) -> dict[str, Identities[_Identity]]:
    """By tree: what it has of the projects in which trees differ."""
    by_project: dict[str, set[_Identity]] = defaultdict(set)
    for identities in trees.values():
        for project, identity in identities.items():
            by_project[project].add(identity)
    differing = {project for project, found in by_project.items() if len(found) > 1}
    return {name: {one: identities[one] for one in differing & identities.keys()} for name, identities in trees.items()}


def _disagreements(identities: Identities[_Identity], others: Iterable[Identities[_Identity]]) -> int:
    return sum(not agree(identities, other) for other in others)

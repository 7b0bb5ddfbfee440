"""Which trees are one environment at run time, and what else each may use, according to the lock alone.

Decided in the same way as by an install (``lock.agreeing_trees``), for the interpreter that an install here would
use, and for the installed trees; before an install, for all trees of the lock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress

import msgspec
from packaging.markers import default_environment
from packaging.utils import canonicalize_name

from mvlock.commands.amounts import listed
from mvlock.commands.console import Part
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context
from mvlock.errors import MvlockError
from mvlock.importmap.file import installed_map
from mvlock.lock.agreeing_trees import RuntimeSettings, WorldGrouping, runtime_settings_of
from mvlock.lock.model import Lock, LockedTree
from mvlock.operations.interpreters import interpreter_of
from mvlock.project.model import Project

_MAX_TREES = 8


class VersionMismatch(msgspec.Struct, frozen=True):
    """A project that a world has in the version ``here`` and another tree in the version ``there``."""

    project: str
    here: str
    there: str

    def __str__(self) -> str:
        return f"{self.project} {self.here} here, {self.there} there"


class WorldReport:
    """The worlds of a lock's trees, with the settings of each tree at run time.

    ``versions``: what each tree has in an ``environment`` (PEP 508), by project.
    """

    def __init__(
        self,
        versions: Mapping[str, Mapping[str, str]],
        settings_by_tree: Mapping[str, RuntimeSettings],
        environment: Mapping[str, str],
    ) -> None:
        self.grouping = WorldGrouping(versions, settings_by_tree)
        self.versions = versions
        self.environment = environment
        self._settings_by_tree = settings_by_tree

    @property
    def largest(self) -> int:
        """The number of the largest world, to which others are compared; preferably one that no setting keeps apart."""
        worlds = self.grouping.worlds
        return max(range(len(worlds)), key=lambda number: (not self.reason(number), len(worlds[number]), -number))

    @property
    def ordered(self) -> list[int]:
        """The numbers of the worlds, the largest first."""
        return sorted(range(len(self.grouping.worlds)), key=lambda number: (number != self.largest, number))

    def usable(self, number: int) -> dict[str, str]:
        """What a world lacks and may use from the application: projects with their trees."""
        return dict(sorted(self.grouping.peers[number].items()))

    def reason(self, number: int) -> str:
        """Why a single tree is a world by itself, whatever it contains; "" if no setting requires that."""
        name = self.grouping.worlds[number][0]
        settings = self._settings_by_tree.get(name, RuntimeSettings())
        if not settings.peers:
            return "peers = false"
        if settings.alias:
            return "an alias"
        never = sorted(
            project for project in self.versions[name] if canonicalize_name(project) in settings.sharing.never
        )
        if never:
            return f"share never: {listed(never)}"
        return 'share = "none"' if settings.is_separate(()) else ""

    def mismatches(self, number: int, trees: Iterable[str]) -> tuple[VersionMismatch, ...]:
        """The projects that a world and some trees have in different versions."""
        members, found = self.grouping.members(number), dict[str, VersionMismatch]()
        for tree in trees:
            for project in self.grouping.differing_projects(number, tree):
                found.setdefault(project, VersionMismatch(project, members[project], self.versions[tree][project]))
        return tuple(found[project] for project in sorted(found))

    def unusable(self, number: int) -> dict[str, tuple[VersionMismatch, ...]]:
        """The trees that a world with peers may not use, with the projects on which they do not agree."""
        grouping = self.grouping
        others = [tree for tree in grouping.number if tree not in grouping.worlds[number]]
        candidates = [tree for tree in others if grouping.settings(number).peers and not self._is_alias(tree)]
        return {tree: found for tree in candidates if (found := self.mismatches(number, [tree]))}

    def users(self, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """By version of a project: the trees that may use it and do not have it."""
        for number, trees in enumerate(self.grouping.worlds):
            version = self.grouping.members(number).get(name)
            if version is not None:
                without = {tree for tree in trees if name not in self.versions[tree]}
                yield version, tuple(sorted(without | self._peer_users(name, trees)))

    def _peer_users(self, name: str, trees: Collection[str]) -> set[str]:
        """The trees of other worlds that find a project in one of ``trees``."""
        grouping = self.grouping
        numbers = [number for number, peers in enumerate(grouping.peers) if peers.get(name) in trees]
        return {tree for number in numbers for tree in grouping.worlds[number]}

    def _is_alias(self, tree: str) -> bool:
        return self._settings_by_tree.get(tree, RuntimeSettings()).alias


def world_report(lock: Lock, python: str | None, context: Context, *, installed: bool = True) -> WorldReport:
    """The worlds of a lock's trees on this machine; ``installed``: of those that are installed, if any is."""
    project = None
    with suppress(MvlockError):
        project = open_project(context.options).project
    trees = _installed_trees(lock, project) if installed else lock.trees
    environment = _environment(project, python, context)
    versions = {tree.name: _versions(tree, environment) for tree in trees}
    settings = {tree.name: runtime_settings_of(tree.name, tree, project) for tree in trees}
    return WorldReport(versions, settings, environment)


def world_lines(found: WorldReport, shown: Collection[str], *, verbose: bool) -> Iterator[tuple[Part, ...]]:
    """The worlds with a tree among ``shown``, the largest first; nothing if there is only one tree.

    Of the trees of a world, the first are named, those among ``shown`` before others; if ``verbose``, all.
    """
    worlds = found.grouping.worlds
    if len(found.grouping.number) < 2:
        return
    for number in found.ordered:
        if not set(shown).isdisjoint(worlds[number]):
            yield from _lines_of_world(found, number, named_first(worlds[number], shown, verbose=verbose))


def world_facts(found: WorldReport, shown: Collection[str]) -> list[dict[str, object]]:
    """The same for programs."""
    return [
        {
            "trees": trees,
            "alone": found.reason(number) or None,
            "peers": [{"project": project, "tree": tree} for project, tree in found.usable(number).items()],
            "disagrees": [
                {
                    "tree": tree,
                    "projects": [
                        {"name": mismatch.project, "here": mismatch.here, "there": mismatch.there}
                        for mismatch in mismatches
                    ],
                }
                for tree, mismatches in found.unusable(number).items()
            ],
        }
        for number, trees in enumerate(found.grouping.worlds)
        if not set(shown).isdisjoint(trees)
    ]


def named_first(trees: Collection[str], shown: Collection[str] = (), *, verbose: bool) -> str:
    """Some trees in a line, those among ``shown`` first: all if ``verbose`` or if they are few."""
    ordered = sorted(trees, key=lambda tree: (tree not in shown, tree))
    return ", ".join(ordered) if verbose or len(ordered) <= _MAX_TREES else listed(ordered)


def _lines_of_world(found: WorldReport, number: int, trees: str) -> Iterator[tuple[Part, ...]]:
    yield (trees, "bold"), f": {world_text(found, number)}"
    reason = found.reason(number)
    usable = dict.fromkeys(found.usable(number).values())
    if usable:
        yield ("    may use ", "dim"), ", ".join(usable)
    for tree, mismatches in found.unusable(number).items() if reason and found.grouping.settings(number).peers else ():
        yield ("    cannot use ", "dim"), f"{tree}: {_mismatch_text(mismatches)}"


def world_text(found: WorldReport, number: int) -> str:
    """What a world is, and why it is not part of the largest."""
    reason = found.reason(number)
    if reason:
        return f"separate ({reason})"
    if number == found.largest:
        return "the main environment"
    several = "another environment, " if len(found.grouping.worlds[number]) > 1 else ""
    return several + _separation(found, number)


def _separation(found: WorldReport, number: int) -> str:
    largest = found.grouping.worlds[found.largest]
    mismatches = found.mismatches(number, largest)
    reason = f" ({_mismatch_text(mismatches)})" if mismatches else ""
    return f"separate from {listed(list(largest))}{reason}"


def _mismatch_text(mismatches: Collection[VersionMismatch]) -> str:
    return listed(list(map(str, mismatches)), separator="; ")


def _installed_trees(lock: Lock, project: Project | None) -> list[LockedTree]:
    """The installed trees; all trees if none is installed."""
    installed = installed_map(project.root / project.app) if project is not None else None
    present = [tree for tree in lock.trees if installed is not None and tree.name in installed.trees]
    return present or list(lock.trees)


def _environment(project: Project | None, python: str | None, context: Context) -> dict[str, str]:
    if project is not None:
        with suppress(MvlockError):
            return dict(interpreter_of(project, python, context.machine).environment)
    return {key: str(value) for key, value in default_environment().items()}


def _versions(tree: LockedTree, environment: Mapping[str, str]) -> dict[str, str]:
    return {member.name: member.version for member in tree.packages if member.is_for(environment)}

"""Which tree holds which version on a target, and how many distributions there are, kept up to date move by move."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property

from packaging.version import Version

from mvlock.resolver.need import Key, Need
from mvlock.resolver.solve import Member, Resolution

Pin = tuple[str, Version]


class IndexedTree:
    """A resolution whose members are found by project."""

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self.pins: Mapping[str, Version] = dict(member.pin for member in resolution.members)

    @cached_property
    def needs(self) -> Mapping[str, list[Need]]:
        """By project: what the members require of it."""
        found = defaultdict(list)
        for member in self.resolution.members:
            for one in member.needs:
                found[str(one.name)].append(one)
        return found

    @cached_property
    def required(self) -> set[Key]:
        """The projects and extras that members require."""
        return {key for member in self.resolution.members for key in member.dependencies}

    def below(self, project: str) -> set[str]:
        """The projects that a project needs, directly or not."""
        return reachable(self.members, (name for name, _ in self.members[project].dependencies))

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """The members by project."""
        return {member.release.project: member for member in self.resolution.members}


def reachable(members: Mapping[str, Member], projects: Iterable[str]) -> set[str]:
    """Some projects, and those that they need, directly or not."""
    found: set[str] = set()
    waiting = list(projects)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += (dependency for dependency, _ in members[name].dependencies)
    return found


class Holders:
    """The trees on one target, by name. ``elsewhere``: what trees hold on other targets."""

    def __init__(self, trees: Mapping[str, IndexedTree], elsewhere: Collection[Pin]) -> None:
        self.trees = dict(trees)
        self._elsewhere = elsewhere
        self._holders: defaultdict[str, defaultdict[Version, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.moves = 0
        """How many there have been."""
        self._changed: dict[tuple[str, str], int] = {}
        for name, tree in trees.items():
            for project, version in tree.pins.items():
                self._holders[project][version].add(name)

    def with_several_versions(self) -> list[str]:
        """The projects of which there are several versions."""
        return sorted(project for project, versions in self._holders.items() if len(versions) > 1)

    def of(self, project: str) -> dict[Version, list[str]]:
        """By version of a project, oldest first: the trees that hold it."""
        versions = self._holders[project]
        return {version: sorted(versions[version]) for version in sorted(versions)}

    def holding(self, project: str, version: Version) -> AbstractSet[str]:
        """The trees that hold a version."""
        return self._holders[project].get(version, frozenset())

    def difference(self, name: str, tree: IndexedTree) -> Counter[Pin]:
        """By pin: how many more trees hold it after a tree has changed."""
        before, after = self.trees[name].pins.items(), tree.pins.items()
        found = Counter(after - before)
        found.subtract(before - after)
        return found

    def best_case(self, project: str, names: Collection[str]) -> dict[Pin, int]:
        """The most that a move of ``project`` in some trees can save: what only they hold of it and of its needs."""
        moving = set(names)
        pins = {(one, tree.pins[one]) for tree in map(self.trees.__getitem__, names) for one in tree.below(project)}
        pins |= {(project, self.trees[name].pins[project]) for name in names}
        return {pin: -len(holding) for pin in pins if (holding := self.holding(*pin)) <= moving}

    def saves(self, difference: Mapping[Pin, int]) -> bool:
        """Whether fewer distributions remain in the whole lock after that, or as many there and fewer here."""
        whole = here = 0
        for (project, version), more in difference.items():
            now = len(self.holding(project, version))
            change = bool(now + more) - bool(now)
            here += change
            whole += change if (project, version) not in self._elsewhere else 0
        return (whole, here) < (0, 0)

    def change(self, changes: Mapping[str, IndexedTree]) -> None:
        """Replace some trees."""
        self.moves += 1
        for name, tree in changes.items():
            before, after = self.trees[name].pins.items(), tree.pins.items()
            for project, version in before - after:
                self._forget(project, version, name)
            for project, version in after - before:
                self._holders[project][version].add(name)
                self._changed["project", project] = self.moves
            self.trees[name] = tree
            self._changed["tree", name] = self.moves

    def is_unchanged(self, since: int, project: str, projects: Iterable[str]) -> bool:
        """Whether no tree that holds ``project`` has changed, nor who holds ``projects``."""
        stamps = self._stamps(project, projects)
        return all(self._changed.get(key, 0) <= since for key in stamps)

    def _stamps(self, project: str, projects: Iterable[str]) -> Iterator[tuple[str, str]]:
        yield "project", project
        yield from (("project", one) for one in projects)
        yield from (("tree", name) for names in self._holders[project].values() for name in names)

    def _forget(self, project: str, version: Version, name: str) -> None:
        versions = self._holders[project]
        versions[version].discard(name)
        if not versions[version]:
            del versions[version]
        self._changed["project", project] = self.moves

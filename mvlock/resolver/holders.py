"""Which tree holds which version on a target, and how many distributions there are, kept up to date move by move."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from packaging.version import Version

from mvlock.resolver.need import Key, Need
from mvlock.resolver.solve import Resolution

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
        found: set[str] = set()
        queue = [project]
        while queue:
            fresh = {name for name, _ in self._dependencies.get(queue.pop(), ()) if name not in found}
            found |= fresh
            queue += fresh
        return found

    @cached_property
    def _dependencies(self) -> Mapping[str, tuple[Key, ...]]:
        return {member.release.project: member.dependencies for member in self.resolution.members}


class Holders:
    """The trees on one target, by name. ``elsewhere``: what trees hold on other targets."""

    def __init__(self, trees: Mapping[str, IndexedTree], elsewhere: Collection[Pin]) -> None:
        self.trees = dict(trees)
        self._elsewhere = elsewhere
        self._holders: defaultdict[str, defaultdict[Version, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._moves = 0
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

    def holding(self, project: str, version: Version) -> Collection[str]:
        """The trees that hold a version."""
        return self._holders[project].get(version, ())

    def difference(self, changes: Mapping[str, IndexedTree]) -> Counter[Pin]:
        """By pin: how many more trees hold it after some trees have changed."""
        found = Counter[Pin]()
        for name, tree in changes.items():
            before, after = self.trees[name].pins.items(), tree.pins.items()
            found.update(after - before)
            found.subtract(before - after)
        return found

    def best_case(self, project: str, names: Collection[str]) -> dict[Pin, int]:
        """The most that a move of ``project`` in some trees can save: what only they hold of it and of its needs."""
        found: dict[Pin, int] = {}
        for tree in map(self.trees.__getitem__, names):
            for pin in ((one, tree.pins[one]) for one in {project, *tree.below(project)} if one in tree.pins):
                holding = self.holding(*pin)
                if len(holding) <= len(names) and set(holding) <= set(names):
                    found[pin] = -len(holding)
        return found

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
        self._moves += 1
        for name, tree in changes.items():
            before, after = self.trees[name].pins.items(), tree.pins.items()
            for project, version in before - after:
                self._forget(project, version, name)
            for project, version in after - before:
                self._holders[project][version].add(name)
                self._changed["project", project] = self._moves
            self.trees[name] = tree
            self._changed["tree", name] = self._moves

    @property
    def now(self) -> int:
        """The number of moves so far."""
        return self._moves

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
        self._changed["project", project] = self._moves

"""What is kept from the previous lock: preferences per tree, and answers that cannot have changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec
from packaging.version import Version

from mvlock.lock.model import Lock, LockedConflict, LockedTree
from mvlock.lock.preferred import PreferredVersion
from mvlock.resolver.preference import Preferences
from mvlock.resolver.release import Release
from mvlock.resolver.target_set import TargetMatrix


class SplitTree(msgspec.Struct, frozen=True):
    """A locked tree of dependencies that pyproject.toml assigns to no tree, and the conflicts that keep it apart."""

    name: str
    projects: tuple[str, ...]
    conflicts: tuple[LockedConflict, ...]


class PreviousLock(msgspec.Struct, frozen=True):
    """A lock, without what is to be upgraded. Without any, ``lock`` is None and ``preferred`` counts."""

    lock: Lock | None
    upgrade: bool = False
    packages: frozenset[str] = frozenset()
    trees: frozenset[str] = frozenset()
    preferred: tuple[PreferredVersion, ...] = ()

    def preferences(self, trees: Iterable[str], matrix: TargetMatrix) -> Preferences:
        """The versions to keep in some trees that are solved together, with the targets they are locked for."""
        found: dict[str, dict[Version, int]] = {}
        for project, version, target_bits in self._kept(trees, matrix):
            rows = found.setdefault(project, {})
            rows[version] = rows.get(version, 0) | target_bits
        return Preferences({project: tuple(sorted(rows.items(), reverse=True)) for project, rows in found.items()})

    def split_trees(self, joint: str, projects: Collection[str]) -> list[SplitTree]:
        """How some projects were divided among trees by ``isolate = "conflicts"``: the joint tree comes first."""
        trees = self.lock.trees if self.lock is not None and not self.upgrade else ()
        return [
            SplitTree(tree.name, own, tuple(conflict for conflict in tree.conflicts if self._stays(tree, conflict)))
            for tree in sorted(trees, key=lambda tree: (tree.name != joint, tree.name))
            if (tree.conflicts or tree.name == joint)
            and (own := tuple(sorted(tree.direct_requirements.keys() & projects)))
        ]

    def direct_requirements(self, project: str) -> set[str]:
        """The lock's direct requirements on a project, under its own name."""
        trees = self.lock.trees if self.lock is not None else ()
        return {
            str(requirement)
            for tree in trees
            if tree.alias is None
            for requirement in tree.direct_requirements.get(project, ())
        }

    def newest_versions(self) -> dict[str, Version]:
        """The newest locked version, in any tree, of every project that may stay."""
        if self.upgrade:
            return {}
        if self.lock is None:
            return _newest((one.project, one.version) for one in self.preferred)
        members = (member for tree in self.lock.trees if tree.name not in self.trees for member in tree.packages)
        return _newest((member.name, member.release) for member in members if member.name not in self.packages)

    def files(self) -> frozenset[str]:
        """The names of the locked files of every project that may stay."""
        names = self.newest_versions()
        packages = self.lock.packages if self.lock is not None else ()
        return frozenset(
            file.name
            for package in packages
            if package.name in names
            for file in (*package.wheels, *filter(None, [package.sdist]))
        )

    def import_names(self, tree: str, releases: tuple[Release, ...]) -> tuple[str, ...] | None:
        """What the lock says a tree exposes, if the tree directly required exactly these ``releases`` of an index.

        An empty answer is looked up again: that costs little, and a merged lock may have lost the names.
        """
        locked = self._tree(tree)
        if self.lock is None or locked is None or locked.alias is not None or not locked.imports:
            return None
        requested = locked.requested
        locked_pins = {(member.name, member.version) for member in locked.packages if member.name in requested}
        same = {(release.project, str(release.version)) for release in releases} == locked_pins
        return locked.imports if same and all(map(self._is_locked, releases)) else None

    def _stays(self, tree: LockedTree, conflict: LockedConflict) -> bool:
        return tree.name not in self.trees and self.packages.isdisjoint(conflict.between)

    def _is_locked(self, release: Release) -> bool:
        """Whether the lock holds the same file from which a release's metadata is read."""
        file = release.metadata_wheel() or release.sdist
        if release.source is not None or file is None or self.lock is None:
            return False
        pin = (release.project, str(release.version), release.index)
        packages = [package for package in self.lock.packages if (package.name, package.version, package.index) == pin]
        files = [known for package in packages for known in (*package.wheels, *filter(None, [package.sdist]))]
        return any(known.name == file.filename and known.hashes.items() <= file.hashes.items() for known in files)

    def _tree(self, name: str) -> LockedTree | None:
        trees = self.lock.trees if self.lock else ()
        return next((tree for tree in trees if tree.name == name), None)

    def _kept(self, trees: Iterable[str], matrix: TargetMatrix) -> Iterator[tuple[str, Version, int]]:
        """The pins to keep in some trees, each with its targets."""
        if self.upgrade:
            return
        if self.lock is None:
            for one in self.preferred:
                if one.project not in self.packages:
                    where = matrix.where_marker(str(one.marker)) if one.marker else matrix.everywhere
                    yield one.project, one.version, where
        for name in trees:
            locked = self._tree(name)
            if locked is not None and name not in self.trees:
                yield from self._pins(locked, matrix)

    def _pins(self, tree: LockedTree, matrix: TargetMatrix) -> Iterator[tuple[str, Version, int]]:
        for member in tree.packages:
            if member.name not in self.packages:
                target_bits = matrix.where_marker(member.condition) if member.condition else matrix.everywhere
                yield member.name, member.release, target_bits


def _newest(pins: Iterable[tuple[str, Version]]) -> dict[str, Version]:
    newest: dict[str, Version] = {}
    for name, version in pins:
        newest[name] = max(version, newest.get(name, version))
    return newest

"""What of the previous lock shall stay: preferences per tree, and answers that cannot have changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.markers import Marker
from packaging.version import Version

from mvlock.lock.model import Lock, LockedTree
from mvlock.resolver.grid import Grid
from mvlock.resolver.preference import Pins, Preferences


@dataclass(frozen=True, slots=True)
class Previous:
    """A lock, less what shall be upgraded. ``lock`` is None if there is none."""

    lock: Lock | None
    upgrade: bool = False
    packages: frozenset[str] = frozenset()
    trees: frozenset[str] = frozenset()

    def preferences(self, tree: str, grid: Grid) -> Preferences:
        """The versions to keep in a tree, with the targets they are locked for."""
        locked = self._tree(tree)
        if locked is None or self.upgrade or tree in self.trees:
            return Preferences()
        return Preferences(self._pins(locked, grid))

    def likely(self) -> dict[str, Version]:
        """The newest locked version of every project that may stay, whatever the tree."""
        if self.lock is None or self.upgrade:
            return {}
        members = (m for t in self.lock.trees if t.name not in self.trees for m in t.packages)
        return _newest((m.name, Version(m.version)) for m in members if m.name not in self.packages)

    def import_names(self, tree: str, pins: Iterable[tuple[str, str]]) -> tuple[str, ...] | None:
        """What the lock says a tree exposes, if all of ``pins`` are from an index and in the tree already."""
        locked = self._tree(tree)
        if self.lock is None or locked is None or locked.alias is not None:
            return None
        there = {(member.name, member.version) for member in locked.packages}
        from_index = {(p.name, p.version) for p in self.lock.packages if p.index is not None}
        same = set(pins) == {pin for pin in there & from_index if pin[0] in {name for name, _ in pins}}
        return locked.imports if same else None

    def _tree(self, name: str) -> LockedTree | None:
        trees = self.lock.trees if self.lock else ()
        return next((tree for tree in trees if tree.name == name), None)

    def _pins(self, tree: LockedTree, grid: Grid) -> Pins:
        pins: dict[str, tuple[tuple[Version, int], ...]] = {}
        for member in tree.packages:
            if member.name not in self.packages:
                where = grid.where_marker(str(Marker(member.marker))) if member.marker else grid.everywhere
                pins[member.name] = (*pins.get(member.name, ()), (Version(member.version), where))
        return pins


def _newest(pins: Iterable[tuple[str, Version]]) -> dict[str, Version]:
    newest: dict[str, Version] = {}
    for name, version in pins:
        newest[name] = max(version, newest.get(name, version))
    return newest

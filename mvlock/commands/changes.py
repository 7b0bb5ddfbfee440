"""The differences between two locks, tree by tree, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from packaging.version import Version

from mvlock.commands.console import Part
from mvlock.lock.model import Lock, LockedTree


class VersionChange(msgspec.Struct, frozen=True):
    """One project in a tree; ``old`` is "" if it is added, ``new`` if it is removed.

    Different versions for different environments are joined by `` | ``.
    """

    name: str
    old: str
    new: str

    @property
    def sign(self) -> str:
        """``+`` added, ``-`` removed, ``~`` changed."""
        return "+" if not self.old else "-" if not self.new else "~"

    @property
    def versions(self) -> str:
        """``2.0``, or ``1.0 -> 2.0``."""
        return f"{self.old} -> {self.new}" if self.sign == "~" else self.new or self.old


class TreeChange(msgspec.Struct, frozen=True):
    """One tree: ``sign`` as in ``VersionChange``, and every project that differs, by name."""

    name: str
    sign: str
    packages: tuple[VersionChange, ...]


def lock_changes(old: Lock | None, new: Lock) -> tuple[TreeChange, ...]:
    """The trees whose content differs, by name."""
    before = {tree.name: tree for tree in old.trees} if old is not None else {}
    after = {tree.name: tree for tree in new.trees}
    changed = []
    for name in sorted({*before, *after}):
        sign = "-" if name not in after else "+" if name not in before else "~"
        packages = tuple(_packages(before.get(name), after.get(name)))
        if packages or sign != "~":
            changed.append(TreeChange(name, sign, packages))
    return tuple(changed)


def _packages(old: LockedTree | None, new: LockedTree | None) -> Iterator[VersionChange]:
    before, after = _versions(old), _versions(new)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield VersionChange(name, before.get(name, ""), after.get(name, ""))


def _versions(tree: LockedTree | None) -> dict[str, str]:
    versions_of: dict[str, list[str]] = {}
    for package in tree.packages if tree is not None else ():
        versions_of.setdefault(package.name, []).append(package.version)
    return {name: " | ".join(sorted(set(versions), key=Version)) for name, versions in versions_of.items()}


_STYLES = {"+": "green", "-": "red", "~": "yellow"}


def change_lines(changes: tuple[TreeChange, ...]) -> Iterator[tuple[Part, ...]]:
    """Lines for people: a tree, then what changed in it, names and versions in columns."""
    width = max((len(package.name) for tree in changes for package in tree.packages), default=0)
    for tree in changes:
        yield ((f"{tree.sign} {tree.name}", f"bold {_STYLES[tree.sign]}"),)
        for package in tree.packages:
            text = f"    {package.sign} {package.name:<{width}}  {package.versions}"
            yield ((text, _STYLES[package.sign]),)


def change_facts(changes: tuple[TreeChange, ...]) -> list[dict[str, object]]:
    """The same as JSON-serialisable values."""
    kinds = {"+": "added", "-": "removed", "~": "changed"}
    return [
        {
            "tree": tree.name,
            "change": kinds[tree.sign],
            "packages": [
                {
                    "name": package.name,
                    "change": kinds[package.sign],
                    "old": package.old or None,
                    "new": package.new or None,
                }
                for package in tree.packages
            ],
        }
        for tree in changes
    ]

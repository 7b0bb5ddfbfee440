"""The differences between two locks, tree by tree, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from packaging.version import Version

from mvlock.commands.console import Part
from mvlock.commands.options import Context
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
        """``2.0``, or ``1.0 → 2.0``."""
        return f"{self.old} → {self.new}" if self.sign == "~" else self.new or self.old


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
_SHOWN = 20
_NAMED = 2


def change_lines(changes: Iterable[TreeChange]) -> list[tuple[Part, ...]]:
    """Lines for people: ``~ numpy 1.26 → 2.0  in a, b``; what changes in the same way in several trees is one line."""
    trees: dict[VersionChange, list[str]] = {}
    for tree in changes:
        for package in tree.packages:
            trees.setdefault(package, []).append(tree.name)
    return [
        ((f"{one.sign} {one.name} {one.versions}", _STYLES[one.sign]), (_where(one, trees[one]), "dim"))
        for one in sorted(trees, key=lambda one: (one.name, one.old, one.new))
    ]


def _where(package: VersionChange, trees: list[str]) -> str:
    """In which trees; empty for the tree that is named after the project."""
    if trees == [package.name.replace("-", "_")]:
        return ""
    return f"  in {', '.join(trees)}" if len(trees) <= _NAMED else f"  in {len(trees)} trees"


def show_lines(lines: Sequence[tuple[Part, ...]], context: Context) -> None:
    """Show lines, with ``-v`` all of them, else as many as fit on a screen."""
    shown = len(lines) if context.options.verbose or len(lines) <= _SHOWN else _SHOWN - 1
    for line in lines[:shown]:
        context.console.info(*line)
    if lines[shown:]:
        context.console.info(f"… and {len(lines) - shown} more (`-v` lists all)")


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

"""The releases in a lock, and the trees that have them."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.version import Version

from mvlock.lock.model import LockedTree

LockedRelease = tuple[str, str]
"""A project and a version of it."""


def trees_by_release(trees: Iterable[LockedTree]) -> dict[LockedRelease, list[str]]:
    """The names of the trees that have each release, sorted."""
    found: dict[LockedRelease, list[str]] = {}
    for tree in trees:
        for member in tree.packages:
            found.setdefault((member.name, member.version), []).append(tree.name)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], Version(item[0][1]))))

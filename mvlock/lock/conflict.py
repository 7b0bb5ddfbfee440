"""A lock with the markers of a git merge conflict: the pins of both sides are kept.

Neither side can be used as it is, because pyproject.toml is merged too. But the pins of both are good preferences for
the next lock: kept where only one side changed them, the newer one where both did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace
from packaging.version import Version

from mvlock.base.toml import parse_toml
from mvlock.lock.lockfile import problems_of
from mvlock.lock.model import Lock, LockedPackage, LockedTree, TreePackage

_NO_INPUTS = "sha256:" + "0" * 64
_CONFLICT_MARKER = re.compile(r"^(<{7}|\|{7}|={7}|>{7})(?: .*)?\r?$")


def merged_lock(text: str) -> Lock | None:
    """The pins of both sides as one lock that never counts as current; None if neither side can be read."""
    locks = [lock for side in conflict_sides(text) if (lock := _read(side)) is not None]
    if not locks:
        return None
    first = locks[0]
    packages = {
        (package.name, package.version, _origin(package)): package for lock in locks for package in lock.packages
    }
    return replace(
        first,
        inputs=_NO_INPUTS,
        trees=tuple(_trees(locks)),
        packages=tuple(packages[key] for key in sorted(packages)),
    )


def conflict_sides(text: str) -> tuple[str, str]:
    """The text of each side; the common ancestor (git's diff3 style) is dropped."""
    ours: list[str] = []
    theirs: list[str] = []
    current: tuple[list[str], ...] = (ours, theirs)
    places = {"<": (ours,), "|": (), "=": (theirs,), ">": (ours, theirs)}
    for line in text.splitlines():
        mark = _CONFLICT_MARKER.match(line)
        if mark:
            current = places[mark[1][0]]
        else:
            for side in current:
                side.append(line)
    return "\n".join(ours), "\n".join(theirs)


def _read(side: str) -> Lock | None:
    """One side. Git merges line by line, so a side may name distributions whose entries the other one has."""
    try:
        lock = msgspec.convert(parse_toml(side), Lock)
    except (ValueError, msgspec.ValidationError):
        return None
    return None if any(problems_of(lock, closed=False)) else lock


def _trees(locks: list[Lock]) -> Iterator[LockedTree]:
    found: dict[str, list[LockedTree]] = {}
    for lock in locks:
        for tree in lock.trees:
            found.setdefault(tree.name, []).append(tree)
    for name in sorted(found):
        members = {
            (member.name, member.version, member.marker): member for tree in found[name] for member in tree.packages
        }
        packages = tuple(sorted(members.values(), key=_newest_first))
        # The import names may be those of either side or neither: they are looked up again.
        yield replace(found[name][0], packages=packages, imports=())


def _newest_first(member: TreePackage) -> tuple[str, _Reversed, str]:
    return member.name, _Reversed(member.version), member.marker or ""


class _Reversed:
    """A version that sorts before older ones."""

    def __init__(self, text: str) -> None:
        self._version = Version(text)

    def __lt__(self, other: _Reversed) -> bool:
        return other._version < self._version

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and other._version == self._version

    __hash__ = None  # type: ignore[assignment]  # a sort key, nothing else


def _origin(package: LockedPackage) -> str:
    return "index" if package.index else "direct"

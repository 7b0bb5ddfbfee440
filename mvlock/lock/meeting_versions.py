"""What meets in one environment: members of a tree, versions of a project; those for different ones never do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mvlock.lock.model import Lock, LockedTree, TreePackage
from mvlock.resolver.target import newest_locked, targets_for
from mvlock.resolver.target_set import TargetMatrix


def target_matrix(lock: Lock) -> TargetMatrix:
    """The environments that a lock is for.

    :raises LocalError: ``no-target``
    """
    pythons = SpecifierSet(lock.requires_python)
    return TargetMatrix(targets_for(pythons, map(Marker, lock.environments), newest=newest_locked(pythons)))


class Meetings:
    """Which members of trees meet. The environments of the lock are computed when the first two markers differ."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def meet(self, one: TreePackage, other: TreePackage) -> bool:
        """Whether there is an environment, or a machine, that has both."""
        if None in (one.marker, other.marker) or one.marker == other.marker:
            return True
        return bool(self._where(one.condition) & self._where(other.condition))

    def _where(self, marker: str) -> int:
        return self._matrix.where_marker(marker) | self._matrix.where_undecided(marker)

    @cached_property
    def _matrix(self) -> TargetMatrix:
        return target_matrix(self._lock)


def meeting_versions(lock: Lock, trees: Iterable[LockedTree]) -> dict[str, tuple[str, ...]]:
    """By project, sorted: the most versions that one environment has, oldest first; only projects with several."""
    found: dict[str, dict[str, set[str]]] = {}
    for tree in trees:
        for member in tree.packages:
            found.setdefault(member.name, {}).setdefault(member.version, set()).add(member.condition)
    several = {name: conditions for name, conditions in sorted(found.items()) if len(conditions) > 1}
    matrix = target_matrix(lock) if several else None
    most = {name: _most(conditions, matrix) for name, conditions in several.items() if matrix is not None}
    return {name: versions for name, versions in most.items() if len(versions) > 1}


def _most(conditions: Mapping[str, Iterable[str]], matrix: TargetMatrix) -> tuple[str, ...]:
    """The versions of the first environment that has most; ``conditions``: the markers of each version ("": none)."""
    places = {
        version: {matrix.where_marker(marker) if marker else matrix.everywhere for marker in markers}
        for version, markers in conditions.items()
    }
    in_each = [
        [version for version, sets in places.items() if any(bits >> number & 1 for bits in sets)]
        for number in range(len(matrix.targets))
    ]
    most = max(in_each, key=len)
    return tuple(sorted(most, key=Version))

"""Reports, when locking, which locked distributions some targets will not be able to install."""

from __future__ import annotations

from collections.abc import Iterable

from mvlock.lock.merge import MergedMember
from mvlock.progress import Reporter
from mvlock.resolver.release import Release, where_release
from mvlock.resolver.target_set import TargetMatrix


def report_missing_files(
    matrix: TargetMatrix, trees: Iterable[tuple[str, Iterable[MergedMember]]], reporter: Reporter
) -> None:
    """One note per release that has neither a wheel nor an sdist for a target that needs it.

    Targets that share a marker environment with one that has a file (musl beside glibc) are not reported.
    """
    missing: dict[Release, int] = {}
    for _, members in trees:
        for member in members:
            lacking = _everywhere_like(matrix, member.target_bits) & ~where_release(member.release, matrix)
            missing[member.release] = missing.get(member.release, 0) | lacking
    representatives = sum(1 << number for number in matrix.representatives)
    for release, target_bits in sorted(missing.items(), key=lambda item: (item[0].project, item[0].version)):
        if target_bits & representatives:
            reporter.note(
                f"{release} has no file for {_systems(matrix, target_bits)}; no other version that fits has one"
            )
        elif target_bits:
            reporter.detail(f"{release} has no file for {_systems(matrix, target_bits)}")


def _everywhere_like(matrix: TargetMatrix, target_bits: int) -> int:
    """The targets of a set of representatives, and all others with the same environments."""
    environments = [matrix.targets[n].environment for n in matrix.representatives if target_bits >> n & 1]
    return sum(1 << n for n, target in enumerate(matrix.targets) if target.environment in environments)


def _systems(matrix: TargetMatrix, target_bits: int) -> str:
    """Targets by system, with the Pythons (``macosx_x86_64 (cp313, cp314)``)."""
    pythons: dict[str, list[str]] = {}
    for name in matrix.names(target_bits):
        python, _, system = name.partition("-")
        pythons.setdefault(system, []).append(python)
    return ", ".join(f"{system} ({', '.join(sorted(found))})" for system, found in sorted(pythons.items()))

"""The resolutions of one tree, target by target, merged into members with markers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from mvlock.lock.markers import MarkerWriter
from mvlock.lock.model import TreePackage
from mvlock.resolver.need import Key
from mvlock.resolver.release import Release
from mvlock.resolver.solve import Resolution


class MergedMember(msgspec.Struct):
    """A release in a tree, the targets that need it, and its dependencies on any of them."""

    release: Release
    target_bits: int = 0
    dependencies: set[Key] = msgspec.field(default_factory=set)


def merged(resolutions: Iterable[Resolution]) -> tuple[MergedMember, ...]:
    """Every release once, sorted by project and version."""
    members: dict[Release, MergedMember] = {}
    for resolution in resolutions:
        for member in resolution.members:
            one = members.setdefault(member.release, MergedMember(member.release))
            one.target_bits |= resolution.target_bits
            one.dependencies.update(member.dependencies)
    return tuple(sorted(members.values(), key=lambda member: (member.release.project, member.release.version)))


def tree_packages(
    members: Iterable[MergedMember], resolutions: Iterable[Resolution], writer: MarkerWriter
) -> tuple[TreePackage, ...]:
    """The members as the lock has them.

    :raises RuntimeError: if the markers do not reproduce the resolutions exactly, target by target: a bug in
    mvlock
    """
    packages = tuple(
        TreePackage(
            name=member.release.project,
            version=str(member.release.version),
            dependencies=tuple(_named(member.dependencies)),
            marker=writer.marker(member.target_bits),
        )
        for member in members
    )
    _check(packages, resolutions, writer)
    return packages


def _named(keys: Iterable[Key]) -> Iterator[str]:
    """``requests[socks]``: names with the extras that are active, sorted."""
    extras: dict[str, set[str]] = {}
    for name, extra in keys:
        extras.setdefault(name, set()).update([extra] if extra else [])
    for name in sorted(extras):
        yield f"{name}[{','.join(sorted(extras[name]))}]" if extras[name] else name


def _check(packages: Iterable[TreePackage], resolutions: Iterable[Resolution], writer: MarkerWriter) -> None:
    """The invariant of a universal lock: evaluated for any target, it is the resolution for that target."""
    placed = [((package.name, package.version), writer.where(package.marker)) for package in packages]
    covered = 0
    for resolution in resolutions:
        covered |= resolution.target_bits
        wanted = {(member.release.project, str(member.release.version)) for member in resolution.members}
        touching = {pin for pin, target_bits in placed if target_bits & resolution.target_bits}
        partly = any(0 != target_bits & resolution.target_bits != resolution.target_bits for _, target_bits in placed)
        if touching != wanted or partly:
            raise RuntimeError(f"merged markers differ from the resolution: {sorted(touching ^ wanted)}")
    if covered != writer.universe:
        raise RuntimeError("the resolutions do not cover every target")

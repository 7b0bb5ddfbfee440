"""What every lock file says: packages in one version each. Their versions are what is taken of it.

A lock does not always say what was required directly: then it is what nothing else in it requires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from packaging.markers import InvalidMarker, Marker
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.foreign.model import ForeignProject, ForeignRequirement, ForeignSource, LockedVersion, Omission
from mvlock.foreign.requirement import requirement

_UNRELATED = ("extra", "dependency_groups")
"""Variables of markers that say which part of a lock is installed, and not where."""


class LockedPackage(msgspec.Struct, frozen=True):
    """A package of a lock: its version, and the names of what it requires. ``source`` if it is from no index."""

    name: str
    version: str | None
    marker: str = ""
    requires: frozenset[str] = frozenset()
    source: ForeignSource | None = None
    commit: str | None = None
    is_root: bool = False


def versions_in(packages: Iterable[LockedPackage]) -> ForeignProject:
    """The versions of a lock, as a part.

    :raises ValueError: a name or version is none
    """
    found = [package for package in packages if not package.is_root]
    return ForeignProject(locked=tuple(_versions(found)), left_out=tuple(_commits(found)))


def _versions(packages: Iterable[LockedPackage]) -> Iterator[LockedVersion]:
    for package in packages:
        if package.version is not None and package.source is None:
            version = str(Version(package.version))
            yield LockedVersion(canonicalize_name(package.name, validate=True), version, _where(package.marker))


def _where(text: str) -> str:
    """The marker without what it says of groups and extras: then the version is locked everywhere."""
    if not text or any(name in text for name in _UNRELATED):
        return ""
    try:
        return str(Marker(text))
    except InvalidMarker:
        return ""


def _commits(packages: Iterable[LockedPackage]) -> Iterator[Omission]:
    for package in packages:
        if package.commit:
            why = f'mv.lock gets the present one of its branch; rev = "{package.commit}" in its source keeps this one'
            yield Omission(f"the locked commit of {package.name}", why)


def required_by_none(packages: Iterable[LockedPackage], name: str) -> Iterator[ForeignProject]:
    """What nothing else in the lock called ``name`` requires, at least in its locked version."""
    packages = [package for package in packages if not package.is_root]
    indirect = {needed for package in packages for needed in package.requires - {canonicalize_name(package.name)}}
    lowest: dict[NormalizedName, Version] = {}
    for package in packages:
        project = canonicalize_name(package.name)
        if project in indirect:
            continue
        if package.source is not None:
            needed = requirement(project)
            yield ForeignProject(
                requirements=(ForeignRequirement(needed, origin=name),), sources={project: package.source}
            )
        elif package.version is not None:
            version = Version(package.version)
            lowest[project] = min(version, lowest.get(project, version))
    for project, version in lowest.items():
        needed = requirement(project, f">={version.public}")
        yield ForeignProject(requirements=(ForeignRequirement(needed, origin=name),))

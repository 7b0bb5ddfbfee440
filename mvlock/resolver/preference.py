"""Versions that a solve tries before newer ones: those locked already, those other targets got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.version import Version

from mvlock.resolver.target import Target

Pins = Mapping[str, tuple[tuple[Version, int], ...]]
"""By project: versions with the targets they are locked for."""


@dataclass(slots=True)
class Preferences:
    """The preferred versions of one tree. ``locked`` is given; what targets get is added, Python by Python.

    Targets of one Python minor follow each other, so that platforms differ only where they must. An older Python
    does not follow a newer one: what some platform of that one had to put up with would hold it back.
    """

    locked: Pins = field(default_factory=dict)
    _chosen: dict[tuple[str, str], list[Version]] = field(default_factory=dict)

    def add(self, target: Target, pins: Iterable[tuple[str, Version]]) -> None:
        """Remember what a target got; the newest version comes first."""
        for name, version in pins:
            versions = self._chosen.setdefault((target.environment["python_version"], name), [])
            if version not in versions:
                versions.append(version)
                versions.sort(reverse=True)

    def of(self, name: str, number: int, target: Target) -> tuple[list[Version], list[int]]:
        """The versions to try first on a target, best first; and the sets of targets the answer depends on."""
        locked = self.locked.get(name, ())
        here = [version for version, where in locked if where >> number & 1]
        elsewhere = [version for version, where in locked if not where >> number & 1]
        chosen = self._chosen.get((target.environment["python_version"], name), ())
        return list(dict.fromkeys([*here, *chosen, *elsewhere])), [where for _, where in locked]

    def is_locked(self, name: str, version: Version) -> bool:
        """Whether a version is locked on some target; it is then kept even if yanked since."""
        return any(version == one for one, _ in self.locked.get(name, ()))

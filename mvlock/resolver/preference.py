"""Versions that a solve tries before newer ones: those locked already, those other targets got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from packaging.version import Version

Pins = Mapping[str, tuple[tuple[Version, int], ...]]
"""By project: versions with the targets they are locked for."""


@dataclass(slots=True)
class Preferences:
    """The preferred versions of one tree. ``locked`` is given; ``chosen`` grows from target to target."""

    locked: Pins = field(default_factory=dict)
    chosen: dict[str, list[Version]] = field(default_factory=dict)

    def add(self, pins: Iterable[tuple[str, Version]]) -> None:
        """Remember what a target got; the newest version comes first."""
        for name, version in pins:
            versions = self.chosen.setdefault(name, [])
            if version not in versions:
                versions.append(version)
                versions.sort(reverse=True)

    def of(self, name: str, target: int) -> tuple[list[Version], list[int]]:
        """The versions to try first, best first; and the sets of targets the answer depends on."""
        locked = self.locked.get(name, ())
        here = [version for version, where in locked if where >> target & 1]
        elsewhere = [version for version, where in locked if not where >> target & 1]
        ordered = dict.fromkeys([*here, *self.chosen.get(name, ()), *elsewhere])
        return list(ordered), [where for _, where in locked]

    def is_locked(self, name: str, version: Version) -> bool:
        """Whether a version is locked on some target; it is then kept even if yanked since."""
        return any(version == one for one, _ in self.locked.get(name, ()))

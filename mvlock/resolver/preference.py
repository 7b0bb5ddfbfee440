"""Versions that a solve tries before newer ones: those locked already, and those chosen on other targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec
from packaging.version import Version

from mvlock.resolver.target import Target

Pins = Mapping[str, tuple[tuple[Version, int], ...]]
"""By project: versions with the targets they are locked for."""


class Preferences(msgspec.Struct):
    """The preferred versions of one tree. ``locked`` is given; those chosen on targets are added, by Python version.

    ``others``: the versions of other trees, newest first, tried before those that are locked for other targets.
    Targets of one minor version of Python prefer each other's versions, so that platforms differ only where they must.
    An older Python does not follow a newer one: an old version forced on one platform of that would hold it back.
    """

    locked: Pins = msgspec.field(default_factory=dict)
    others: Mapping[str, Sequence[Version]] = msgspec.field(default_factory=dict)
    _chosen: dict[tuple[str, str], list[Version]] = msgspec.field(default_factory=dict)

    def add(self, target: Target, pins: Iterable[tuple[str, Version]]) -> None:
        """Add the versions chosen on a target; the newest version comes first."""
        for name, version in pins:
            versions = self._chosen.setdefault((target.environment["python_version"], name), [])
            if version not in versions:
                versions.append(version)
                versions.sort(reverse=True)

    def of(self, name: str, number: int, target: Target) -> tuple[Iterable[Version], list[int]]:
        """The versions to try first on a target, best first, some twice; and the sets of targets that matter for it."""
        locked = self.locked.get(name, ())
        here = [version for version, target_bits in locked if target_bits >> number & 1]
        elsewhere = [version for version, target_bits in locked if not target_bits >> number & 1]
        chosen = self._chosen.get((target.environment["python_version"], name), ())
        others = self.others.get(name, ())
        return chain(here, chosen, others, elsewhere), [target_bits for _, target_bits in locked]

    def is_locked(self, name: str, version: Version) -> bool:
        """Whether a version is locked on some target; it is then kept even if yanked since."""
        return any(version == locked_version for locked_version, _ in self.locked.get(name, ()))


def newest_first(pins: Iterable[tuple[str, Version]]) -> dict[str, list[Version]]:
    """By project: the versions of some pins, each once."""
    found: dict[str, set[Version]] = {}
    for name, version in pins:
        found.setdefault(name, set()).add(version)
    return {name: sorted(versions, reverse=True) for name, versions in found.items()}

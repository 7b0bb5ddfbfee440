"""How to lock, and what that means for a project."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec.structs import replace
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.lock.model import Lock
from mvlock.lock.preferred import PreferredVersion
from mvlock.project.model import Age, Project
from mvlock.resolver.target import Target, newest_allowed, newest_locked


class LockOptions(msgspec.Struct, frozen=True):
    """How to lock. ``now`` is an aware time; exclude-newer durations count back from it.

    ``targets``: lock for these alone, and fail if one of them cannot be served; None: for all that the
    project allows. ``upgrade`` forgets all locked versions, the other two those of some projects or trees.
    ``python``: a minor version of CPython 3 (16 for 3.16) that the lock is also for, if the project
    allows it; 0: only those that are known, or locked already. ``preferred``: versions to prefer if nothing is locked.
    """

    now: datetime
    targets: tuple[Target, ...] | None = None
    upgrade: bool = False
    upgrade_packages: frozenset[NormalizedName] = frozenset()
    upgrade_trees: frozenset[str] = frozenset()
    python: int = 0
    preferred: tuple[PreferredVersion, ...] = ()
    cooldown: datetime | Age | None = None
    """An ``exclude-newer`` for projects that have none. Files of the previous lock stay."""

    @property
    def upgrades(self) -> bool:
        """Whether any locked version is to be forgotten."""
        return bool(self.upgrade or self.upgrade_packages or self.upgrade_trees)

    def limits(self, project: Project) -> bool:
        """Whether the cooldown applies: the project has no limit of its own."""
        return project.exclude_newer is None and self.cooldown is not None

    def limited(self, project: Project) -> Project:
        """The project with the limit of the cooldown, if that applies."""
        return replace(project, exclude_newer=self.cooldown) if self.limits(project) else project


def newest_minor(project: Project, options: LockOptions, previous: Lock | None) -> int:
    """The newest minor that the lock is for; one that it was for before stays."""
    if options.targets:
        return max(Version(target.environment["python_version"]).minor for target in options.targets)
    locked = newest_locked(SpecifierSet(previous.requires_python)) if previous is not None else 0
    return newest_allowed(project.requires_python, max(options.python, locked))


def environments_of(project: Project, options: LockOptions) -> tuple[str, ...]:
    """What limits the lock: the project's markers, or those that describe the requested targets."""
    if options.targets is None:
        return tuple(sorted(str(marker) for marker in project.environments))
    return tuple(dict.fromkeys(_description(target) for target in options.targets))


def _description(target: Target) -> str:
    variables = ("python_version", "sys_platform", "platform_machine")
    return " and ".join(f"{name} == '{target.environment[name]}'" for name in variables)

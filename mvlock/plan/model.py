"""Values of the plan: what each tree should hold, and the step that leads there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

import msgspec
from msgspec.structs import replace

from mvlock.lock.model import LockedFile, LockedPackage


class WantedDistribution(msgspec.Struct, frozen=True):
    """One distribution that a tree should hold.

    ``file`` is the wheel or sdist chosen for this interpreter; None: a direct reference (vcs, directory,
    archive). ``requested``: the tree's requirements name it (PEP 376, REQUESTED). ``identity`` is the
    same for the same content on one interpreter.
    """

    package: LockedPackage
    file: LockedFile | None
    identity: str
    requested: bool = False

    @property
    def from_wheel(self) -> bool:
        """Whether nothing has to be built."""
        return self.file is not None and self.file.name.endswith(".whl")


class WantedTree(msgspec.Struct, frozen=True):
    """One tree as it should be on this interpreter; ``distributions`` sorted by name, one per name."""

    name: str
    distributions: tuple[WantedDistribution, ...]

    @property
    def records_its_path(self) -> bool:
        """Whether something in it comes from a path, which is recorded with its location (PEP 610)."""
        packages = [item.package for item in self.distributions]
        return any(package.directory or (package.archive and package.archive.path is not None) for package in packages)


class Action(Enum):
    """What happens to a tree."""

    CREATE = "create"
    KEEP = "keep"
    REPLACE = "replace"
    REMOVE = "remove"


class Change(msgspec.Struct, frozen=True):
    """A distribution present before and after; versions are equal when only its contents differ."""

    name: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.name} {self.old} → {self.new}" if self.old != self.new else f"{self.name} {self.new}"


class TreeStep(msgspec.Struct, frozen=True):
    """One tree: ``added`` and ``removed`` are ``name version``; ``reason`` is set where they do not explain it."""

    tree: str
    action: Action
    added: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[str, ...] = ()
    reason: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """Every step, sorted by tree, and what happens to the application's environment."""

    steps: tuple[TreeStep, ...]
    app: Action = Action.KEEP

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.app is Action.KEEP and all(step.action is Action.KEEP for step in self.steps)

    def of(self, *actions: Action) -> tuple[str, ...]:
        """The trees to which one of ``actions`` applies, sorted."""
        return tuple(step.tree for step in self.steps if step.action in actions)

    def with_replaced(self, reasons: Mapping[str, str]) -> Plan:
        """The plan with some of the trees that it keeps replaced instead, each for a reason."""
        steps = (
            replace(step, action=Action.REPLACE, reason=reasons[step.tree]) if step.tree in reasons else step
            for step in self.steps
        )
        return replace(self, steps=tuple(steps))

    def lines(self) -> Iterator[str]:
        """The plan in readable lines, without the trees that stay as they are."""
        for step in self.steps:
            if step.action is not Action.KEEP:
                yield f"{step.action.value} {step.tree}" + (f" ({step.reason})" if step.reason else "")
                yield from (f"  + {text}" for text in step.added)
                yield from (f"  ~ {change}" for change in step.changed)
                yield from (f"  - {text}" for text in step.removed)
        if self.app is not Action.KEEP:
            yield f"{self.app.value} the application's environment"

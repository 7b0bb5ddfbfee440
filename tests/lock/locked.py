"""Locks of projects in memory, in one line: ``lock(universe, "a", "b")`` has the trees a and b."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mvlock.lock.locking import lock_project
from mvlock.lock.model import Lock, LockedTree
from mvlock.lock.options import LockOptions
from mvlock.progress import SilentReporter
from mvlock.project.declaration import Declaration, Origin
from mvlock.project.model import Project, TreeRequest
from mvlock.resolver.target import Target, targets_for
from tests.resolver.universe import Universe

NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)
OPTIONS = LockOptions(now=NOW)
LINUX = Marker("sys_platform == 'linux' and platform_machine == 'x86_64'")


def tree(*requirements: str, name: str | None = None, **settings: Any) -> TreeRequest:
    """A tree named after its first requirement."""
    parsed = sorted((Requirement(text) for text in requirements), key=str)
    first = canonicalize_name(Requirement(requirements[0]).name).replace("-", "_")
    request = TreeRequest(name or first, declared(parsed, "project", "dependencies"))
    return replace(request, **settings)


def constraints(*texts: str, at: tuple[str, ...] = ("tool", "mvlock", "constraints")) -> tuple[Declaration, ...]:
    """Constraints or overrides."""
    return declared(map(Requirement, texts), *at)


def from_group(request: TreeRequest) -> TreeRequest:
    """The request of a tree whose second line is in a dependency group."""
    first, second = request.requirements
    moved = replace(second, origin=Origin(("dependency-groups", "dev"), 0))
    return replace(request, requirements=(first, moved))


def declared(requirements: Iterable[Requirement], *at: str) -> tuple[Declaration, ...]:
    """The lines of a list."""
    return tuple(Declaration(one, Origin(at, number)) for number, one in enumerate(requirements))


def project(*trees: TreeRequest | str, python: str = ">=3.12,<3.13", **settings: Any) -> Project:
    """A project with a tree per entry, for one CPython minor by default."""
    requests = [tree(one) if isinstance(one, str) else one for one in trees]
    made = Project(Path("/app"), "my-app", SpecifierSet(python), tuple(sorted(requests, key=lambda t: t.name)))
    return replace(made, **settings)


@dataclass
class Notes(SilentReporter):
    """A reporter that remembers what people would read."""

    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)


def lock(
    universe: Universe,
    *trees: TreeRequest | str,
    options: LockOptions = OPTIONS,
    previous: Lock | None = None,
    reporter: SilentReporter | None = None,
    **settings: Any,
) -> Lock:
    """The lock of ``project(*trees, **settings)`` in a universe."""
    return lock_project(
        project(*trees, **settings),
        universe,
        universe,
        options=options,
        previous=previous,
        reporter=reporter or SilentReporter(),
    )


def pins(locked: Lock, name: str | None = None) -> dict[str, str]:
    """Project to version of one tree; several versions are joined by ``|``."""
    found: dict[str, str] = {}
    for member in the_tree(locked, name).packages:
        found[member.name] = "|".join(filter(None, (found.get(member.name), member.version)))
    return found


def the_tree(locked: Lock, name: str | None = None) -> LockedTree:
    """The tree of a name, or the only one."""
    (found,) = [one for one in locked.trees if name in {None, one.name}]
    return found


def at(locked: Lock, target: Target) -> dict[str, str]:
    """What the only tree has on one target, by its markers."""
    environment: Mapping[str, str] = target.environment
    members = [m for m in the_tree(locked).packages if m.marker is None or Marker(m.marker).evaluate(dict(environment))]
    assert len({m.name for m in members}) == len(members)
    return {member.name: member.version for member in members}


def all_targets(python: str = ">=3.10") -> Iterable[Target]:
    """Every supported target."""
    return targets_for(SpecifierSet(python))

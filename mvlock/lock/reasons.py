"""Which requirements lead to a locked project."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from mvlock.lock.model import LockedTree, TreePackage


def reasons(tree: LockedTree, name: str) -> Iterator[tuple[TreePackage, tuple[str, ...]]]:
    """Each locked version of ``name`` in the tree, with the shortest path to it.

    A path starts with a requirement as in pyproject.toml, followed by ``name version`` of each distribution.
    """
    for member in tree.packages:
        if member.name == name:
            yield member, _shortest_path(tree, name, member.version)


def _shortest_path(tree: LockedTree, name: str, version: str) -> tuple[str, ...]:
    members: dict[str, list[tuple[str, list[str]]]] = {}
    for member in tree.packages:
        members.setdefault(member.name, []).append((member.version, tree.dependencies_of(member)))
    queue: deque[tuple[tuple[str, ...], str]] = deque(
        ((str(requirement),), name)
        for name, requirements in sorted(tree.direct_requirements.items())
        for requirement in sorted(requirements, key=str)
    )
    seen: set[str] = set()
    while queue:
        path, project = queue.popleft()
        if project == name:
            return (*path, f"{name} {version}")
        if project in seen:
            continue
        seen.add(project)
        for member_version, needed in members.get(project, ()):
            queue.extend(((*path, f"{project} {member_version}"), dependency) for dependency in needed)
    return (f"{name} {version}",)

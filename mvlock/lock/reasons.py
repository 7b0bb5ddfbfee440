"""Which requirements lead to a locked project."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from mvlock.lock.model import TreePackage
from mvlock.lock.tree_graph import TreeGraph


def reasons(graph: TreeGraph, name: str) -> Iterator[tuple[TreePackage, tuple[str, ...]]]:
    """Each locked version of ``name`` in the tree, with the shortest path to it.

    A path starts with a requirement as in pyproject.toml, followed by ``name version`` of each distribution.
    """
    return ((member, _shortest_path(graph, member)) for member in graph.named([name]))


def _shortest_path(graph: TreeGraph, wanted: TreePackage) -> tuple[str, ...]:
    queue: deque[tuple[tuple[str, ...], TreePackage]] = deque(
        ((str(requirement),), member)
        for name, requirements in sorted(graph.tree.direct_requirements.items())
        for requirement in sorted(requirements, key=str)
        for member in graph.named([name])
    )
    seen: set[TreePackage] = set()
    while queue:
        start, member = queue.popleft()
        path = (*start, f"{member.name} {member.version}")
        if member == wanted:
            return path
        if member not in seen:
            seen.add(member)
            queue.extend((path, dependency) for dependency in graph.dependencies[member])
    return (f"{wanted.name} {wanted.version}",)

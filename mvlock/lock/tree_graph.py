"""What needs what in one tree, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from mvlock.lock.meeting_versions import Meetings
from mvlock.lock.model import Lock, LockedTree, TreePackage

Steps = Mapping[TreePackage, Sequence[TreePackage]]


class TreeGraph:
    """By member of a tree: what it needs, and what needs it, of what meets it in some environment."""

    def __init__(self, tree: LockedTree, meetings: Meetings) -> None:
        self.tree = tree
        self._meetings = meetings
        self._members: dict[str, list[TreePackage]] = {}
        for member in tree.packages:
            self._members.setdefault(member.name, []).append(member)
        self.dependencies: Steps = {member: list(self._needed_by(member)) for member in tree.packages}
        self.dependents: dict[TreePackage, list[TreePackage]] = {member: [] for member in tree.packages}
        for member, needed in self.dependencies.items():
            for dependency in needed:
                self.dependents[dependency].append(member)

    def named(self, names: Iterable[str]) -> Iterator[TreePackage]:
        """The members of these projects: several of one have disjoint markers."""
        return (member for name in names for member in self._members.get(name, ()))

    def leading_to(self, name: str) -> TreeGraph:
        """The part of the tree that leads to a project; empty if the tree does not have it."""
        found, tree = reachable(self.named([name]), self.dependents), self.tree
        names = {member.name for member in found}
        requirements = (some for project, some in tree.direct_requirements.items() if project in names)
        part = replace(
            tree,
            requires=tuple(str(requirement) for some in requirements for requirement in some),
            packages=tuple(member for member in tree.packages if member in found),
            soft=tuple(soft for soft in tree.soft if soft.name in names),
        )
        return TreeGraph(part, self._meetings)

    def _needed_by(self, member: TreePackage) -> Iterator[TreePackage]:
        needed = self.named(self.tree.dependencies_of(member))
        return (dependency for dependency in needed if self._meetings.meet(member, dependency))


def tree_graphs(lock: Lock, trees: Iterable[LockedTree]) -> list[TreeGraph]:
    """The graphs of some trees of a lock."""
    meetings = Meetings(lock)
    return [TreeGraph(tree, meetings) for tree in trees]


def reachable(starts: Iterable[TreePackage], steps: Steps) -> set[TreePackage]:
    """Where some steps lead, and the starts."""
    found = set(starts)
    pending = [*found]
    while pending:
        new = {*steps[pending.pop()]} - found
        found |= new
        pending += new
    return found

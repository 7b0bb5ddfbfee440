"""What needs what in one tree, in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from mvlock.lock.model import LockedTree, TreePackage


class TreeGraph:
    """By project: its ``members`` of the tree (several with disjoint markers), what they need, and what needs them."""

    def __init__(self, tree: LockedTree) -> None:
        self.tree = tree
        self.members: dict[str, list[TreePackage]] = {}
        self.dependencies: dict[str, list[str]] = {}
        self.dependents: dict[str, list[str]] = {}
        for member in tree.packages:
            self.members.setdefault(member.name, []).append(member)
            for name in tree.dependencies_of(member):
                _add(self.dependencies, member.name, name)
                _add(self.dependents, name, member.name)

    def named(self, names: Iterable[str]) -> Iterator[TreePackage]:
        """The members of these projects."""
        return (member for name in names for member in self.members.get(name, ()))

    def leading_to(self, name: str) -> TreeGraph:
        """The part of the tree that leads to a project; empty if the tree does not have it."""
        found, tree = reachable(name, self.dependents), self.tree
        requirements = (some for project, some in tree.direct_requirements.items() if project in found)
        part = replace(
            tree,
            requires=tuple(str(requirement) for some in requirements for requirement in some),
            packages=tuple(self.named(sorted(found))),
            soft=tuple(soft for soft in tree.soft if soft.name in found),
        )
        return TreeGraph(part)


def reachable(start: str, steps: Mapping[str, list[str]]) -> set[str]:
    """Where some steps lead, and the start."""
    found, pending = {start}, [start]
    while pending:
        new = set(steps.get(pending.pop(), ())) - found
        found |= new
        pending += new
    return found


def _add(found: dict[str, list[str]], name: str, other: str) -> None:
    names = found.setdefault(name, [])
    if other not in names:
        names.append(other)

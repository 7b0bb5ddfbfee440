"""Which members of several trees are the same, with all that is below them: one module can serve them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec
from packaging.version import Version

from mvlock.lock.model import LockedTree, TreePackage


class Node(NamedTuple):
    """A member of a tree."""

    tree: str
    name: str
    version: str


class Instance(msgspec.Struct, frozen=True):
    """A distribution in the trees where everything below it is the same.

    ``reference``: ``name@version``, with the first of the trees if others have it over other dependencies.
    """

    reference: str
    name: str
    version: str
    members: Mapping[str, TreePackage]
    """By tree, sorted."""
    depends_on: tuple[str, ...]
    """References, sorted."""


def instances(trees: Iterable[LockedTree]) -> list[Instance]:
    """Every distribution of some trees as few times as possible, by name, version, then first tree."""
    trees = list(trees)
    members = {Node(tree.name, one.name, one.version): one for tree in trees for one in tree.packages}
    below = {node: nodes for tree in trees for node, nodes in _edges(tree)}
    groups: dict[int, list[Node]] = {}
    for node, number in _classes(below).items():
        groups.setdefault(number, []).append(node)
    references = {node: reference for group in groups.values() for node, reference in _references(group, groups)}
    found = [
        Instance(
            references[group[0]],
            group[0].name,
            group[0].version,
            {node.tree: members[node] for node in sorted(group)},
            tuple(sorted({references[node] for node in below[group[0]]})),
        )
        for group in groups.values()
    ]
    return sorted(found, key=lambda one: (one.name, Version(one.version), next(iter(one.members))))


def direct_references(trees: Iterable[LockedTree], found: Iterable[Instance]) -> list[str]:
    """The references of what the application requires directly."""
    requested = {tree.name: tree.requested for tree in trees}
    return [one.reference for one in found if any(one.name in requested[tree] for tree in one.members)]


def _edges(tree: LockedTree) -> Iterator[tuple[Node, frozenset[Node]]]:
    """Each member with its dependencies, soft ones included; several versions of one are for several environments."""
    by_name: dict[str, list[Node]] = {}
    for member in tree.packages:
        by_name.setdefault(member.name, []).append(Node(tree.name, member.name, member.version))
    for member in tree.packages:
        names = (*member.depends_on, *tree.soft_for(member.name))
        yield (
            Node(tree.name, member.name, member.version),
            frozenset(one for name in names for one in by_name.get(name, ())),
        )


def _classes(below: Mapping[Node, Iterable[Node]]) -> dict[Node, int]:
    """A number for each node, equal where all that can be reached is equal: partition refinement."""
    numbers: dict[Node, int] = dict.fromkeys(below, 0)
    count = 0
    while True:
        known: dict[object, int] = {}
        keys = {
            node: (node[1:], numbers[node], frozenset(numbers[one] for one in nodes)) for node, nodes in below.items()
        }
        numbers = {node: known.setdefault(key, len(known)) for node, key in keys.items()}
        if len(known) == count:
            return numbers
        count = len(known)


def _references(group: list[Node], groups: Mapping[int, list[Node]]) -> Iterator[tuple[Node, str]]:
    name, version = group[0][1:]
    alone = sum(other[0][1:] == (name, version) for other in groups.values()) == 1
    reference = f"{name}@{version}" if alone else f"{name}@{version}#{min(group).tree}"
    return ((node, reference) for node in group)

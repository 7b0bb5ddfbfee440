"""Worlds: the trees that are one environment at run time.

Trees that agree on every project that both have could be one virtual environment, so they are: code of one finds what
any of them has, and a distribution that several have is one module, loaded from one of them. A tree that disagrees
with some begins a world of its own, and so does an alias, which is there for the sake of another version, and what the
settings keep apart.

Agreement is not transitive: a tree without NumPy agrees with those of either version. So trees go, one after the other,
to the first world with which they agree, those first that disagree with the fewest others: most trees are in the first
world then, and the odd ones are outside.

A world that has not got something finds it with its *peers*: what the application asks for by name, in other worlds,
where the world agrees with the tree that has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from mvlock.plan import InstalledDistribution, TreeReceipt
from mvlock.project.model import ShareMode, Sharing

Claim = tuple[str, str]
"""Project and identity."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a tree lives with others. ``alias``: the application knows what it has by another name.

    ``requested``: the projects that the application asks for by name and finds here. ``peers``: whether its code finds
    what it does not require, with the rest of its world and with the application.
    """

    sharing: Sharing = field(default_factory=Sharing)
    peers: bool = True
    alias: bool = False
    requested: frozenset[str] = frozenset()

    def is_alone(self, tree: TreeReceipt) -> bool:
        """Whether the tree is a world by itself, whatever others hold."""
        never = any(canonicalize_name(item.name) in self.sharing.never for item in tree.distributions)
        return not self.peers or self.alias or never or self.sharing.mode is ShareMode.NONE


@dataclass(frozen=True, slots=True)
class World:
    """Trees, sorted, that are one environment. ``members`` by project, ``homes``: the tree that each is loaded from."""

    trees: tuple[str, ...]
    members: Mapping[str, InstalledDistribution]
    homes: Mapping[str, str]
    manner: Manner

    def agrees(self, claims: Iterable[Claim]) -> bool:
        """Whether it has the same of every project that both have."""
        return all(project not in self.members or self.members[project].identity == one for project, one in claims)


def claims_of(tree: TreeReceipt) -> Iterator[Claim]:
    """What a tree holds."""
    return ((item.name, item.identity) for item in tree.distributions)


def worlds_of(trees: Iterable[TreeReceipt], manners: Mapping[str, Manner]) -> tuple[World, ...]:
    """The worlds of ``trees``, by the first of their trees; each tree is in one."""
    by_name = {tree.tree: tree for tree in sorted(trees, key=lambda tree: tree.tree)}
    joining = [tree for name, tree in by_name.items() if not manners.get(name, Manner()).is_alone(tree)]
    groups = [*_grouped(joining), *([name] for name in by_name.keys() - {tree.tree for tree in joining})]
    worlds = (_world([by_name[name] for name in sorted(group)], manners) for group in groups)
    return tuple(sorted(worlds, key=lambda world: world.trees))


def _grouped(trees: list[TreeReceipt]) -> list[list[str]]:
    claims = _contested_claims(trees)
    groups: list[tuple[dict[str, str], list[str]]] = []
    for name in sorted(claims, key=lambda name: (_disagreements(claims[name], claims.values()), name)):
        fitting = (group for group in groups if _agree(claims[name], group[0]))
        known, names = next(fitting, ({}, []))
        if not names:
            groups.append((known, names))
        known.update(claims[name])
        names.append(name)
    return [names for _, names in groups]


def _contested_claims(trees: Iterable[TreeReceipt]) -> dict[str, dict[str, str]]:
    """By tree: what it has of the projects that trees have differently."""
    held: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        for project, identity in claims_of(tree):
            held[project].add(identity)
    contested = {project for project, identities in held.items() if len(identities) > 1}
    return {tree.tree: {one[0]: one[1] for one in claims_of(tree) if one[0] in contested} for tree in trees}


def _disagreements(claims: Mapping[str, str], others: Iterable[Mapping[str, str]]) -> int:
    return sum(not _agree(claims, other) for other in others)


def _agree(claims: Mapping[str, str], known: Mapping[str, str]) -> bool:
    return all(known.get(project, identity) == identity for project, identity in claims.items())


def _world(trees: list[TreeReceipt], manners: Mapping[str, Manner]) -> World:
    found = {tree.tree: manners.get(tree.tree, Manner()) for tree in trees}
    first = found[trees[0].tree]
    always = frozenset(name for one in found.values() for name in one.sharing.always)
    requested = frozenset(name for one in found.values() for name in one.requested)
    sharing = Sharing(first.sharing.mode, always, first.sharing.never)
    homes = _homes(trees, found)
    items = {tree.tree: {item.name: item for item in tree.distributions} for tree in trees}
    return World(
        trees=tuple(found),
        members={project: items[home][project] for project, home in sorted(homes.items())},
        homes=homes,
        manner=Manner(sharing, first.peers, first.alias, requested),
    )


def _homes(trees: Iterable[TreeReceipt], manners: Mapping[str, Manner]) -> dict[str, str]:
    """The tree that was asked for a project, else one that is home to others, else the first."""
    holders: dict[str, list[str]] = defaultdict(list)
    for tree in trees:
        for item in tree.distributions:
            holders[item.name].append(tree.tree)
    homes = {
        project: name
        for project, names in holders.items()
        for name in names[::-1]
        if project in manners[name].requested
    }
    for project, names in holders.items():
        settled = set(homes.values())
        homes.setdefault(project, next((name for name in names if name in settled), names[0]))
    return homes

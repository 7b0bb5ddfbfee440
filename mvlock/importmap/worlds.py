"""Worlds: the trees that are one environment at run time, what they hold, and where that is loaded from.

``mvlock.lock.agreeing_trees`` decides which trees these are. Code in one tree finds what any of them has, and a
distribution that several trees have is one module, loaded from one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from mvlock.lock.agreeing_trees import RuntimeSettings, WorldGrouping
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.project.model import Sharing


class World(msgspec.Struct, frozen=True):
    """Trees, sorted, that are one environment. ``members``: by project; ``loaded_from``: the tree of each."""

    trees: tuple[str, ...]
    members: Mapping[str, InstalledDistribution]
    loaded_from: Mapping[str, str]
    settings: RuntimeSettings


def grouping_of(trees: Iterable[TreeReceipt], settings_by_tree: Mapping[str, RuntimeSettings]) -> WorldGrouping[str]:
    """Which of ``trees`` agree."""
    return WorldGrouping(
        {tree.tree: {item.name: item.identity for item in tree.distributions} for tree in trees}, settings_by_tree
    )


def worlds_of(
    trees: Iterable[TreeReceipt],
    settings_by_tree: Mapping[str, RuntimeSettings],
    grouping: WorldGrouping[str] | None = None,
) -> tuple[World, ...]:
    """The worlds of ``trees``, sorted by their first trees; each tree is in one world."""
    by_name = {tree.tree: tree for tree in trees}
    found = grouping or grouping_of(by_name.values(), settings_by_tree)
    return tuple(_world([by_name[name] for name in names], settings_by_tree) for names in found.worlds)


def _world(trees: list[TreeReceipt], settings_by_tree: Mapping[str, RuntimeSettings]) -> World:
    found = {tree.tree: settings_by_tree.get(tree.tree, RuntimeSettings()) for tree in trees}
    first = found[trees[0].tree]
    always = frozenset(name for settings in found.values() for name in settings.sharing.always)
    requested = frozenset(name for settings in found.values() for name in settings.requested)
    sharing = Sharing(first.sharing.mode, always, first.sharing.never)
    loaded_from = _loading_trees(trees, found)
    items = {tree.tree: {item.name: item for item in tree.distributions} for tree in trees}
    return World(
        trees=tuple(found),
        members={project: items[tree][project] for project, tree in sorted(loaded_from.items())},
        loaded_from=loaded_from,
        settings=RuntimeSettings(sharing, first.peers, first.alias, requested),
    )


def _loading_trees(trees: Iterable[TreeReceipt], settings_by_tree: Mapping[str, RuntimeSettings]) -> dict[str, str]:
    """For each project, the tree that requires it directly, else one from which others are loaded, else the first."""
    trees_with: dict[str, list[str]] = defaultdict(list)
    for tree in trees:
        for item in tree.distributions:
            trees_with[item.name].append(tree.tree)
    chosen = {
        project: name
        for project, names in trees_with.items()
        for name in names[::-1]
        if project in settings_by_tree[name].requested
    }
    for project, names in trees_with.items():
        used = set(chosen.values())
        chosen.setdefault(project, next((name for name in names if name in used), names[0]))
    return chosen

"""What the application means where it asks for a project that has no modules: those that this one requires.

Such a project (a metapackage) is there for what it brings. One environment has the modules of that to import.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mvlock.lock.model import LockedTree
from mvlock.plan.receipt import InstalledDistribution


def stand_ins(tree: LockedTree, members: Mapping[str, InstalledDistribution]) -> Iterator[InstalledDistribution]:
    """The distributions that stand in for what ``tree`` was asked for; ``members``: what there is, by project.

    A project without modules may require another one of that kind.
    """
    if tree.alias is not None:
        return
    requested, required = tree.requested, _required(tree)
    left, seen = sorted(requested), set[str]()
    while left:
        item = members.get(left.pop())
        if item is None or item.name in seen:
            continue
        seen.add(item.name)
        if _is_empty(item):
            left += sorted(required[item.name])
        elif item.name not in requested:
            yield item


def _is_empty(item: InstalledDistribution) -> bool:
    """Whether nothing of it can be imported; an editable project may have modules out of sight."""
    return not (item.imports or item.paths or item.startup)


def _required(tree: LockedTree) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for member in tree.packages:
        found[member.name].update(member.depends_on)
    return found

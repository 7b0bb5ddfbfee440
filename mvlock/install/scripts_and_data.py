"""What trees offer to the application's environment besides modules: their commands and data files.

In a plain virtual environment the commands of everything installed are in one folder, and the data below one prefix.
Here that is so for direct dependencies, and for everything else of which there is one version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from mvlock.lock.model import Lock, LockedTree
from mvlock.plan.receipt import InstalledCommand, InstalledDistribution, InstalledScript, TreeReceipt


class OfferedDistribution(msgspec.Struct, frozen=True):
    """A distribution of a tree whose commands and data files the application's environment may get.

    ``is_direct``: it is a direct dependency of the application.
    """

    tree: str
    item: InstalledDistribution
    is_direct: bool

    def commands(self) -> Iterator[InstalledCommand | InstalledScript]:
        """What is in the tree's folder of scripts; if two have one name, the wheel's file."""
        names = {script.name for script in self.item.scripts}
        yield from self.item.scripts
        yield from (command for command in self.item.commands if command.name not in names)


def offered_distributions(lock: Lock, receipts: Mapping[str, TreeReceipt | None]) -> tuple[OfferedDistribution, ...]:
    """Direct dependencies, in the order of the lock, then the rest; trees of aliases offer nothing."""
    found = [offer for tree in lock.trees if tree.alias is None for offer in _of_tree(tree, receipts.get(tree.name))]
    direct = [offer for offer in found if offer.is_direct]
    names = {offer.item.name for offer in direct}
    return (*direct, *_unambiguous(offer for offer in found if offer.item.name not in names))


def _of_tree(tree: LockedTree, receipt: TreeReceipt | None) -> Iterator[OfferedDistribution]:
    requested = tree.requested
    for item in receipt.distributions if receipt is not None else ():
        yield OfferedDistribution(tree.name, item, item.name in requested)


def _unambiguous(found: Iterable[OfferedDistribution]) -> Iterator[OfferedDistribution]:
    """The first of each project that is equal in all trees that have it."""
    by_name: dict[str, list[OfferedDistribution]] = defaultdict(list)
    for offer in found:
        by_name[offer.item.name].append(offer)
    yield from (group[0] for group in by_name.values() if len({offer.item.identity for offer in group}) == 1)

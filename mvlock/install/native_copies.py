"""Which inode of its native files an instance of a distribution gets.

The dynamic loader takes two paths of one inode for one library. So trees that share a distribution at run time may have
one copy of its native files, and those that do not must have different ones. The store has as many as are needed
(``StoredWheel.spare``), numbered for each wheel; 0 are the files themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count

from mvlock.plan.model import WantedTree
from mvlock.plan.receipt import TreeReceipt


def copies_of(
    tree: WantedTree, others: Iterable[TreeReceipt], sharing: Mapping[tuple[str, str], tuple[str, ...]]
) -> dict[str, int]:
    """Which of the store's copies each distribution of ``tree`` has, by identity (``tree_content``).

    That of the trees with which it shares the distribution, else the first that none of the others has: the loader must
    not take two instances for one.
    """
    taken: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for receipt in others:
        for item in receipt.distributions:
            if item.copy is not None:
                taken[item.identity][item.copy].add(receipt.tree)
    found = {}
    for wanted in tree.distributions:
        there = taken[wanted.identity]
        mates = set(sharing[tree.name, wanted.package.name])
        common = [number for number, trees in there.items() if trees <= mates]
        found[wanted.identity] = min(common, default=next(number for number in count() if number not in there))
    return found

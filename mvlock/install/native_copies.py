"""Which inodes an instance of a distribution gets for its native files.

The dynamic loader treats two paths to one inode as one library. So trees that share a distribution at run time may use
one copy of its native files, and those that do not must have different ones. The store has as many copies as needed
(``StoredWheel.spare``), numbered for each wheel; 0 means the files themselves.
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
    """Which of the store's copies each distribution of ``tree`` uses, by identity (``tree_content``).

    The copy of the trees with which it shares the distribution, else the first that no other tree uses: the loader
    must not treat two instances as one.
    """
    taken: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for receipt in others:
        for item in receipt.distributions:
            if item.copy is not None:
                taken[item.identity][item.copy].add(receipt.tree)
    found = {}
    for wanted in tree.distributions:
        used = taken[wanted.identity]
        sharers = set(sharing[tree.name, wanted.package.name])
        common = [number for number, trees in used.items() if trees <= sharers]
        found[wanted.identity] = min(common, default=next(number for number in count() if number not in used))
    return found

"""What the application can import of a project that has no modules: what that project requires.

Such a project (a metapackage) exists for its dependencies. In a plain environment their modules can be imported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mvlock.lock.model import LockedTree
from mvlock.plan.receipt import InstalledDistribution


def metapackage_dependencies(
    tree: LockedTree, members: Mapping[str, InstalledDistribution]
) -> Iterator[InstalledDistribution]:
    """The distributions that stand in for the requirements of ``tree``; ``members``: what there is, by project.

    A project without modules may require another one without modules.
    """
    if tree.alias is not None:
        return
    requested, required = tree.requested, _required(tree)
    pending, seen = sorted(requested), set[str]()
    while pending:
        item = members.get(pending.pop())
        if item is None or item.name in seen:
            continue
        seen.add(item.name)
        if _is_empty(item):
            pending += sorted(required[item.name])
        elif item.name not in requested:
            yield item


def _is_empty(item: InstalledDistribution) -> bool:
    """Whether it has nothing to import; an editable project may have modules that are not visible."""
    return not (item.imports or item.paths or item.startup)


def _required(tree: LockedTree) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for member in tree.packages:
        found[member.name].update(member.depends_on)
    return found

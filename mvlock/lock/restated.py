"""A lock for requirements that were made stricter without excluding anything that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from mvlock.lock.model import Lock, LockedTree
from mvlock.project.digest import inputs_digest
from mvlock.project.model import Project


def restated(lock: Lock, project: Project, changed: Mapping[str, str]) -> Lock:
    """The lock as made from ``project``, in which requirements (``changed``: old text to new) got a lower bound.

    The bounds must allow everything in the lock. A resolution that is possible under the stricter requirements and was
    the best under the others is the best under both, so nothing is resolved.
    """
    texts = {tree.name: tuple(sorted(map(str, tree.requirements))) for tree in project.trees if not tree.joinable}
    declared = {str(item) for tree in project.trees if tree.joinable for item in tree.requirements}
    trees = (
        replace(tree, requires=texts.get(tree.name) or tuple(sorted(_joint_texts(tree, declared, changed))))
        for tree in lock.trees
    )
    return replace(lock, trees=tuple(trees), inputs=inputs_digest(project))


def _joint_texts(tree: LockedTree, declared: set[str], changed: Mapping[str, str]) -> Iterator[str]:
    """The requirements of a tree to which the lock assigned them (``isolate = "conflicts"``)."""
    for text in tree.requires:
        if text in declared:
            yield text
        if changed.get(text) in declared:
            yield changed[text]

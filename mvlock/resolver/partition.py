"""All dependencies in one tree except those that conflict: as few trees as possible.

Conflicts are found by trying, as in implicit hitting set algorithms. Start with no conflict, find the best partition
that respects the conflicts known so far (``colouring``), and solve its trees. Each tree without a resolution gives
new conflicts: minimal sets of dependencies that have none together, found from what the explanation names. Every
partition that works must respect every conflict, so the first one whose trees can all be solved has the smallest
number of trees, unless a search was given up on the way (see ``smallest``). Until then any good partition finds
conflicts, so the best one is only searched for when a good one works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from mvlock.resolver.colouring import STEPS, coloured

_FEW_STEPS = 500
_STEPS_PER_NAME = 4


class Conflict(msgspec.Struct, frozen=True):
    """Dependencies (two or more, sorted) that cannot all be in one tree, and why in a sentence.

    ``proven``: there is no resolution; otherwise none was found in reasonable time.
    """

    between: tuple[str, ...]
    reason: str
    proven: bool = True


class Partition(msgspec.Struct, frozen=True):
    """The dependencies of each tree: the joint one first, then those split from it. ``smallest``: see the module."""

    trees: tuple[tuple[str, ...], ...]
    conflicts: tuple[Conflict, ...]
    smallest: bool

    def conflicts_of(self, tree: Iterable[str]) -> tuple[Conflict, ...]:
        """The conflicts in which a dependency of a tree takes part."""
        members = set(tree)
        return tuple(conflict for conflict in self.conflicts if members.intersection(conflict.between))


Attempt = Callable[[int, tuple[str, ...]], tuple[Conflict, ...]]
"""Solves the tree of some dependencies (at a place in the partition); returns conflicts among them if there are any."""


def partition(
    names: Iterable[str], attempt: Attempt, *, known: Iterable[Conflict] = (), before: Mapping[str, int] | None = None
) -> Partition:
    """The partition of the dependencies ``names``.

    ``known`` are conflicts that need not be found again. ``before`` has the places of dependencies in an earlier
    partition: of several that are equally small, one that changes few of them is taken.

    :raises UnmetRequest: from ``attempt``, for a dependency that has no resolution even by itself
    """
    wanted = sorted(set(names))
    conflicts = {conflict.between: conflict for conflict in known if set(conflict.between) <= set(wanted)}
    steps = few = _FEW_STEPS + _STEPS_PER_NAME * len(wanted)
    while True:
        colouring = coloured(wanted, map(frozenset, conflicts), before or {}, steps=steps)
        found = [conflict for index, group in enumerate(colouring.groups) for conflict in attempt(index, group)]
        if not found and not colouring.best and steps < STEPS:
            steps = STEPS
            continue
        if not found:
            known_conflicts = tuple(conflicts[between] for between in sorted(conflicts))
            return Partition(
                colouring.groups,
                known_conflicts,
                colouring.best and all(conflict.proven for conflict in known_conflicts),
            )
        conflicts.update((conflict.between, conflict) for conflict in found)
        steps = few

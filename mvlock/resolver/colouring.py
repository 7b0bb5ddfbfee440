"""Which items can be together if some sets of them must not: the colouring of a hypergraph, by exhaustive search.

A colouring gives every item a colour so that no conflict (a set of two or more items) has one colour only. The best
one has, in this order: the fewest colours, the fewest items whose colour changes, the fewest items outside colour 0.
Only items in conflicts are searched; all others keep their colour or have 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

STEPS = 50_000
"""The number of choices tried before the best colouring so far is accepted: enough for any conflicts among 15 items,
and for many more items in practice."""


class Colouring(msgspec.Struct, frozen=True):
    """A colour for each item. ``best``: whether everything has been tried."""

    colours: Mapping[str, int]
    best: bool = True

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The items of each colour that is used, sorted; those of colour 0 first."""
        used = sorted(set(self.colours.values()))
        return tuple(tuple(sorted(item for item, one in self.colours.items() if one == colour)) for colour in used)


def coloured(
    items: Iterable[str], conflicts: Iterable[frozenset[str]], previous: Mapping[str, int], *, steps: int = STEPS
) -> Colouring:
    """The best colouring; of several equally good ones, the one that gives the first items by name the lowest colours.

    ``previous`` has the previous colours of items. Conflicts with items that are not among ``items`` are ignored.
    """
    known = sorted(set(items))
    sets = sorted({tuple(sorted(conflict)) for conflict in conflicts if conflict <= set(known)})
    complete = True
    for count in range(1, len(known) + 1):
        search = _Search(
            sets, {item: previous[item] for item in known if previous.get(item, count) < count}, count, steps
        )
        complete = search.run() and complete
        if search.found is not None:
            return Colouring({item: search.found.get(item, search.previous.get(item, 0)) for item in known}, complete)
    return Colouring({}, complete)


class _Search:
    """The best colouring of the items in conflicts with ``count`` colours, depth first."""

    def __init__(self, conflicts: list[tuple[str, ...]], previous: Mapping[str, int], count: int, steps: int) -> None:
        self.previous = previous
        self.found: dict[str, int] | None = None
        self._items = sorted({item for conflict in conflicts for item in conflict})
        self._conflicts = {item: [conflict for conflict in conflicts if item in conflict] for item in self._items}
        self._count = count
        self._steps = steps
        self._colours: dict[str, int] = {}
        self._cost = (0, 0)

    def run(self) -> bool:
        """Fill ``found``; False if ``steps`` ran out before everything was tried."""
        levels = [self._coloured_next((0, 0))]  # of a stack of our own: items may be more than calls can be nested
        while levels:
            cost = next(levels[-1], None)
            if cost is None:
                levels.pop()
            else:
                levels.append(self._coloured_next(cost))
        return self._steps > 0

    def _coloured_next(self, cost: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Give the next item each colour in turn that it can have; the cost of all colours so far, each time."""
        self._steps -= 1
        if self._steps <= 0 or (self.found is not None and cost >= self._cost):
            return
        if len(self._colours) == len(self._items):
            self.found, self._cost = dict(self._colours), cost
            return
        item = self._items[len(self._colours)]
        previous_colour = self.previous.get(item)
        for colour in self._choices(previous_colour):
            if not self._clashes(item, colour):
                self._colours[item] = colour
                yield cost[0] + (previous_colour not in {None, colour}), cost[1] + (colour > 0)
                del self._colours[item]

    def _choices(self, previous_colour: int | None) -> list[int]:
        """The colour an item had comes first. Unused colours except 0 are equivalent: one of them is enough."""
        first_unused = max([0, *self._colours.values(), *self.previous.values()]) + 1
        colours = range(min(first_unused + 1, self._count))
        return sorted(colours, key=lambda colour: (colour != previous_colour, colour))

    def _clashes(self, item: str, colour: int) -> bool:
        """Whether all others of a conflict have the colour already."""
        return any(
            all(self._colours.get(other) == colour for other in conflict if other != item)
            for conflict in self._conflicts[item]
        )

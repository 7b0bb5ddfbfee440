"""Which items can be together if some sets of them must not: the colouring of a hypergraph, by exhaustive search.

A colouring gives every item a colour so that no conflict (a set of two or more items) has one colour only. The best
one has, in this order: the fewest colours, the fewest items whose colour changes, the fewest items outside colour 0.
Only items in conflicts are searched; all others keep their colour or have 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

STEPS = 50_000
"""The number of choices tried before the best colouring so far is accepted: enough for any conflicts among 15 items,
and for many more items in practice."""


_Others = tuple[list[int], list[list[int]]]


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
    in_conflict = sorted({item for conflict in sets for item in conflict})
    others = _others_in_conflict(in_conflict, sets)
    complete = True
    for count in range(1, len(known) + 1):
        before = {item: previous[item] for item in known if previous.get(item, count) < count}
        search = _Search(in_conflict, others, before, count, steps)
        complete = search.run() and complete
        if search.found is not None:
            return Colouring({item: search.found.get(item, search.previous.get(item, 0)) for item in known}, complete)
    return Colouring({}, complete)


class _Search:
    """The best colouring of the items in conflicts with ``count`` colours, depth first.

    Sets of items are the bits of an int, so that one operation compares an item with all that have a colour.
    """

    def __init__(
        self, items: Sequence[str], others: _Others, previous: Mapping[str, int], count: int, steps: int
    ) -> None:
        self.previous = previous
        self.found: dict[str, int] | None = None
        self._items = items
        self._opponents, self._coalitions = others
        self._steps = steps
        self._colours: list[int] = []
        self._members = [0] * count
        self._colours_before = max([0, *previous.values()]) + 1
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
        number = len(self._colours)
        if number == len(self._items):
            self.found, self._cost = dict(zip(self._items, self._colours, strict=True)), cost
            return
        previous_colour = self.previous.get(self._items[number])
        for colour in self._choices(previous_colour):
            if not self._clashes(number, colour):
                self._colours.append(colour)
                self._members[colour] |= 1 << number
                yield cost[0] + (previous_colour not in {None, colour}), cost[1] + (colour > 0)
                self._members[colour] ^= 1 << number
                self._colours.pop()

    def _choices(self, previous_colour: int | None) -> list[int]:
        """The colour an item had comes first. Unused colours except 0 are equivalent: one of them is enough."""
        used = next((colour + 1 for colour in reversed(range(len(self._members))) if self._members[colour]), 1)
        colours = range(min(max(used, self._colours_before) + 1, len(self._members)))
        return sorted(colours, key=lambda colour: (colour != previous_colour, colour))

    def _clashes(self, number: int, colour: int) -> bool:
        """Whether all others of a conflict have the colour already."""
        members = self._members[colour]
        return bool(self._opponents[number] & members) or any(
            others & members == others for others in self._coalitions[number]
        )


def _others_in_conflict(items: Sequence[str], conflicts: Iterable[tuple[str, ...]]) -> _Others:
    """By item: all that are in conflict with it in pairs, as one set; and the others of each larger conflict."""
    numbers = {item: number for number, item in enumerate(items)}
    alone, together = [0] * len(items), [list[int]() for _ in items]
    for conflict in conflicts:
        everybody = sum(1 << numbers[item] for item in conflict)
        for item in conflict:
            number = numbers[item]
            if len(conflict) == 2:
                alone[number] |= everybody ^ 1 << number
            else:
                together[number].append(everybody ^ 1 << number)
    return alone, together

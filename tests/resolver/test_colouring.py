"""The colouring of conflicts, compared with an exhaustive search."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from mvlock.resolver.colouring import coloured

ITEMS = "abcdef"
CONFLICTS = st.lists(st.sets(st.sampled_from(ITEMS), min_size=2, max_size=3).map(frozenset), max_size=8)
BEFORE = st.dictionaries(st.sampled_from(ITEMS), st.integers(0, 3), max_size=4)


def cost(colours: dict[str, int], before: dict[str, int]) -> tuple[int, int, int]:
    count = len(set(colours.values()))
    usable = {item: colour for item, colour in before.items() if colour < count}
    moved = sum(1 for item, colour in usable.items() if colours[item] != colour)
    return count, moved, sum(1 for colour in colours.values() if colour)


def is_proper(colours: dict[str, int], conflicts: list[frozenset[str]]) -> bool:
    return all(len({colours[item] for item in conflict}) > 1 for conflict in conflicts)


@settings(max_examples=60)
@given(CONFLICTS, BEFORE)
def test_no_colouring_is_better_than_the_one_found(conflicts: list[frozenset[str]], before: dict[str, int]) -> None:
    found = coloured(ITEMS, conflicts, before)
    assert found.best
    assert is_proper(dict(found.colours), conflicts)
    inside = {item for conflict in conflicts for item in conflict}
    count = len(set(found.colours.values()))
    truth = min(
        cost(colours, before)
        for several in itertools.product(range(count), repeat=len(ITEMS))
        if is_proper(colours := dict(zip(ITEMS, several, strict=True)), conflicts)
        and set(colours.values()) == set(range(len(set(colours.values()))))
    )
    assert cost(dict(found.colours), before)[:2] == truth[:2]
    if not before:
        assert cost(dict(found.colours), before) == truth
        assert all(found.colours[item] == 0 for item in ITEMS if item not in inside)


def test_without_conflicts_everything_is_together() -> None:
    assert coloured("abc", [], {}).groups == (("a", "b", "c"),)


def test_few_leave_and_the_first_by_name_stay() -> None:
    pairs = [frozenset("ab"), frozenset("cb"), frozenset("de")]
    assert coloured("abcdef", pairs, {}).groups == (("a", "c", "d", "f"), ("b", "e"))


def test_separate_dependencies_stay_separate() -> None:
    assert coloured("abc", [frozenset("ab")], {"a": 1, "b": 0}).groups == (("b", "c"), ("a",))


def test_a_search_that_is_cut_short_says_so_and_still_respects_all_conflicts() -> None:
    items = [f"i{number}" for number in range(9)]
    conflicts = [frozenset(several) for several in itertools.combinations(items, 3)]
    found = coloured(items, conflicts, {}, steps=50)
    assert not found.best
    assert is_proper(dict(found.colours), conflicts)
    assert coloured(items, conflicts, {}).best


def test_more_items_can_conflict_than_calls_can_be_nested() -> None:
    items = [f"item{number:04}" for number in range(3000)]
    found = coloured(items, [frozenset(items)], {})
    assert sorted(map(len, found.groups)) == [1, 2999]

"""Partitions from conflicts that are learned by trying."""

from __future__ import annotations

from mvlock.resolver.partition import Conflict, partition


class Attempts:
    """Knows the conflicts, returns the first ``at_once`` of a group, and records the groups."""

    def __init__(self, *conflicts: Conflict, at_once: int = 1) -> None:
        self.conflicts = conflicts
        self.at_once = at_once
        self.groups: list[tuple[str, ...]] = []

    def __call__(self, place: int, group: tuple[str, ...]) -> tuple[Conflict, ...]:
        self.groups.append(group)
        return tuple(one for one in self.conflicts if set(one.between) <= set(group))[: self.at_once]


def test_only_conflicts_that_are_met_are_learned() -> None:
    attempts = Attempts(Conflict(("a", "b"), "x"), Conflict(("b", "c"), "y"))
    found = partition("abcd", attempts)
    assert found.trees == (("a", "c", "d"), ("b",))
    assert found.conflicts == (Conflict(("a", "b"), "x"),)
    assert found.smallest
    assert attempts.groups == [("a", "b", "c", "d"), ("a", "c", "d"), ("b",)]


def test_several_conflicts_of_a_group_are_learned_at_once() -> None:
    attempts = Attempts(Conflict(("a", "b"), "x"), Conflict(("c", "d"), "y"), at_once=2)
    assert partition("abcd", attempts).trees == (("a", "c"), ("b", "d"))
    assert attempts.groups == [("a", "b", "c", "d"), ("a", "c"), ("b", "d")]


def test_known_conflicts_are_not_tried_again() -> None:
    attempts = Attempts()
    known = [Conflict(("a", "b"), "before"), Conflict(("a", "gone"), "of what is no more")]
    assert partition("ab", attempts, known=known).conflicts == (known[0],)
    assert attempts.groups == [("a",), ("b",)]


def test_a_conflict_that_is_not_proven_makes_the_partition_uncertain() -> None:
    found = partition("ab", Attempts(Conflict(("a", "b"), "given up", proven=False)))
    assert (found.trees, found.smallest) == ((("a",), ("b",)), False)
    assert found.conflicts_of(["b"]) == found.conflicts

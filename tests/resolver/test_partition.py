"""Partitions from conflicts that are learned by trying."""

from __future__ import annotations

from mvlock.resolver.partition import Conflict, partition


class Attempts:
    """Knows the conflicts, returns the first one in a group, and records the groups."""

    def __init__(self, *conflicts: Conflict) -> None:
        self.conflicts = conflicts
        self.groups: list[tuple[str, ...]] = []

    def __call__(self, place: int, group: tuple[str, ...]) -> Conflict | None:
        self.groups.append(group)
        return next((one for one in self.conflicts if set(one.between) <= set(group)), None)


def test_only_conflicts_that_are_met_are_learned() -> None:
    attempts = Attempts(Conflict(("a", "b"), "x"), Conflict(("b", "c"), "y"))
    found = partition("abcd", attempts)
    assert found.trees == (("a", "c", "d"), ("b",))
    assert found.conflicts == (Conflict(("a", "b"), "x"),)
    assert found.smallest
    assert attempts.groups == [("a", "b", "c", "d"), ("a", "c", "d"), ("b",)]


def test_known_conflicts_are_not_tried_again() -> None:
    attempts = Attempts()
    known = [Conflict(("a", "b"), "before"), Conflict(("a", "gone"), "of what is no more")]
    assert partition("ab", attempts, known=known).conflicts == (known[0],)
    assert attempts.groups == [("a",), ("b",)]


def test_a_conflict_that_is_not_proven_makes_the_partition_uncertain() -> None:
    found = partition("ab", Attempts(Conflict(("a", "b"), "given up", proven=False)))
    assert (found.trees, found.smallest) == ((("a",), ("b",)), False)
    assert found.conflicts_of(["b"]) == found.conflicts

"""What is known of a key is found whenever it was learned."""

from __future__ import annotations

from mvlock.resolver.incompatibility import Incompatibility, KnownIncompatibilities, PartialSolution
from mvlock.resolver.need import Key

A, B, C = ("a", ""), ("b", ""), ("c", "")


def all_states(_: Key) -> int:
    """Each project has two releases, or is absent."""
    return 0b111


def test_what_is_learned_later_counts_for_states_that_a_key_had_before() -> None:
    solution = PartialSolution(all_states)
    known = KnownIncompatibilities(solution)
    first, later = Incompatibility({A: 0b001, B: 0b010}), Incompatibility({A: 0b001, C: 0b010})
    other = Incompatibility({A: 0b010, C: 0b001})
    known.add(first)
    known.add(other)
    solution.decide(C, 0b111)
    solution.decide(A, 0b001)
    assert known.relevant(A) == [first]
    known.add(later)
    solution.backtrack(1)
    assert known.relevant(A) == []
    solution.decide(A, 0b001)
    assert known.relevant(A) == [later, first]


def test_a_key_is_free_again_where_nothing_limits_it() -> None:
    solution = PartialSolution(all_states)
    solution.decide(A, 0b011)
    solution.decide(A, 0b001)
    assert solution.states(A) == 0b001
    solution.backtrack(1)
    assert solution.states(A) == 0b011
    solution.backtrack(0)
    assert solution.states(A) == 0b111

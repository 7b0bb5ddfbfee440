"""The evaluation loop is found however a compiler has laid it out, or is reported missing."""

from __future__ import annotations

import pytest

from importshim._loop import loop_functions

_OUTSIDE = (3010, 4010, 5010)
"""What has called the loop, and so on; a function begins at each thousand."""


def _function_of(address: int) -> int:
    return address // 1000 * 1000


def _stacks(*places: int, outside: tuple[int, ...] = _OUTSIDE) -> list[tuple[int, ...]]:
    """The loop has called from ``places``, each time by way of other functions."""
    return [(*range(60010, 60010 + number), place, *outside) for number, place in enumerate(places)]


def test_a_loop_in_one_piece_is_the_function_of_its_symbol() -> None:
    assert loop_functions(_stacks(1010, 1020, 1030), _function_of, 1000) == {1000}


def test_parts_that_the_compiler_has_moved_away_are_the_loop_too() -> None:
    assert loop_functions(_stacks(9010, 9020, 9020), _function_of, 1000) == {1000, 9000}
    assert loop_functions(_stacks(9010, 1020, 9030), _function_of, 1000) == {1000, 9000}


def test_where_each_instruction_is_a_function_the_loop_is_what_has_called_them() -> None:
    stacks = _stacks(11010, 12010, 13010, 14010, outside=(1010, *_OUTSIDE))
    assert loop_functions(stacks, _function_of, 1000) == {1000}


@pytest.mark.parametrize(
    "stacks",
    [
        pytest.param([], id="nothing was read"),
        pytest.param(_stacks(1010, 1010, outside=()), id="nothing outside"),
        pytest.param([(1010, *_OUTSIDE)] * 3, id="all the same"),
        pytest.param(_stacks(11010, 12010, 13010, 14010), id="functions of instructions that nobody has called"),
        pytest.param(_stacks(10, 1020), id="code without unwind tables"),
    ],
)
def test_stacks_that_do_not_show_the_loop_give_nothing(stacks: list[tuple[int, ...]]) -> None:
    assert loop_functions(stacks, _function_of, 1000) == frozenset()

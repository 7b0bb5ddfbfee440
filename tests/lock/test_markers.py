"""Sets of targets written as markers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from mvlock.lock.markers import MarkerWriter
from mvlock.resolver.target import targets_for
from mvlock.resolver.target_set import TargetMatrix

GRID = TargetMatrix(targets_for(SpecifierSet(">=3.10")))
WRITER = MarkerWriter(GRID)


@pytest.mark.parametrize(
    "text",
    [
        "python_version < '3.11'",
        "python_version >= '3.13'",
        "python_version == '3.12'",
        "python_version >= '3.11' and python_version < '3.13'",
        "sys_platform == 'win32'",
        "sys_platform != 'darwin'",
        "platform_machine == 'aarch64'",
        "python_version < '3.12' and sys_platform == 'linux'",
        "(python_version < '3.11' and platform_machine == 'arm64') or sys_platform == 'win32'",
    ],
)
def test_a_set_that_a_short_marker_describes_is_written_as_that_marker(text: str) -> None:
    written = WRITER.marker(WRITER.where(str(Marker(text))))
    assert written is not None
    assert sorted(written.split(" or ")) == sorted(text.split(" or "))


def test_no_marker_is_needed_where_it_would_always_hold() -> None:
    assert WRITER.marker(WRITER.universe) is None
    assert WRITER.where(None) == WRITER.universe


@given(st.sets(st.sampled_from(GRID.representatives), min_size=1))
def test_a_marker_is_true_on_exactly_the_targets_it_was_written_for(chosen: set[int]) -> None:
    marker = WRITER.marker(sum(1 << number for number in chosen))
    for number in GRID.representatives:
        environment = dict(GRID.targets[number].environment)
        holds = marker is None or Marker(marker).evaluate(environment)
        assert holds == (number in chosen)

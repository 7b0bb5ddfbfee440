"""Markers of one machine (the kernel's release and version) are reported, never guessed."""

from __future__ import annotations

import pytest
from packaging.markers import Marker

from mvlock.errors import LocalError
from mvlock.lock.options import LockOptions
from mvlock.project.model import TreeRequest
from mvlock.resolver.target import machine_target
from tests.lock.locked import NOW, Notes, constraints, lock, tree
from tests.resolver.universe import Universe

TEGRA = "'tegra' in platform_release"


@pytest.fixture
def universe() -> Universe:
    """``a`` and ``b`` have a version each."""
    made = Universe()
    made.publish("a", "1")
    made.publish("b", "1")
    return made


@pytest.mark.parametrize(
    "requirement",
    [
        tree(f"a; {TEGRA}"),
        tree("a; 'tegra' not in platform_release"),
        tree("a; sys_platform == 'linux' and platform_version >= '6'"),
        tree("a", constraints=constraints(f"b<1; {TEGRA}")),
        tree("a", overrides=constraints(f"b<1; {TEGRA}", at=("tool", "mvlock", "overrides"))),
    ],
)
def test_markers_of_one_machine_are_refused_in_the_project(universe: Universe, requirement: TreeRequest) -> None:
    with pytest.raises(LocalError, match="platform_") as caught:
        lock(universe, requirement)
    assert caught.value.code == "marker-undecided"


def test_environments_must_not_say_it_either(universe: Universe) -> None:
    with pytest.raises(LocalError, match="environments"):
        lock(universe, "a", environments=(Marker("'tegra' not in platform_release"),))


def test_what_the_rest_of_the_marker_decides_is_no_question(universe: Universe) -> None:
    locked = lock(
        universe, tree(f"a; {TEGRA} or sys_platform != 'beos'", "b; os_name == 'ce' and platform_release > '1'")
    )
    assert [member.name for member in locked.trees[0].packages] == ["a"]


def test_for_one_machine_it_is_decided(universe: Universe) -> None:
    options = LockOptions(now=NOW, targets=(machine_target(),))
    locked = lock(universe, tree("a; platform_release != ''", "b; platform_release == ''"), options=options, python="")
    assert [member.name for member in locked.trees[0].packages] == ["a"]


def test_markers_of_one_machine_in_a_dependency_are_reported_with_the_result(universe: Universe) -> None:
    notes = Notes()
    universe.publish("c", "1", requires=[f"a; {TEGRA}", "b; 'tegra' not in platform_release", "d; extra == 'x'"])
    locked = lock(universe, "c", reporter=notes)
    assert [member.name for member in locked.trees[0].packages] == ["b", "c"]
    assert notes.notes == [
        'c 1 needs a where "tegra" in platform_release: '
        "that depends on the kernel, so the requirement is left out of mv.lock",
        'c 1 needs b where "tegra" not in platform_release: '
        "that depends on the kernel, so the requirement is in mv.lock",
    ]


def test_an_extra_that_is_not_requested_is_not_reported(universe: Universe) -> None:
    universe.publish("c", "1", requires=[f"a; extra == 'x' and {TEGRA}"])
    for wanted, count in (("c", 0), ("c[x]", 1)):
        notes = Notes()
        lock(universe, wanted, reporter=notes)
        assert len(notes.notes) == count

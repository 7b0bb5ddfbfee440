"""``isolate = "conflicts"``: what is one tree, what is split, and what is printed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mvlock.errors import UnmetRequest
from mvlock.lock.lockfile import format_lock, parse_lock
from mvlock.lock.locking import lock_project
from mvlock.lock.model import Lock
from mvlock.lock.options import LockOptions
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from tests.lock.locked import OPTIONS, Notes, pins
from tests.lock.test_oracle import EXAMPLES, NAMES, PLACES, PYTHON, TARGETS, World, solutions, worlds
from tests.resolver.universe import Offer, Universe

LATE = 'requires-python = ">=3.12,<3.13"'


def lock(
    universe: Universe,
    *dependencies: str,
    project: str = "",
    tool: str = "",
    previous: Lock | None = None,
    options: LockOptions = OPTIONS,
    reporter: SilentReporter | None = None,
    python: str = LATE,
) -> Lock:
    """The lock of a pyproject.toml with ``isolate = "conflicts"``."""
    lines = ", ".join(f'"{one}"' for one in dependencies)
    text = f'[project]\nname = "app"\n{python}\ndependencies = [{lines}]\n{project}\n[tool.mvlock]\n'
    read = load_project(Path(), text=text + f'isolate = "conflicts"\n{tool}\n')
    return lock_project(
        msgspec.structs.replace(read, environments=PLACES) if python != LATE else read,
        universe,
        universe,
        options=options,
        previous=previous,
        reporter=reporter or SilentReporter(),
    )


def trees(locked: Lock) -> dict[str, tuple[str, ...]]:
    return {tree.name: tree.requires for tree in locked.trees}


@pytest.fixture
def universe() -> Universe:
    """``old`` and ``new`` need different versions of ``core``; ``any`` needs it, ``free`` nothing."""
    universe = Universe()
    universe.publish("old", "1", requires=["core<2"])
    universe.publish("new", "1", requires=["core>=2"])
    universe.publish("any", "1", requires=["core"])
    universe.publish("free", "1")
    for version in ("1", "2"):
        universe.publish("core", version)
    return universe


def test_what_does_not_conflict_is_one_tree_that_imports_all_its_requirements(universe: Universe) -> None:
    locked = lock(universe, "old", "any", "free")
    assert trees(locked) == {"main": ("any", "free", "old")}
    assert locked.trees[0].imports == ("any", "free", "old")
    assert pins(locked) == {"any": "1", "core": "1", "free": "1", "old": "1"}
    assert "conflicts" not in format_lock(locked)


def test_one_of_those_that_conflict_gets_its_own_tree_and_the_reason_is_reported(universe: Universe) -> None:
    notes = Notes()
    locked = lock(universe, "old", "any", "free", "new", reporter=notes)
    assert trees(locked) == {"main": ("any", "free", "new"), "old": ("old",)}
    (conflict,) = locked.trees[1].conflicts
    assert conflict.between == ("new", "old")
    assert conflict.reason == "new 1 needs core>=2, but old 1 needs core<2"
    assert notes.notes == ["tree old is separate from main: new 1 needs core>=2, but old 1 needs core<2"]
    assert parse_lock(format_lock(locked)) == locked


def test_what_has_no_file_for_a_target_takes_no_part_in_a_conflict_of_others(universe: Universe) -> None:
    """On Linux all of them are solved at once, whatever their files, because ``elsewhere`` has none for it."""
    universe.publish("elsewhere", "1", offer=Offer(tags=["py3-none-win_amd64"]))
    locked = lock(universe, "elsewhere", "free", "new", "old")
    assert trees(locked) == {"main": ("elsewhere", "free", "new"), "old": ("old",)}
    (conflict,) = locked.trees[1].conflicts
    assert (conflict.between, conflict.proven) == (("new", "old"), True)


def test_those_that_leave_share_a_tree_if_they_can(universe: Universe) -> None:
    universe.publish("older", "1", requires=["core<2"])
    universe.publish("new-too", "1", requires=["core>=2"])
    locked = lock(universe, "new", "new-too", "old", "older")
    assert trees(locked) == {"main": ("new", "new-too"), "old": ("old", "older")}


def test_a_conflict_of_three_splits_only_one_off(universe: Universe) -> None:
    universe.publish("p", "1", requires=["core>1; python_version > '3'", "q-base!=2"])
    universe.publish("q", "1", requires=["core", "q-base>=2"])
    universe.publish("r", "1", requires=["q-base<3"])
    for version in ("1", "2", "3"):
        universe.publish("q-base", version)
    locked = lock(universe, "p", "q", "r")
    assert trees(locked) == {"main": ("p", "q"), "r": ("r",)}
    assert locked.trees[1].conflicts[0].between == ("p", "q", "r")


def test_a_dependency_is_held_back_rather_than_split_off(universe: Universe) -> None:
    universe.publish("new", "0.9", requires=["core"])
    notes = Notes()
    assert pins(lock(universe, "old", "new", reporter=notes)) == {"core": "1", "new": "0.9", "old": "1"}
    assert notes.notes == ["tree main: held back to be in one tree with the others: new to 0.9"]


def test_a_marker_may_leave_a_dependency_out_of_the_joint_tree(universe: Universe) -> None:
    locked = lock(universe, "free; sys_platform == 'win32'", "any", "old; sys_platform == 'atari'", "new")
    assert trees(locked)["main"] == ("any", 'free; sys_platform == "win32"', "new", 'old; sys_platform == "atari"')
    assert {one.name: one.marker for one in locked.trees[0].packages}["free"] == "sys_platform == 'win32'"


def test_groups_and_extras_are_trees_of_their_names(universe: Universe) -> None:
    extra = (
        '[project.optional-dependencies]\nplot = ["any"]\n[dependency-groups]\ndev = ["new", "old"]\nplot = ["core"]'
    )
    locked = lock(universe, "free", project=extra)
    assert trees(locked) == {
        "dev": ("new",),
        "main": ("free",),
        "old": ("old",),
        "plot": ("any",),
        "plot_2": ("core",),
    }
    wanted = {tree.name: (tree.always, tree.groups, tree.extras) for tree in locked.trees}
    assert wanted["main"] == (True, (), ())
    assert wanted["old"] == wanted["dev"] == (False, ("dev",), ())
    assert wanted["plot"] == (False, (), ("plot",))


def test_trees_and_aliases_that_are_named_stay_their_own(universe: Universe) -> None:
    tool = (
        '[tool.mvlock.trees]\nmain = ["old"]\n[tool.mvlock.trees.any]\nconstraints = ["core<2"]\n'
        '[tool.mvlock.alias]\ncore_old = "core<2"\n'
    )
    locked = lock(universe, "old", "any", "new", "free", tool=tool)
    assert trees(locked) == {
        "any": ("any",),
        "core_old": ("core<2",),
        "main": ("old",),
        "main_2": ("free", "new"),
    }


def test_a_dependency_without_any_resolution_is_reported_as_usual(universe: Universe) -> None:
    universe.publish("broken", "1", requires=["core>=3"])
    with pytest.raises(UnmetRequest, match=r"tree main cannot be resolved: broken 1 needs core>=3"):
        lock(universe, "broken")
    with pytest.raises(UnmetRequest, match=r"broken 1 needs core>=3"):
        lock(universe, "broken", "free")


def test_a_split_stays_until_its_requirements_change_or_it_is_upgraded(universe: Universe) -> None:
    first = lock(universe, "old", "new")
    assert trees(first) == {"main": ("new",), "old": ("old",)}
    universe.publish("old", "2", requires=["core"])
    added = lock(universe, "old", "new", "free", previous=first)
    assert trees(added) == {"main": ("free", "new"), "old": ("old",)}
    assert added.trees[1].conflicts == first.trees[1].conflicts
    assert trees(lock(universe, "old>1", "new", previous=first)) == {"main": ("new", "old>1")}
    upgraded = lock(universe, "old", "new", previous=first, options=msgspec.structs.replace(OPTIONS, upgrade=True))
    assert trees(upgraded) == {"main": ("new", "old")}
    one = msgspec.structs.replace(OPTIONS, upgrade_packages=frozenset({canonicalize_name("old")}))
    assert trees(lock(universe, "old", "new", previous=first, options=one)) == {"main": ("new", "old")}


def test_a_dependency_that_comes_does_not_make_others_change_places(universe: Universe) -> None:
    first = lock(universe, "new", "old")
    universe.publish("older", "1", requires=["core<2"])
    universe.publish("oldest", "1", requires=["core<2"])
    second = lock(universe, "new", "old", "older", "oldest", previous=first)
    assert trees(second) == {"main": ("new",), "old": ("old", "older", "oldest")}


def partitions(items: list[str]) -> Iterator[list[list[str]]]:
    """All of them."""
    if not items:
        yield []
        return
    for rest in partitions(items[1:]):
        yield [[items[0]], *rest]
        for number, group in enumerate(rest):
            yield [*rest[:number], [items[0], *group], *rest[number + 1 :]]


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(worlds(), st.lists(st.sampled_from(["", ">=2", "<2", "==2", ">2"]), min_size=4, max_size=4), st.data())
def test_there_are_as_few_trees_as_there_can_be(world: World, bounds: list[str], data: st.DataObject) -> None:
    requirements = [f"{name}{bound}" for name, bound in zip(NAMES, bounds, strict=True)]
    works = {
        group: all(solutions(replace(world, roots=list(group)), target) for target in TARGETS)
        for size in range(1, 5)
        for group in itertools.combinations(requirements, size)
    }
    python = f'requires-python = "{PYTHON}"'
    try:
        locked = lock(world.universe(), *requirements, python=python)
    except UnmetRequest:
        assert not all(works[one,] for one in requirements)
        return
    truth = min(
        len(several) for several in partitions(requirements) if all(works[tuple(sorted(one))] for one in several)
    )
    assert len(locked.trees) == truth
    for tree in locked.trees:
        assert all(len({Requirement(one).name for one in tree.requires} & set(c.between)) for c in tree.conflicts)
        for conflict in tree.conflicts:
            assert conflict.proven
            assert not works[tuple(one for one in requirements if Requirement(one).name in conflict.between)]
    shuffled = data.draw(st.permutations(requirements))
    assert format_lock(lock(world.universe(), *shuffled, python=python)) == format_lock(locked)

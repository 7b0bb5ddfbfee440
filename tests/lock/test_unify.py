"""One version for several trees: in examples, and in small random universes compared with an exhaustive search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.errors import UnmetRequest
from mvlock.lock.lockfile import format_lock
from mvlock.lock.locking import lock_project
from mvlock.lock.model import Lock
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from tests.lock.locked import LINUX, OPTIONS, constraints, lock, pins, tree
from tests.lock.test_oracle import (
    EXAMPLES,
    PLACES,
    PYTHON,
    REQUIREMENTS,
    TARGETS,
    World,
    active,
    closure,
    solutions,
    worlds,
)
from tests.resolver.universe import Offer, Universe

LINUX_WHEEL, PURE = "py3-none-manylinux_2_17_x86_64", "py3-none-any"


@pytest.fixture
def universe() -> Universe:
    """Two libraries that need c: old in version 1, new in any; c has three versions."""
    universe = Universe()
    universe.publish("old", "1", requires=["c<2"])
    universe.publish("new", "1", requires=["c"])
    for version in ("1", "2", "3"):
        universe.publish("c", version)
    return universe


def versions(locked: Lock, project: str) -> dict[str, str]:
    """Tree to version of a project, where it has it."""
    return {one.name: pins(locked, one.name)[project] for one in locked.trees if project in pins(locked, one.name)}


def distributions(locked: Lock) -> int:
    return len(locked.packages)


def test_a_tree_takes_the_version_that_another_one_must_have(universe: Universe) -> None:
    assert versions(lock(universe, "new", "old"), "c") == {"new": "1", "old": "1"}
    assert versions(lock(universe, "new", "old", unify=False), "c") == {"new": "3", "old": "1"}


def test_no_tree_is_held_back_where_its_own_requirements_forbid_it(universe: Universe) -> None:
    universe.publish("newest", "1", requires=["c>=3"])
    universe.publish("other", "1", requires=["c>=2"])
    locked = lock(universe, "new", "newest", "old", "other")
    assert versions(locked, "c") == {"new": "3", "newest": "3", "old": "1", "other": "3"}


def test_only_an_alias_of_an_older_version_follows_an_alias(universe: Universe) -> None:
    for version, need in (("1", "c<2"), ("2", "c"), ("3", "c<3")):
        universe.publish("lib", version, requires=[need])
    first, second, third = (
        tree(f"lib=={version}", name=f"lib_{version}", alias=f"lib_{version}", alias_project="lib") for version in "123"
    )
    assert versions(lock(universe, "new", first), "c") == {"new": "3", "lib_1": "1"}
    assert versions(lock(universe, first, second), "c") == {"lib_1": "1", "lib_2": "3"}
    assert versions(lock(universe, second, third), "c") == {"lib_2": "2", "lib_3": "2"}
    assert versions(lock(universe, second, "old"), "c") == {"lib_2": "1", "old": "1"}


def test_a_direct_dependency_is_not_held_back_for_others(universe: Universe) -> None:
    assert versions(lock(universe, "c", "old"), "c") == {"c": "3", "old": "1"}


def test_nothing_else_is_held_back_to_make_room(universe: Universe) -> None:
    universe.publish("top", "1", requires=["middle"])
    universe.publish("middle", "1", requires=["c"])
    universe.publish("middle", "2", requires=["c>=2"])
    locked = lock(universe, "top", "old")
    assert pins(locked, "top") == {"c": "3", "middle": "2", "top": "1"}


def test_what_an_older_version_needs_comes_with_it(universe: Universe) -> None:
    for version in ("1", "2", "3"):
        universe.publish("core", version)
        universe.publish("kit", version, requires=[f"core=={version}"])
    universe.publish("early", "1", requires=["kit==2"])
    universe.publish("late", "1", requires=["kit", "core"])
    assert pins(lock(universe, "early", "late"), "late") == {"core": "2", "kit": "2", "late": "1"}


def test_a_move_that_saves_nothing_is_not_made(universe: Universe) -> None:
    universe.publish("newest", "1", requires=["c>=3"])
    assert versions(lock(universe, "new", "newest", "old"), "c")["new"] == "3"


def test_overlapping_ranges_get_the_smallest_number_of_versions(universe: Universe) -> None:
    for version in ("4", "5"):
        universe.publish("c", version)
    for name, bounds in {"p": "<3", "q": "<4", "r": ">1,<5", "s": ">3"}.items():
        universe.publish(name, "1", requires=[f"c{bounds}"])
    locked = lock(universe, "p", "q", "r", "s")
    assert versions(locked, "c") == {"p": "2", "q": "2", "r": "2", "s": "5"}


def test_a_wheel_is_not_given_up_for_an_sdist(universe: Universe) -> None:
    universe.publish("native", "1", offer=Offer(tags=[LINUX_WHEEL], sdist=True))
    universe.publish("native", "2", offer=Offer(tags=[LINUX_WHEEL, "py3-none-win_amd64"], sdist=True))
    universe.publish("early", "1", requires=["native<2"])
    universe.publish("late", "1", requires=["native"])
    places = (LINUX, Marker("sys_platform == 'win32' and platform_machine == 'AMD64'"))
    locked = lock(universe, "early", "late", environments=places)
    (late,) = (one for one in locked.trees if one.name == "late")
    markers = {one.version: one.marker for one in late.packages if one.name == "native"}
    assert markers == {"1": "platform_machine == 'x86_64'", "2": "platform_machine == 'AMD64'"}


@pytest.mark.parametrize("offer", [Offer(yanked="broken"), Offer(python="<3.10")])
def test_a_release_that_only_a_pin_allows_is_for_no_other_tree(universe: Universe, offer: Offer) -> None:
    universe.publish("c", "0.5", offer=offer)
    pinned = tree("old", "c==0.5", name="pinned")
    assert versions(lock(universe, pinned, "new"), "c") == {"new": "3", "pinned": "0.5"}


def test_a_prerelease_is_not_for_a_tree_that_could_have_a_final_release(universe: Universe) -> None:
    universe.publish("c", "0.5b1")
    universe.publish("early", "1", requires=["c==0.5b1"])
    assert versions(lock(universe, "early", "new"), "c") == {"early": "0.5b1", "new": "3"}


def test_constraints_and_overrides_of_a_tree_count(universe: Universe) -> None:
    bound = tree("new", constraints=constraints("c>=2"))
    assert versions(lock(universe, bound, "old"), "c") == {"new": "3", "old": "1"}
    replaced = tree("new", overrides=constraints("c>=3"))
    assert versions(lock(universe, replaced, "old"), "c") == {"new": "3", "old": "1"}


def test_locked_versions_stay_and_new_trees_follow_them(universe: Universe) -> None:
    universe.publish("other", "1", requires=["c"])
    first = lock(universe, "other")
    locked = lock(universe, "other", "new", previous=first)
    universe.publish("c", "4")
    assert versions(lock(universe, "other", "new", previous=first), "c") == {"new": "3", "other": "3"}
    assert versions(lock(universe, "other", "new", "old", previous=locked), "c")["other"] == "3"
    upgraded = lock(
        universe, "other", "new", "old", previous=locked, options=msgspec.structs.replace(OPTIONS, upgrade=True)
    )
    assert versions(upgraded, "c") == {"new": "1", "old": "1", "other": "1"}


def test_upgrading_a_project_moves_it_in_all_trees(universe: Universe) -> None:
    locked = lock(universe, "new", "old", unify=False)
    options = msgspec.structs.replace(OPTIONS, upgrade_packages=frozenset({canonicalize_name("c")}))
    assert set(versions(lock(universe, "new", "old", previous=locked, options=options), "c").values()) == {"1"}


def test_a_tree_that_is_upgraded_does_not_follow_those_that_stay(universe: Universe) -> None:
    universe.publish("other", "1", requires=["c"])
    locked = lock(universe, "new", "other")
    universe.publish("c", "4")
    options = msgspec.structs.replace(OPTIONS, upgrade_trees=frozenset({"new"}))
    assert versions(lock(universe, "new", "other", previous=locked, options=options), "c") == {"new": "4", "other": "3"}


Roots = Mapping[str, list[str]]


@st.composite
def forests(draw: st.DrawFn) -> tuple[World, Roots]:
    """A universe, and what three trees require in it."""
    roots = st.lists(REQUIREMENTS, min_size=1, max_size=2)
    return draw(worlds()), {name: draw(roots) for name in ("p", "q", "r")}


def locked_forest(world: World, roots: Roots, *, unify: bool = True, previous: Lock | None = None) -> Lock:
    # "tests" is a module that is not looked for: not all of these trees hold the same.
    trees = [tree(*texts, name=name, alias=name, module="tests") for name, texts in roots.items()]
    try:
        return lock(world.universe(), *trees, python=PYTHON, environments=PLACES, unify=unify, previous=previous)
    except UnmetRequest:
        assume(False)
        raise


def on(locked: Lock, number: int) -> dict[str, dict[str, str]]:
    """What each tree has on a target."""
    environment = dict(TARGETS[number].environment)
    return {
        one.name: {m.name: m.version for m in one.packages if not m.marker or Marker(m.marker).evaluate(environment)}
        for one in locked.trees
    }


def direct(roots: Roots, name: str, number: int) -> set[str]:
    """The direct dependencies of a tree on a target."""
    wanted = map(Requirement, roots[name])
    return {one.name for one in wanted if active(one, TARGETS[number], frozenset())}


RANDOM = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@RANDOM
@given(forests())
def test_unified_trees_are_solutions_with_fewer_distributions_and_the_same_libraries(
    forest: tuple[World, Roots],
) -> None:
    world, roots = forest
    apart, unified = locked_forest(world, roots, unify=False), locked_forest(world, roots)
    assert distributions(unified) <= distributions(apart)
    for number, target in enumerate(TARGETS):
        before, after = on(apart, number), on(unified, number)
        for name, members in after.items():
            assert members in solutions(replace(world, roots=roots[name]), target)
            assert all(members.get(one) == before[name].get(one) for one in direct(roots, name, number))


def swapped(world: World, roots: Roots, trees: dict[str, dict[str, str]], project: str, version: str) -> int | None:
    """How many distributions there are if all trees with a version take the newest older one that they allow."""
    held = sorted({one[project] for one in trees.values() if project in one}, key=Version)
    after = dict(trees)
    for name, members in trees.items():
        if members.get(project) == version:
            older = [one for one in held if Version(one) < Version(version)]
            tried = [closure(replace(world, roots=roots[name]), TARGETS[0], {**members, project: o}) for o in older]
            fitting = [one for one in tried if one is not None]
            if project in direct(roots, name, 0) or not fitting:
                return None
            after[name] = fitting[-1]
    return len({pin for members in after.values() for pin in members.items()})


@RANDOM
@given(forests())
def test_no_version_is_left_that_its_trees_could_do_without(forest: tuple[World, Roots]) -> None:
    world, roots = forest
    trees = on(locked_forest(world, roots), 0)
    count = len({pin for members in trees.values() for pin in members.items()})
    for project, version in {pin for members in trees.values() for pin in members.items()}:
        fewer = swapped(world, roots, trees, project, version)
        assert fewer is None or fewer >= count


@RANDOM
@given(forests())
def test_a_tree_that_is_added_leaves_the_others_alone(forest: tuple[World, Roots]) -> None:
    world, roots = forest
    first = locked_forest(world, {name: roots[name] for name in ("p", "q")})
    second = locked_forest(world, roots, previous=first)
    for name in ("p", "q"):
        assert pins(second, name) == pins(first, name)


@RANDOM
@given(forests(), st.data())
def test_the_order_in_pyproject_makes_no_difference(forest: tuple[World, Roots], data: st.DataObject) -> None:
    world, roots = forest
    texts = [text for several in roots.values() for text in several]
    shuffled = data.draw(st.permutations(texts))
    assert bytes_of(world, texts) == bytes_of(world, shuffled)


def bytes_of(world: World, dependencies: list[str]) -> str | None:
    """The lock of a pyproject.toml with these lines in this order."""
    lines = ", ".join(f'"{text}"' for text in dependencies)
    text = f'[project]\nname = "app"\nrequires-python = "{PYTHON}"\ndependencies = [{lines}]\n'
    try:
        universe, project = world.universe(), load_project(Path(), text=text)
        project = msgspec.structs.replace(project, environments=PLACES)
        locked = lock_project(project, universe, universe, options=OPTIONS, previous=None, reporter=SilentReporter())
    except UnmetRequest:
        return None
    return format_lock(locked)

"""Dependencies that count as absent, everywhere or in a tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.requirements import Requirement

from mvlock.errors import UnmetRequest
from mvlock.lock.lockfile import format_lock
from mvlock.lock.model import Lock
from mvlock.project.declaration import Declaration
from mvlock.project.model import TreeRequest
from tests.lock.locked import Notes, constraints, lock, pins, the_tree, tree
from tests.lock.test_oracle import EXAMPLES, NAMES, PLACES, PYTHON, World, worlds
from tests.resolver.universe import Universe


@pytest.fixture
def universe() -> Universe:
    """``lib`` needs ``heavy``, which needs ``driver``; ``tool`` needs ``heavy`` in another version."""
    universe = Universe()
    universe.publish("lib", "1", requires=["heavy<2", "small"])
    universe.publish("tool", "1", requires=["heavy>=2", "lib"])
    for version in ("1", "2"):
        universe.publish("heavy", version, requires=["driver"])
    for name in ("small", "driver"):
        universe.publish(name, "1")
    return universe


def excluded(*names: str, of: tuple[str, ...] = ()) -> tuple[Declaration, ...]:
    return constraints(*names, at=("tool", "mvlock", *of, "exclude-dependencies"))


def without(names: str, *requirements: str, **settings: Any) -> TreeRequest:
    """A tree that leaves out projects."""
    return tree(*requirements, exclusions=excluded(*names.split()), **settings)


def test_what_is_left_out_is_not_there_nor_what_only_that_needs(universe: Universe) -> None:
    locked = lock(universe, without("heavy", "lib"))
    assert pins(locked) == {"lib": "1", "small": "1"}
    assert the_tree(locked).packages[0].dependencies == ("small",)


def test_it_is_not_even_looked_for(universe: Universe) -> None:
    universe.publish("lost", "1", requires=["no-such-project; python_version > '3'", "small"])
    with pytest.raises(UnmetRequest, match="no-such-project"):
        lock(universe, "lost")
    universe.reads.clear()
    assert pins(lock(universe, without("no-such-project", "lost"))) == {"lost": "1", "small": "1"}


def test_what_excludes_each_other_otherwise_is_possible(universe: Universe) -> None:
    with pytest.raises(UnmetRequest):
        lock(universe, "tool")
    assert pins(lock(universe, without("heavy", "tool"))) == {"lib": "1", "small": "1", "tool": "1"}


def test_an_override_does_not_bring_it_back(universe: Universe) -> None:
    assert "heavy" not in pins(lock(universe, without("heavy", "tool", overrides=constraints("heavy==2"))))


def test_an_extra_is_left_out_like_anything_else(universe: Universe) -> None:
    universe.publish("extra", "1", requires=["heavy[x]; extra == 'fast'", "small; extra == 'fast'"])
    assert pins(lock(universe, without("heavy", "extra[fast]"))) == {"extra": "1", "small": "1"}


def test_only_the_tree_that_says_so_goes_without(universe: Universe) -> None:
    locked = lock(universe, "heavy", without("heavy", "lib"))
    assert ("heavy" in pins(locked, "heavy"), "heavy" in pins(locked, "lib")) == (True, False)


def test_a_tree_that_moves_still_goes_without(universe: Universe) -> None:
    """The older version of ``small`` needs what is left out."""
    universe.publish("small", "0", requires=["heavy"])
    universe.publish("early", "1", requires=["small<1"])
    locked = lock(universe, "early", without("heavy", "lib"))
    assert pins(locked, "lib") == {"lib": "1", "small": "0"}


def test_it_is_no_soft_dependency() -> None:
    universe = Universe()
    for version, bounds in (("1", "<2"), ("2", ">=2")):
        universe.publish("lib", version, requires=[f"core{bounds}", "helper; extra == 'x'"])
        universe.publish("helper", version, requires=[f"core{bounds}"])
        universe.publish("core", version)
    assert "helper" in pins(lock(universe, "helper", tree("lib==1")), "lib")
    assert "helper" not in pins(lock(universe, "helper", without("helper", "lib==1")), "lib")


def test_what_is_locked_goes_and_comes_back(universe: Universe) -> None:
    first = lock(universe, "lib")
    second = lock(universe, without("heavy", "lib"), previous=first)
    third = lock(universe, "lib", previous=second)
    assert ["heavy" in pins(one) for one in (first, second, third)] == [True, False, True]
    assert format_lock(third) == format_lock(first)
    assert second.lock_version == first.lock_version


def notes_of(universe: Universe, *trees: TreeRequest | str) -> list[str]:
    notes = Notes()
    lock(universe, *trees, reporter=notes)
    return notes.notes


def test_an_entry_that_leaves_out_nothing_is_reported(universe: Universe) -> None:
    here = excluded("heavy", "hevy", of=("trees", "lib"))
    assert notes_of(universe, "small", tree("lib", exclusions=here)) == [
        "tool.mvlock.trees.lib.exclude-dependencies[1]: "
        "no dependency requires hevy, so this has no effect; did you mean 'heavy'?"
    ]


def test_an_entry_for_all_trees_is_of_use_if_it_is_in_one(universe: Universe) -> None:
    assert notes_of(universe, without("heavy other", "small"), without("heavy other", "lib")) == [
        "tool.mvlock.exclude-dependencies[1]: no dependency requires other, so this has no effect"
    ]


def test_only_what_would_be_there_counts(universe: Universe) -> None:
    universe.publish("maybe", "1", requires=["heavy; extra == 'fast'", "driver; sys_platform == 'beos'"])
    unused = "tool.mvlock.exclude-dependencies[{}]: no dependency requires {}, so this has no effect"
    assert notes_of(universe, without("heavy driver", "maybe")) == [
        unused.format(0, "heavy"),
        unused.format(1, "driver"),
    ]
    assert notes_of(universe, without("heavy driver", "maybe[fast]")) == [unused.format(1, "driver")]


def locked_or_none(world: World, requires: Mapping[tuple[str, str], list[str]], **settings: Any) -> Lock | None:
    universe = replaced(world, requires).universe()
    universe.publish("root", "1", requires=[text for text in world.roots if text in requires["root", "1"]])
    try:
        return lock(universe, tree("root", **settings), python=PYTHON, environments=PLACES)
    except UnmetRequest:
        return None


def replaced(world: World, requires: Mapping[tuple[str, str], list[str]]) -> World:
    return World({release: requires[release] for release in world.requires}, world.pythons, world.roots)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(NAMES))
def test_it_is_as_if_nothing_had_ever_required_it(world: World, name: str) -> None:
    everything = {**world.requires, ("root", "1"): world.roots}
    rest = {
        release: [text for text in texts if Requirement(text).name != name] for release, texts in everything.items()
    }
    excluding = locked_or_none(world, everything, exclusions=excluded(name))
    never = locked_or_none(world, rest)
    assert (excluding is None) == (never is None)
    if excluding is not None and never is not None:
        assert replace(excluding, inputs=never.inputs) == never

"""Limits of upload times: everywhere, of a project, of a tree; in examples, and in small random universes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.errors import UnmetRequest
from mvlock.lock.lockfile import format_lock
from mvlock.lock.model import Lock
from mvlock.lock.options import LockOptions
from mvlock.project.model import Age, PathSource, Sharing, TreeRequest
from tests.lock.locked import NOW, Notes, at, constraints, lock, pins, the_tree, tree
from tests.lock.test_oracle import EXAMPLES, PLACES, PYTHON, TARGETS, World, solutions, worlds
from tests.resolver.universe import UPLOADED, Offer, Universe


def day(number: int) -> datetime:
    return UPLOADED + timedelta(days=number)


def on_day(number: int) -> Offer:
    return Offer(uploaded=day(number))


def old(*requirements: str, until: int = 2, **settings: Any) -> TreeRequest:
    """A tree that has what was there on a day."""
    return tree(*requirements, name="old", exclude_newer=day(until), **settings)


@pytest.fixture
def universe() -> Universe:
    """``kit`` and ``app`` need any ``core``, of which there is a new version each day."""
    universe = Universe()
    for number in (1, 2, 3, 4):
        universe.publish("core", str(number), offer=on_day(number))
    for name in ("kit", "app"):
        universe.publish(name, "1", requires=["core"])
    return universe


def test_each_tree_has_what_was_there_at_its_own_time(universe: Universe) -> None:
    older = tree("app", exclude_newer=day(3))
    locked = lock(universe, "core", old("kit"), older, unify=False)
    assert {one.name: pins(locked, one.name)["core"] for one in locked.trees} == {"app": "3", "core": "4", "old": "2"}


def test_the_first_file_of_a_release_decides_and_all_are_locked(universe: Universe) -> None:
    universe.publish("core", "2.5", offer=Offer(["cp312-cp312-manylinux_2_17_x86_64"], uploaded=day(4)))
    universe.publish("core", "2.5", offer=Offer(["py3-none-any"], uploaded=day(2)))
    locked = lock(universe, old("core"))
    assert (pins(locked), len(locked.packages[0].wheels)) == ({"core": "2.5"}, 2)


def test_a_duration_counts_back_from_now(universe: Universe) -> None:
    age = Age(NOW - day(3))
    assert pins(lock(universe, tree("core", exclude_newer=age))) == {"core": "3"}
    later = LockOptions(now=NOW + timedelta(days=1))
    assert pins(lock(universe, tree("core", exclude_newer=age), options=later)) == {"core": "4"}


def test_the_limit_of_a_project_replaces_the_common_one(universe: Universe) -> None:
    def limited(**limits: datetime | Age | None) -> str:
        named = {canonicalize_name(name): limit for name, limit in limits.items()}
        return pins(lock(universe, "kit", exclude_newer=day(2), exclude_newer_of=named))["core"]

    assert [limited(), limited(core=day(3)), limited(core=day(1)), limited(core=None)] == ["2", "3", "1", "4"]
    assert limited(core=Age(NOW - day(3))) == "3"
    assert limited(other=None) == "2"


def test_a_tree_does_not_get_what_does_not_exist(universe: Universe) -> None:
    assert pins(lock(universe, old("kit", until=3), exclude_newer=day(1))) == {"core": "1", "kit": "1"}


def test_a_file_without_upload_time_does_not_count_where_there_is_a_limit(universe: Universe) -> None:
    universe.publish("core", "5", offer=Offer(uploaded=None))
    locked = lock(universe, "core", old("kit"), unify=False)
    assert (pins(locked, "core")["core"], pins(locked, "old")["core"]) == ("5", "2")


def test_a_source_is_in_every_tree_whatever_its_limit(universe: Universe) -> None:
    source = PathSource(Path("/app/core"), "core")
    universe.provide(source, "core", "9")
    assert pins(lock(universe, old("kit"), sources={"core": source}))["core"] == "9"


def test_a_direct_dependency_that_is_too_new_does_not_constrain_the_tree(universe: Universe) -> None:
    notes = Notes()
    locked = lock(universe, tree("core", is_solved_jointly=True), old("kit"), reporter=notes)
    assert (pins(locked, "core")["core"], pins(locked, "old")["core"]) == ("4", "2")
    assert notes.notes[0] == (
        "tree old has core 2, not the application's 4: core 4 was uploaded after exclude-newer of tree old"
    )


def test_a_direct_dependency_that_is_old_enough_does(universe: Universe) -> None:
    locked = lock(universe, tree("core==1", is_solved_jointly=True), old("kit"))
    assert pins(locked, "old")["core"] == "1"


def test_no_tree_moves_to_a_version_that_is_too_new_for_it(universe: Universe) -> None:
    universe.publish("core", "1.9", offer=on_day(4))
    universe.publish("app", "2", requires=["core<2"])
    assert pins(lock(universe, "kit", "app"), "kit")["core"] == "1.9"
    locked = lock(universe, old("kit"), "app")
    assert (pins(locked, "app")["core"], pins(locked, "old")["core"]) == ("1.9", "2")


def test_what_comes_with_a_move_is_old_enough_too(universe: Universe) -> None:
    """Version 1 would fit and save one, but what it needs is too new."""
    universe.publish("part", "1", offer=on_day(4))
    universe.publish("mid", "1", requires=["part"], offer=on_day(1))
    universe.publish("mid", "2", offer=on_day(1))
    universe.publish("user", "1", requires=["mid"])
    universe.publish("other", "1", requires=["mid<2"])
    assert pins(lock(universe, "user", "other"), "user")["mid"] == "1"
    locked = lock(universe, old("user"), "other")
    assert pins(locked, "old") == {"mid": "2", "user": "1"}


def test_an_alias_has_its_limit(universe: Universe) -> None:
    alias = tree("kit", name="kit_old", alias="kit_old", alias_project="kit", module="kit", exclude_newer=day(1))
    locked = lock(universe, "kit", alias, unify=False)
    assert (pins(locked, "kit")["core"], pins(locked, "kit_old")["core"]) == ("4", "1")


def test_a_soft_dependency_is_not_newer_than_its_tree() -> None:
    universe = Universe()
    for number, bounds in ((1, "<2"), (2, "<2"), (3, ">=2")):
        universe.publish("lib", str(number), requires=[f"core{bounds}", "helper; extra == 'x'"], offer=on_day(number))
        universe.publish("helper", str(number), requires=[f"core{bounds}"], offer=on_day(number))
    universe.publish("core", "1", offer=on_day(1))
    universe.publish("core", "2", offer=on_day(3))
    for until, version in ((1, "1"), (2, "2")):
        locked = lock(universe, "helper", old("lib==1", until=until))
        assert pins(locked, "old") == {"core": "1", "helper": version, "lib": "1"}
        assert [soft.name for soft in the_tree(locked, "old").soft] == ["helper"]


def test_what_all_trees_share_is_old_enough_for_each(universe: Universe) -> None:
    always = Sharing(always=frozenset({canonicalize_name("core")}))
    locked = lock(universe, tree("core", share=always), old("kit", share=always))
    assert (pins(locked, "core")["core"], pins(locked, "old")["core"]) == ("2", "2")


def test_a_limit_that_is_added_moves_what_is_locked_and_an_upgrade_stays_within_it(universe: Universe) -> None:
    first = lock(universe, tree("kit", name="old"))
    assert pins(first)["core"] == "4"
    limited = lock(universe, old("kit"), previous=first)
    assert pins(limited)["core"] == "2"
    universe.publish("core", "2.5", offer=on_day(2))
    universe.publish("core", "5", offer=on_day(4))
    assert lock(universe, old("kit"), previous=limited) is limited
    kept = lock(universe, old("kit"), previous=replace(limited, inputs="sha256:" + "0" * 64))
    assert pins(kept)["core"] == "2"
    upgraded = lock(universe, old("kit"), previous=limited, options=LockOptions(now=NOW, upgrade=True))
    assert pins(upgraded)["core"] == "2.5"


def test_only_versions_that_are_too_new_for_a_tree(universe: Universe) -> None:
    with pytest.raises(UnmetRequest) as caught:
        lock(universe, "core", old("core>=3"))
    error = caught.value
    assert (error.code, error.hint) == (
        "too-new",
        "set a later exclude-newer of tree old, or require another version",
    )
    assert "core 4 was uploaded after exclude-newer of tree old (also 3)" in error.message


def test_only_versions_that_are_too_new_for_the_limit_of_their_project(universe: Universe) -> None:
    with pytest.raises(UnmetRequest) as caught:
        lock(universe, "core", exclude_newer_of={canonicalize_name("core"): day(0)})
    assert "core 4 was uploaded after exclude-newer-package.core" in caught.value.message
    assert caught.value.hint == "set a later exclude-newer-package.core, or require another version"


def test_an_index_without_upload_times_cannot_be_used_with_the_limit_of_a_tree() -> None:
    universe = Universe()
    universe.publish("a", "1", offer=Offer(uploaded=None))
    with pytest.raises(UnmetRequest) as caught:
        lock(universe, old("a"))
    assert caught.value.code == "upload-time-missing"
    assert "a 1 has no upload time on its index, and exclude-newer of tree old is set" in caught.value.message


def test_a_conflict_that_a_later_limit_would_solve(universe: Universe) -> None:
    universe.publish("kit", "2", requires=["core>=3"])
    universe.publish("app", "2", requires=["core!=3"])
    with pytest.raises(UnmetRequest) as caught:
        lock(universe, old("kit>=2", "app>=2", until=3))
    assert caught.value.code == "conflict"
    assert "set a later exclude-newer of tree old" in str(caught.value.hint)
    with pytest.raises(UnmetRequest) as caught:
        lock(universe, old("kit>=2", "app>=2", until=3, constraints=constraints("core<4")))
    assert "later" not in str(caught.value.hint)


DAYS = st.integers(0, 3)


@st.composite
def dated_worlds(draw: st.DrawFn) -> tuple[World, Mapping[tuple[str, str], int]]:
    world = draw(worlds())
    return world, {release: draw(DAYS) for release in world.requires}


def published(world: World, days: Mapping[tuple[str, str], int]) -> Universe:
    universe = Universe()
    for (name, version), requires in world.requires.items():
        offer = Offer(python=world.pythons[name, version], uploaded=day(days[name, version]))
        universe.publish(name, version, requires=requires, offer=offer)
    for name in ("then", "now"):
        universe.publish(name, "1", requires=world.roots, offer=on_day(0))
    return universe


def locked_or_none(universe: Universe, *trees: TreeRequest, **settings: Any) -> Lock | None:
    try:
        return lock(universe, *trees, python=PYTHON, environments=PLACES, **settings)
    except UnmetRequest:
        return None


RANDOM = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])


@RANDOM
@given(dated_worlds(), DAYS)
def test_a_limit_of_the_only_tree_is_a_limit_everywhere(
    dated: tuple[World, Mapping[tuple[str, str], int]], limit: int
) -> None:
    world, days = dated
    universe = published(world, days)
    of_tree = locked_or_none(universe, tree(*world.roots, name="t", exclude_newer=day(limit)))
    everywhere = locked_or_none(universe, tree(*world.roots, name="t"), exclude_newer=day(limit))
    assert (of_tree is None) == (everywhere is None)
    if of_tree is not None and everywhere is not None:
        assert replace(of_tree, inputs=everywhere.inputs) == everywhere


@RANDOM
@given(dated_worlds(), DAYS, st.booleans())
def test_no_release_in_a_tree_is_newer_than_its_limit(
    dated: tuple[World, Mapping[tuple[str, str], int]], limit: int, peers: bool
) -> None:
    """Beside a tree of the same needs, with one of them as a direct dependency that constrains both."""
    world, days = dated
    trees = tree("a", "now", name="now", peers=peers), tree("then", exclude_newer=day(limit))
    locked = locked_or_none(published(world, days), *trees)
    if locked is None:
        return
    limited = replace(locked, trees=(the_tree(locked, "then"),))
    for target in TARGETS:
        members = {name: version for name, version in at(limited, target).items() if name != "then"}
        assert all(days[pin] <= limit for pin in members.items())
        assert members in solutions(world, target)
    again = locked_or_none(published(world, days), *trees)
    assert again is not None
    assert format_lock(again) == format_lock(locked)

"""What a library declares under an extra, in a version that fits its tree, where that of the application does not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from mvlock.lock.lockfile import format_lock, parse_lock
from mvlock.lock.model import Lock, LockedSoft
from mvlock.project.model import ShareMode, Sharing, TreeRequest
from tests.lock.locked import Notes, constraints, lock, pins, the_tree, tree
from tests.resolver.universe import Offer, Universe

X = LockedSoft(name="helper", by="lib", extras=("x",))


@pytest.fixture
def universe() -> Universe:
    """``lib`` over a ``core`` of its own age, which uses ``helper`` over the same core, if it is there."""
    universe = Universe()
    for version, bounds in (("1", "<2"), ("2", ">=2")):
        universe.publish("lib", version, requires=[f"core{bounds}", "helper>=1; extra == 'x'"])
        universe.publish("helper", version, requires=[f"core{bounds}", "wheels"])
        universe.publish("core", version)
        universe.publish("wheels", version)
    return universe


def old(name: str = "lib", **settings: Any) -> TreeRequest:
    return tree(f"{name}==1", name="old", alias="old", alias_project=name, module=name, **settings)


def soft(locked: Lock, name: str = "old") -> tuple[LockedSoft, ...]:
    return the_tree(locked, name).soft


def test_a_tree_that_differs_gets_a_version_of_its_own_that_fits(universe: Universe) -> None:
    notes = Notes()
    locked = lock(universe, "helper", old(), reporter=notes)
    assert pins(locked, "helper") == {"core": "2", "helper": "2", "wheels": "2"}
    assert pins(locked, "old") == {"core": "1", "helper": "1", "lib": "1", "wheels": "2"}
    assert soft(locked) == (X,)
    assert soft(locked, "helper") == ()
    assert locked.lock_version == "1.2"
    assert parse_lock(format_lock(locked)) == locked
    assert notes.notes == []


def test_the_application_does_not_get_it(universe: Universe) -> None:
    locked = lock(universe, "helper", tree("lib==1"))
    assert soft(locked, "lib") == (X,)
    assert [(one.name, one.imports) for one in locked.trees] == [("helper", ("helper",)), ("lib", ("lib",))]
    assert the_tree(locked, "lib").requires == ("lib==1",)


def test_a_lock_without_one_is_as_it_was(universe: Universe) -> None:
    locked = lock(universe, "lib", old())
    assert soft(locked) == ()
    assert locked.lock_version == "1.0"
    assert "soft" not in format_lock(locked)


def test_a_tree_that_requests_the_extra_has_it_already(universe: Universe) -> None:
    locked = lock(universe, "helper", tree("lib[x]==1"))
    assert pins(locked, "lib")["helper"] == "1"
    assert soft(locked, "lib") == ()


def test_where_trees_agree_there_is_no_soft_dependency(universe: Universe) -> None:
    universe.publish("plain", "1", requires=["wheels"])
    universe.publish("user", "1", requires=["core<2", "plain; extra == 'x'"])
    assert soft(lock(universe, "helper", "plain", old("user"))) == ()


def test_what_another_tree_of_the_same_environment_has_is_found_there(universe: Universe) -> None:
    universe.publish("mate", "1", requires=["helper<2"])
    locked = lock(universe, "helper", "mate", tree("lib==1"))
    assert pins(locked, "lib") == {"core": "1", "lib": "1"}


def test_of_two_that_go_together_one_has_it_for_both(universe: Universe) -> None:
    universe.publish("user", "1", requires=["core<2", "helper; extra == 'y'"])
    locked = lock(universe, "helper", tree("lib==1"), "user", unify=False)
    assert (soft(locked, "lib"), soft(locked, "user")) == ((X,), ())


def test_where_none_fits_the_tree_goes_without_and_that_is_reported(universe: Universe) -> None:
    universe.publish("tool", "1", requires=["core<2", "helper>=2; extra == 'x'"])
    notes = Notes()
    assert pins(lock(universe, "helper", old("tool"), reporter=notes), "old") == {"core": "1", "tool": "1"}
    assert notes.notes == [
        "tree old does not get helper (declared by tool under its extra 'x'): "
        "neither the application's version nor any other fits this tree"
    ]


def test_several_extras_that_exclude_each_other_are_tried_one_by_one(universe: Universe) -> None:
    extras = ["helper<2; extra == 'a'", "helper<2; extra == 'b'", "helper>=2; extra == 'c'"]
    universe.publish("tool", "1", requires=["core<2", *extras])
    assert soft(lock(universe, "helper", old("tool"))) == (LockedSoft(name="helper", by="tool", extras=("a",)),)
    universe.publish("tool", "1", requires=["core<2", *extras[:2]])
    assert soft(lock(universe, "helper", old("tool"))) == (LockedSoft(name="helper", by="tool", extras=("a", "b")),)


def test_an_extra_of_developers_does_not_count(universe: Universe) -> None:
    universe.publish("tool", "1", requires=["core<2", "helper; extra == 'dev'"])
    assert soft(lock(universe, "helper", old("tool"))) == ()


def test_what_a_dependency_declares_does_not_count(universe: Universe) -> None:
    universe.publish("above", "1", requires=["lib<2"])
    assert soft(lock(universe, "helper", old("above"))) == ()


def test_without_peers_there_is_no_soft_dependency(universe: Universe) -> None:
    assert soft(lock(universe, "helper", old(peers=False))) == ()


def test_what_only_a_group_requires_is_for_trees_of_that_group(universe: Universe) -> None:
    dev: dict[str, Any] = {"groups": frozenset({"dev"}), "always": False}
    assert soft(lock(universe, tree("helper", **dev), old())) == ()
    assert soft(lock(universe, tree("helper", **dev), old(**dev))) == (X,)
    assert soft(lock(universe, "helper", old(**dev))) == (X,)


def test_a_marker_decides_where_it_is(universe: Universe) -> None:
    universe.publish("tool", "1", requires=["core<2", "helper; extra == 'x' and sys_platform == 'win32'"])
    locked = lock(universe, "helper", old("tool"))
    markers = {one.name: one.marker for one in the_tree(locked, "old").packages}
    windows = "sys_platform == 'win32'"
    assert markers == {"core": None, "helper": windows, "tool": None, "wheels": windows}


def test_without_a_version_of_the_application_there_is_no_soft_dependency(universe: Universe) -> None:
    locked = lock(universe, tree("helper; sys_platform == 'linux'"), old())
    markers = {one.name: one.marker for one in the_tree(locked, "old").packages}
    assert markers["helper"] == "sys_platform == 'linux'"


def test_it_keeps_the_tree_with_those_it_agrees_with(universe: Universe) -> None:
    universe.publish("mate", "1", requires=["wheels<2"])
    locked = lock(universe, "helper", tree("lib==1"), "mate", unify=False)
    assert pins(locked, "lib")["wheels"] == "1"
    assert pins(locked, "helper")["wheels"] == "2"


def test_it_keeps_its_tree_in_its_world(universe: Universe) -> None:
    universe.publish("helper", "1", requires=["core<2", "wheels<2"])
    universe.publish("mate", "1", requires=["core<2", "wheels>=2"])
    locked = lock(universe, "helper", tree("lib==1"), "mate", unify=False)
    assert pins(locked, "lib") == {"core": "1", "lib": "1"}


def test_a_tree_that_agrees_except_for_its_environment_gets_none(universe: Universe) -> None:
    universe.publish("free", "1", requires=["aged; extra == 'x'"])
    universe.publish("aged", "1", requires=["core<2"])
    locked = lock(universe, "lib", "helper", "free", "aged")
    assert pins(locked, "free") == {"free": "1"}


def test_nothing_is_built_for_it(universe: Universe) -> None:
    universe.publish("raw", "1", requires=["core<2"], offer=Offer(tags=(), sdist=True))
    universe.publish("raw", "2", requires=["core>=2"])
    universe.publish("tool", "1", requires=["core<2", "raw; extra == 'x'"])
    assert soft(lock(universe, "raw", old("tool"))) == ()


def test_a_target_without_a_wheel_goes_without(universe: Universe) -> None:
    universe.publish("raw", "1", requires=["core<2"], offer=Offer(tags=("cp312-cp312-win_amd64",)))
    universe.publish("raw", "2", requires=["core>=2"])
    universe.publish("tool", "1", requires=["core<2", "raw; extra == 'x'"])
    locked = lock(universe, "raw", old("tool"))
    markers = {one.name: one.marker for one in the_tree(locked, "old").packages}
    assert markers["raw"] == "platform_machine == 'AMD64'"


def test_what_cannot_be_read_breaks_nothing(universe: Universe) -> None:
    universe.publish("raw", "1", offer=Offer(broken="build-failed"))
    universe.publish("raw", "2", requires=["core>=2"])
    universe.publish("tool", "1", requires=["core<2", "raw; extra == 'x'"])
    assert soft(lock(universe, "raw", old("tool"))) == ()


def test_settings_of_the_tree_hold_for_it(universe: Universe) -> None:
    universe.publish("helper", "1.5", requires=["core<2"])
    assert pins(lock(universe, "helper", old()), "old")["helper"] == "1.5"
    locked = lock(universe, "helper", old(constraints=constraints("helper<1.5")))
    assert pins(locked, "old")["helper"] == "1"


def test_what_is_shared_always_stays_one_version(universe: Universe) -> None:
    share = Sharing(always=frozenset({"helper"}))  # type: ignore[arg-type]
    assert soft(lock(universe, tree("helper", share=share), old(share=share))) == ()
    share = Sharing(ShareMode.IDENTICAL, always=frozenset({"wheels"}))  # type: ignore[arg-type]
    universe.publish("helper", "1", requires=["core<2", "wheels<2"])
    assert soft(lock(universe, tree("helper", share=share), old(share=share))) == ()


def test_resolving_again_keeps_it(universe: Universe) -> None:
    first = lock(universe, "helper", old())
    universe.publish("helper", "1.5", requires=["core<2"])
    universe.publish("wheels", "3")
    unlike = replace(first, inputs="sha256:" + "1" * 64)
    assert format_lock(lock(universe, "helper", old(), previous=unlike)) == format_lock(first)


def test_the_order_of_dependencies_makes_no_difference(universe: Universe) -> None:
    universe.publish("user", "1", requires=["core<2", "helper; extra == 'y'"])
    one, other = (lock(universe, *trees) for trees in (("helper", old(), "user"), ("user", old(), "helper")))
    assert format_lock(one) == format_lock(other)


def test_a_soft_member_that_is_not_in_its_tree_is_refused(universe: Universe) -> None:
    text = format_lock(lock(universe, "helper", old())).replace('name = "helper", by = "lib"', 'name = "h", by = "l"')
    with pytest.raises(Exception, match=r"trees\[1\]\.soft\[0\]: h is not among the tree's packages"):
        parse_lock(text)

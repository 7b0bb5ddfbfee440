"""A direct dependency has one version in all trees: in examples, and in small random universes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.version import Version

from mvlock.errors import LocalError, UnmetRequest
from mvlock.lock.lockfile import format_lock
from mvlock.lock.model import Lock
from mvlock.project.model import TreeRequest
from tests.lock.locked import Notes, constraints, from_group, lock, pins, tree
from tests.lock.test_oracle import EXAMPLES, PLACES, PYTHON, REQUIREMENTS, TARGETS, World, solutions, worlds
from tests.resolver.universe import Universe


def together(*requirements: str, **settings: Any) -> TreeRequest:
    return tree(*requirements, is_solved_jointly=True, **settings)


def versions(locked: Lock, project: str) -> dict[str, str]:
    """Tree to version of a project, where it has it."""
    return {one.name: pins(locked, one.name)[project] for one in locked.trees if project in pins(locked, one.name)}


@pytest.fixture
def universe() -> Universe:
    """A framework in two versions, and a plug-in whose newest release needs the newer one."""
    universe = Universe()
    for version in ("1", "2"):
        universe.publish("frame", version)
    universe.publish("plugin", "1", requires=["frame<2"])
    universe.publish("plugin", "2", requires=["frame>=2"])
    return universe


def test_a_plugin_is_held_back_by_a_framework_that_is_a_direct_dependency(universe: Universe) -> None:
    locked = lock(universe, together("frame<2"), together("plugin"))
    assert versions(locked, "frame") == {"frame": "1", "plugin": "1"}
    assert versions(locked, "plugin") == {"plugin": "1"}


def test_without_peers_each_tree_has_the_best(universe: Universe) -> None:
    locked = lock(universe, tree("frame<2", peers=False), tree("plugin", peers=False))
    assert versions(locked, "frame") == {"frame": "1", "plugin": "2"}


def test_what_is_held_back_is_reported_with_the_reason(universe: Universe) -> None:
    notes = Notes()
    lock(universe, together("frame<2"), together("plugin"), reporter=notes)
    (note,) = notes.notes
    assert note.startswith("plugin 1 is held back from 2: ")
    assert "plugin 2 needs frame>=2" in note


def test_a_tree_departs_only_from_what_it_does_not_allow_and_that_is_reported(universe: Universe) -> None:
    universe.publish("needs-new", "1", requires=["middle", "other"])
    universe.publish("middle", "1", requires=["frame>=2"])
    universe.publish("other", "1")
    universe.publish("other", "2")
    notes = Notes()
    locked = lock(
        universe, together("frame<2"), together("other<2"), together("plugin"), together("needs_new"), reporter=notes
    )
    assert versions(locked, "frame") == {"frame": "1", "plugin": "1", "needs_new": "2"}
    assert versions(locked, "other") == {"other": "1", "needs_new": "1"}
    assert "tree needs_new has frame 2, not the application's 1: middle 1 requires frame>=2" in notes.notes


def test_an_alias_is_bound_but_for_what_it_is_an_alias_of(universe: Universe) -> None:
    universe.publish("lib", "1", requires=["frame"])
    universe.publish("lib", "2", requires=["frame"])
    alias = tree("lib==1", name="lib_old", alias="lib_old", alias_project="lib")
    locked = lock(universe, together("frame<2"), together("lib"), alias)
    assert versions(locked, "frame") == {"frame": "1", "lib": "1", "lib_old": "1"}
    assert versions(locked, "lib") == {"lib": "2", "lib_old": "1"}


def test_a_tree_with_its_own_settings_is_bound_and_binds_no_earlier_tree(universe: Universe) -> None:
    bound = tree("plugin", constraints=constraints("frame<3"))
    locked = lock(universe, together("frame<2"), bound)
    assert versions(locked, "frame") == {"frame": "1", "plugin": "1"}


def test_a_group_changes_nothing_of_what_is_always_installed(universe: Universe) -> None:
    universe.publish("tool", "1", requires=["frame<2"])
    dev = together("tool", groups=frozenset({"dev"}), always=False)
    locked = lock(universe, together("frame"), together("plugin"), dev)
    assert versions(locked, "frame") == {"frame": "2", "plugin": "2", "tool": "1"}


def test_an_indirect_dependency_has_one_version_in_one_resolution() -> None:
    universe = Universe()
    for version in ("1", "2"):
        universe.publish("deep", version)
    universe.publish("a", "1", requires=["deep<2"])
    universe.publish("b", "1", requires=["deep"])
    locked = lock(universe, together("a"), together("b"))
    assert versions(locked, "deep") == {"a": "1", "b": "1"}


def test_a_second_lock_changes_nothing_when_something_is_added(universe: Universe) -> None:
    first = lock(universe, together("frame"), together("plugin"))
    universe.publish("frame", "3")
    universe.publish("plugin", "3", requires=["frame>=3"])
    universe.publish("more", "1", requires=["frame"])
    locked = lock(universe, together("frame"), together("plugin"), together("more"), previous=first)
    assert versions(locked, "frame") == {"frame": "2", "more": "2", "plugin": "2"}
    assert versions(locked, "plugin") == {"plugin": "2"}


def test_named_trees_of_several_requirements_take_part(universe: Universe) -> None:
    universe.publish("more", "1", requires=["frame"])
    locked = lock(universe, together("frame<2", "more", name="web"), together("plugin"))
    assert versions(locked, "frame") == {"plugin": "1", "web": "1"}


@st.composite
def applications(draw: st.DrawFn) -> tuple[World, list[list[str]]]:
    """A universe, and what its trees require."""
    roots = draw(st.lists(REQUIREMENTS, min_size=2, max_size=3, unique_by=lambda text: text[0]))
    return draw(worlds()), [[text] for text in roots]


def _locked(world: World, roots: list[list[str]]) -> Lock | None:
    trees = (together(*texts, name=f"t{number}") for number, texts in enumerate(roots))
    try:
        return lock(world.universe(), *trees, python=PYTHON, environments=PLACES)
    except (UnmetRequest, LocalError):  # two trees may not expose one name
        return None


def _everywhere(locked: Lock, environment: dict[str, str]) -> dict[str, set[str]]:
    """By project: its versions in all trees in an environment."""
    found: dict[str, set[str]] = {}
    for one in locked.trees:
        for member in one.packages:
            if member.marker is None or Marker(member.marker).evaluate(environment):
                found.setdefault(member.name, set()).add(member.version)
    return found


def _is_final(solution: dict[str, str]) -> bool:
    return not any(Version(version).is_prerelease for version in solution.values())


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(applications())
def test_where_one_resolution_of_finals_fits_all_every_project_has_one_version(
    case: tuple[World, list[list[str]]],
) -> None:
    world, roots = case
    everything = World(world.requires, world.pythons, [text for texts in roots for text in texts])
    assume(all(any(map(_is_final, solutions(everything, target))) for target in TARGETS))
    locked = _locked(world, roots)
    assume(locked is not None)
    for target in TARGETS:
        found = _everywhere(locked, dict(target.environment)) if locked is not None else {}
        assert all(len(one) == 1 for one in found.values())


def test_the_order_in_which_dependencies_are_written_makes_no_difference(universe: Universe) -> None:
    trees = [together("frame"), together("plugin<2"), together("frame", "plugin", name="web")]
    universe.publish("x", "1")
    one, other = (lock(universe, *order[:2]) for order in (trees, trees[1::-1]))
    assert format_lock(one) == format_lock(other)


def test_a_group_is_held_back_as_loudly_as_what_is_always_installed(universe: Universe) -> None:
    notes = Notes()
    dev = together("plugin", groups=frozenset({"dev"}), always=False)
    locked = lock(universe, together("frame<2"), dev, reporter=notes)
    assert versions(locked, "plugin") == {"plugin": "1"}
    assert notes.notes == [
        "plugin 1 is held back from 2: plugin 2 needs frame>=2, but the application has frame 1, "
        'because of "frame<2" in project.dependencies; '
        'require "plugin>=2" to have 2, isolated from what it conflicts with'
    ]


def test_an_indirect_requirement_that_holds_a_group_back_is_named(universe: Universe) -> None:
    universe.publish("old", "1", requires=["frame<2"])
    notes = Notes()
    dev = together("plugin", groups=frozenset({"dev"}), always=False)
    lock(universe, together("frame"), together("old==1"), dev, reporter=notes)
    assert any("but the application has frame 1, because old 1 needs frame<2; " in note for note in notes.notes)


@pytest.mark.parametrize("kind", ["group", "settings", "alias"])
def test_everything_that_is_bound_is_reported(universe: Universe, kind: str) -> None:
    bound = {
        "group": together("plugin", groups=frozenset({"dev"}), always=False),
        "settings": tree("plugin", constraints=constraints("frame<3")),
        "alias": tree("also", "plugin", name="also_old", alias="also_old", alias_project="also"),
    }
    universe.publish("also", "1")
    notes = Notes()
    lock(universe, together("frame<2"), together("also"), bound[kind], reporter=notes)
    assert [note.split(":")[0] for note in notes.notes] == ["plugin 1 is held back from 2"]


def test_the_suggested_line_keeps_the_newer_version(universe: Universe) -> None:
    universe.publish("old", "1", requires=["frame<2"])
    notes = Notes()
    locked = lock(universe, together("frame"), together("old"), together("plugin"), reporter=notes)
    assert versions(locked, "plugin") == {"plugin": "1"}
    found = " ".join(notes.notes)
    assert "plugin 1 is held back from 2: old 1 needs frame<2, but plugin 2 needs frame>=2; " in found
    assert 'require "plugin>=2" to have 2, ' in found
    assert 'frame 1 is held back from 2: old 1 needs frame<2; require "frame>=2" to have 2, ' in found
    locked = lock(universe, together("frame"), together("old"), together("plugin>=2"))
    assert versions(locked, "plugin") == {"plugin": "2"}
    assert versions(locked, "frame")["plugin"] == "2"


@pytest.mark.parametrize("dev", [False, True])
def test_a_final_release_parts_rather_than_give_way_to_a_pre_release(universe: Universe, dev: bool) -> None:
    universe.publish("tool", "1b1", requires=["frame<2"])
    universe.publish("tool", "2", requires=["frame>=2"])
    settings: dict[str, Any] = {"groups": frozenset({"dev"}), "always": False} if dev else {}
    notes = Notes()
    locked = lock(universe, together("frame<2"), together("tool", **settings), reporter=notes)
    assert versions(locked, "tool") == {"tool": "2"}
    assert versions(locked, "frame") == {"frame": "1", "tool": "2"}
    assert any("tool's tree has frame 2, the application 1" in note for note in notes.notes)


def test_a_pre_release_that_is_all_there_is_is_bound_like_others(universe: Universe) -> None:
    universe.publish("tool", "1b1", requires=["frame<2"])
    universe.publish("tool", "1b2", requires=["frame"])
    locked = lock(universe, together("frame<2"), together("tool"))
    assert versions(locked, "frame") == {"frame": "1", "tool": "1"}


def test_a_group_that_decides_for_production_is_named_with_what_to_write(universe: Universe) -> None:
    lines = from_group(tree("frame", "frame==1", is_solved_jointly=True))
    notes = Notes()
    lock(universe, lines, reporter=notes)
    assert notes.notes == [
        'frame is 1 in project.dependencies as well, otherwise 2, because of "frame==1" in dependency-groups.dev: '
        "allow 2 there, or make 1 an alias in [tool.mvlock.alias]"
    ]


def test_a_group_that_requires_what_is_there_anyway_is_not_reported(universe: Universe) -> None:
    lines = from_group(tree("frame", "frame>=2", is_solved_jointly=True))
    notes = Notes()
    lock(universe, lines, reporter=notes)
    assert notes.notes == []


def test_what_must_be_newer_than_locked_is_not_held_back(universe: Universe) -> None:
    first = lock(universe, together("frame<2"), together("plugin"))
    notes = Notes()
    locked = lock(universe, together("frame"), together("plugin>=2"), previous=first, reporter=notes)
    assert versions(locked, "frame") == {"frame": "2", "plugin": "2"}
    assert notes.notes == []

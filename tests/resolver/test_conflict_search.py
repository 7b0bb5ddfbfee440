"""All conflicts of requirements that one search meets."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.conflict_search import ConflictSearch
from mvlock.resolver.fact import RootRequirement
from mvlock.resolver.preference import Preferences
from mvlock.resolver.release import bits
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.solve_input import SolveInput, tree_requirements
from mvlock.resolver.target_set import TargetMatrix
from tests.lock.locked import constraints, tree
from tests.lock.test_oracle import EXAMPLES, NAMES, TARGETS, World, solutions, worlds
from tests.resolver.universe import Universe


class Searched:
    """Searches in a universe; one that is covered by the first goes on with that, as solves of groups do."""

    def __init__(self, universe: Universe) -> None:
        self._catalogue = Catalogue(TargetMatrix(TARGETS), Ports(universe, universe), Rules({}))
        self._search: ConflictSearch | None = None

    def conflicts(self, requirements: Iterable[str]) -> list[tuple[str, ...]] | None:
        """The projects whose requirements are in each conflict; None: there is a resolution."""
        solve_input = self._input(requirements)
        search = self._search
        if search is None or not search.covers(solve_input):
            search = ConflictSearch(self._catalogue, solve_input)
        self._search = self._search or search
        found = search.conflicts(solve_input, lambda _, numbers: bits(numbers))
        if not isinstance(found, tuple):
            assert found is not None
            return None
        facts = ((fact for fact in proof.facts if isinstance(fact, RootRequirement)) for proof in found)
        return [tuple(sorted({str(fact.need.name) for fact in roots})) for roots in facts]

    def covers(self, requirements: Iterable[str], bounds: Iterable[str] = ()) -> bool:
        """Whether a solve goes on with the first search."""
        assert self._search is not None
        return self._search.covers(self._input(requirements, bounds))

    def _input(self, requirements: Iterable[str], bounds: Iterable[str] = ()) -> SolveInput:
        request = tree(*requirements, name="t", constraints=constraints(*bounds))
        return SolveInput(tree_requirements(request), Preferences(), 0)


def conflicts(universe: Universe, requirements: Iterable[str]) -> list[tuple[str, ...]] | None:
    """What a new search finds."""
    return Searched(universe).conflicts(requirements)


@pytest.fixture
def universe() -> Universe:
    """``old`` and ``new`` need different versions of ``core``, ``small`` and ``large`` of ``size``."""
    universe = Universe()
    for name, needed in (("old", "core<2"), ("new", "core>=2"), ("small", "size<2"), ("large", "size>=2")):
        universe.publish(name, "1", requires=[needed])
    for name, version in itertools.product(("core", "size"), ("1", "2")):
        universe.publish(name, version)
    return universe


def test_conflicts_that_have_nothing_to_do_with_each_other_are_found_together(universe: Universe) -> None:
    assert conflicts(universe, ["old", "new", "small", "large"]) == [("new", "old"), ("large", "small")]


def test_each_requirement_that_is_given_up_has_its_conflict(universe: Universe) -> None:
    universe.publish("older", "1", requires=["core<2"])
    assert conflicts(universe, ["new", "old", "older"]) == [("new", "old"), ("new", "older")]


def test_a_conflict_that_shows_only_when_versions_are_chosen_is_found_too(universe: Universe) -> None:
    for version in ("1", "2"):
        universe.publish("between", version, requires=[f"core>={version}", "core>=2"])
    universe.publish("user", "1", requires=["between"])
    assert conflicts(universe, ["old", "small", "user"]) == [("old", "user")]


def test_without_a_conflict_there_is_a_resolution(universe: Universe) -> None:
    assert conflicts(universe, ["old", "small"]) is None


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(worlds(), st.lists(st.sampled_from(["", ">=2", "<2", "==2", ">2"]), min_size=4, max_size=4))
def test_conflicts_are_what_an_exhaustive_search_finds(world: World, bounds: list[str]) -> None:
    requirements = {name: f"{name}{bound}" for name, bound in zip(NAMES, bounds, strict=True)}

    def works(names: Iterable[str]) -> bool:
        roots = [requirements[name] for name in names]
        return bool(solutions(replace(world, roots=roots), TARGETS[0]))

    found = conflicts(world.universe(), requirements.values())
    assert (found is None) == works(requirements)
    assert not any(works(names) for names in found or ())


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(
    worlds(),
    st.lists(st.sampled_from(["", ">=2", "<2", "==2", ">2"]), min_size=4, max_size=4),
    st.lists(st.sets(st.sampled_from(NAMES), min_size=1), min_size=1, max_size=6),
)
def test_a_search_that_goes_on_with_a_part_finds_what_a_new_one_would(
    world: World, bounds: list[str], groups: list[set[str]]
) -> None:
    requirements = {name: f"{name}{bound}" for name, bound in zip(NAMES, bounds, strict=True)}

    def works(names: Iterable[str]) -> bool:
        roots = [requirements[name] for name in names]
        return bool(solutions(replace(world, roots=roots), TARGETS[0]))

    searched = Searched(world.universe())
    searched.conflicts(requirements.values())
    for group in groups:
        found = searched.conflicts([requirements[name] for name in group])
        assert (found is None) == works(group)
        assert not any(works(names) or not group.issuperset(names) for names in found or ())


def test_only_a_part_of_the_same_is_covered(universe: Universe) -> None:
    searched = Searched(universe)
    searched.conflicts(["old", "new", "small>=1"])
    assert searched.covers(["old", "small>=1"])
    assert not searched.covers(["old", "large"])
    assert not searched.covers(["old>=1"])
    assert not searched.covers(["old"], ["core<2"])
    assert not searched.covers(["old"], ["old<2"])

"""What is found by going forward only, and what is left to a search."""

from __future__ import annotations

import pytest

from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.forward import solve_forward
from mvlock.resolver.preference import Preferences
from mvlock.resolver.provider import Provider
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.solve_input import SolveInput, tree_requirements
from mvlock.resolver.target_set import TargetMatrix
from tests.lock.locked import tree
from tests.lock.test_oracle import TARGETS
from tests.resolver.universe import Universe


@pytest.fixture
def universe() -> Universe:
    """c in three versions, of which the newest needs x."""
    universe = Universe()
    universe.publish("x", "1")
    for version, requires in (("1", []), ("2", []), ("3", ["x"])):
        universe.publish("c", version, requires=requires)
    return universe


def forward(universe: Universe, *requirements: str) -> dict[str, str] | None:
    """The version of each project; None: only a search can tell."""
    catalogue = Catalogue(TargetMatrix(TARGETS), Ports(universe, universe), Rules({}))
    provider = Provider(catalogue, SolveInput(tree_requirements(tree(*requirements, name="t")), Preferences(), 0))
    found = solve_forward(provider, provider.roots())
    if found is None:
        return None
    return {f"{name}[{extra}]" if extra else name: str(one.release.version) for (name, extra), one in found.items()}


def test_every_project_has_its_newest_version(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c"])
    assert forward(universe, "a") == {"a": "1", "c": "3", "x": "1"}


def test_what_does_not_fit_any_more_is_decided_again_and_what_it_needed_is_gone(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c"])
    universe.publish("b", "1", requires=["d"])
    universe.publish("d", "1", requires=["c<3"])
    assert forward(universe, "a", "b") == {"a": "1", "b": "1", "c": "2", "d": "1"}


def test_a_release_whose_requirement_nothing_meets_is_passed_over(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c"])
    universe.publish("a", "2", requires=["c>=2"])
    universe.publish("a", "3", requires=["c>=4"])
    assert forward(universe, "a", "c<2") == {"a": "1", "c": "1"}


def test_an_extra_and_its_project_have_one_version(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c ; extra == 'more'"])
    universe.publish("a", "2", requires=["c>=4 ; extra == 'more'"])
    assert forward(universe, "a[more]") == {"a": "1", "a[more]": "1", "c": "3", "x": "1"}


def test_where_something_must_be_taken_back_a_search_is_needed(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", requires=["b"])
    universe.publish("b", "1", requires=["d"])
    universe.publish("d", "1", requires=["c>=4"])
    assert forward(universe, "a") is None


def test_two_that_push_each_other_around_are_left_to_a_search() -> None:
    universe = Universe()
    universe.publish("p", "2", requires=["q<2"])
    universe.publish("q", "1", requires=["p<2"])
    universe.publish("p", "1", requires=["q>=2"])
    universe.publish("q", "2", requires=["p>=2"])
    universe.publish("a", "1", requires=["p"])
    assert forward(universe, "a") is None


def test_a_release_that_excludes_itself_is_left_to_a_search() -> None:
    universe = Universe()
    universe.publish("p", "2", requires=["q"])
    universe.publish("q", "1", requires=["p<2"])
    universe.publish("p", "1")
    assert forward(universe, "p") is None

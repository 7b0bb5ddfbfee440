"""What the search remembers of earlier rounds changes nothing that it finds."""

from __future__ import annotations

from resolvelib import BaseReporter
from resolvelib.resolvers import Resolution

from mvlock.resolver.backtracking import Backtracking
from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.need import Key
from mvlock.resolver.preference import Preferences
from mvlock.resolver.provider import AnyRequirement, Provider
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.requirement import Candidate
from mvlock.resolver.solve_input import SolveInput, tree_requirements
from mvlock.resolver.target_set import TargetMatrix
from tests.lock.locked import tree
from tests.lock.test_oracle import TARGETS
from tests.resolver.universe import Universe


def pins(search: type[Resolution[AnyRequirement, Candidate, Key]], universe: Universe, *requirements: str) -> list[str]:
    """The releases in the order in which a search pins them last."""
    catalogue = Catalogue(TargetMatrix(TARGETS), Ports(universe, universe), Rules({}))
    provider = Provider(catalogue, SolveInput(tree_requirements(tree(*requirements, name="t")), Preferences(), 0))
    state = search(provider, BaseReporter()).resolve(provider.roots(), max_rounds=100)
    return [str(candidate.release) for candidate in state.mapping.values()]


def test_a_pin_that_no_longer_fits_is_made_again() -> None:
    """b 2 is pinned before c is, which allows only b 1."""
    universe = Universe()
    universe.publish("b", "1")
    universe.publish("b", "2")
    universe.publish("c", "1", requires=["b<2"])
    assert pins(Backtracking, universe, "b", "c") == ["c 1", "b 1"]


def test_what_backtracking_has_undone_is_not_remembered() -> None:
    """a 2 is pinned first, and given up when c, which needs another d, has been reached."""
    universe = Universe()
    universe.publish("a", "1", requires=["b"])
    universe.publish("a", "2", requires=["b", "d<2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    universe.publish("c", "1", requires=["b<2", "d>=2"])
    universe.publish("d", "1")
    universe.publish("d", "2")
    found = pins(Backtracking, universe, "a", "b", "c")
    assert sorted(found) == ["a 1", "b 1", "c 1", "d 2"]
    assert found == pins(Resolution, universe, "a", "b", "c")

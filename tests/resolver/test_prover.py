"""The resolution that the prover finds after all is one."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import NormalizedName

from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.preference import Preferences
from mvlock.resolver.prover import Prover
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.solve_input import SolveInput, tree_requirements
from mvlock.resolver.target_set import TargetMatrix
from tests.lock.locked import tree
from tests.lock.test_oracle import TARGETS
from tests.resolver.universe import Universe


def resolution(universe: Universe, *requirements: str) -> dict[str, str]:
    """The version of each project, as the prover finds it."""
    catalogue = Catalogue(TargetMatrix(TARGETS), Ports(universe, universe), Rules({}))
    solve_input = SolveInput(tree_requirements(tree(*requirements, name="t")), Preferences(), 0)
    answer = Prover(catalogue, solve_input).answer()
    assert isinstance(answer, Mapping)
    return {name: str(catalogue.table(NormalizedName(name)).versions[number]) for (name, _), number in answer.items()}


def test_needs_that_were_read_late_still_count_after_backtracking() -> None:
    """f 2 is chosen before b is, and its needs are read after; b 3 and b 2 turn out to be impossible only then."""
    universe = Universe()
    universe.publish("a", "2", requires=["f>=2"])
    universe.publish("b", "1")
    universe.publish("b", "2", requires=["h<2"])
    universe.publish("b", "3", requires=["a==1"])
    universe.publish("d", "2")
    universe.publish("d", "3", requires=["b>=3"])
    universe.publish("f", "2", requires=["d>=2"])
    universe.publish("f", "3", requires=["d>=3"])
    universe.publish("h", "1", requires=["c>=2"])
    assert resolution(universe, "a", "b") == {"a": "2", "b": "1", "d": "2", "f": "2"}

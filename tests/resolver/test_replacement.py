"""A release is replaced without a solve only where a solve would give the same."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, example, given, settings
from msgspec.structs import replace

from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.holders import IndexedTree, Pin
from mvlock.resolver.preference import Preferences
from mvlock.resolver.provider import Provider
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.replacement import NoReplacement, with_replaced_release
from mvlock.resolver.solve import Unsolvable, attempt
from mvlock.resolver.solve_input import SolveInput, fixed_at, tree_requirements
from mvlock.resolver.target_set import TargetMatrix
from tests.lock.locked import tree
from tests.lock.test_oracle import EXAMPLES, TARGETS, World, worlds

_REQUIRES = {("a", "1"): ["c"], ("c", "1"): [], ("c", "2"): ["c<2"]}
ITS_OWN_OBSTACLE = World(_REQUIRES, dict.fromkeys(_REQUIRES, ">=3.8"), ["a"])
"""A release whose metadata excludes itself."""


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
@example(ITS_OWN_OBSTACLE)
def test_a_replacement_is_what_a_solve_would_find(world: World) -> None:
    universe = world.universe()
    catalogue = Catalogue(TargetMatrix(TARGETS), Ports(universe, universe), Rules({}))
    solve_input = SolveInput(tree_requirements(tree(*world.roots, name="t")), Preferences(), 0)
    try:
        solved = IndexedTree(attempt(catalogue, solve_input))
    except Unsolvable:
        assume(False)
        raise
    direct = {one.name for one in solve_input.requirements.needs}
    for member in solved.resolution.members:
        table = catalogue.table(member.release.project)
        for version in table.versions:
            needs = solved.needs.get(member.release.project, ())
            if member.release.project not in direct and all(one.specifier.contains(version) for one in needs):
                check(catalogue, solve_input, solved, (member.release.project, version))


def check(catalogue: Catalogue, solve_input: SolveInput, before: IndexedTree, pin: Pin) -> None:
    """Compare the replacement with the solve."""
    below = before.below(pin[0])
    fixed = {name: version for name, version in before.pins.items() if name not in below and name != pin[0]}
    preferred = Preferences({name: ((version, -1),) for name, version in before.pins.items()})
    moved_input = replace(
        solve_input, preferences=preferred, requirements=fixed_at(solve_input.requirements, dict([pin]))
    )
    result = with_replaced_release(catalogue, Provider(catalogue, moved_input), before, pin, fixed)
    try:
        found = attempt(catalogue, replace(moved_input, requirements=fixed_at(moved_input.requirements, fixed)))
    except Unsolvable:
        assert isinstance(result, NoReplacement)
    else:
        assert result is not NoReplacement.IMPOSSIBLE
        assert result is NoReplacement.UNCLEAR or result == replace(found, target_bits=result.target_bits)

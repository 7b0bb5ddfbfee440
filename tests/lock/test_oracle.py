"""Small random universes, compared with an exhaustive search."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mvlock.errors import UnmetRequest
from mvlock.lock.lockfile import format_lock
from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.preference import Preferences
from mvlock.resolver.release_filter import Rules
from mvlock.resolver.solve import Effort, Unsolvable, attempt
from mvlock.resolver.solve_input import SolveInput, tree_requirements
from mvlock.resolver.target import Target, targets_for
from mvlock.resolver.target_set import TargetMatrix
from tests.lock.locked import at, lock, tree
from tests.resolver.universe import Offer, Universe

EXAMPLES = int(os.environ.get("MVLOCK_TEST_EXAMPLES", "100"))
"""How many worlds each property is tried on; thousands are worth their time after a change of the resolver."""

NAMES = ("a", "b", "c", "d")
PYTHON = ">=3.12,<3.14"
PLACES = (Marker("platform_machine == 'aarch64'"), Marker("platform_machine == 'ARM64'"))
TARGETS = targets_for(SpecifierSet(PYTHON), PLACES)

REQUIREMENTS = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(NAMES),
    st.sampled_from(["", "", "[x]"]),
    st.sampled_from(["", "", ">=2", "<2", "==2", "!=2", ">2", "<=2", ">=3b1"]),
    st.sampled_from(["", "", "; extra == 'x'", "; sys_platform == 'win32'", "; python_version < '3.13'"]),
)


VERSIONS = st.sampled_from([("1",), ("1", "2"), ("1", "2", "3"), ("1", "3b1"), ("3a1",), ("1", "2", "3b1")])


@dataclass(frozen=True)
class World:
    """Requirements by project and version, Pythons by project and version, and the direct requirements."""

    requires: Mapping[tuple[str, str], list[str]]
    pythons: Mapping[tuple[str, str], str]
    roots: list[str]

    def universe(self) -> Universe:
        universe = Universe()
        for (name, version), requires in self.requires.items():
            universe.publish(name, version, requires=requires, offer=Offer(python=self.pythons[name, version]))
        return universe


@st.composite
def worlds(draw: st.DrawFn) -> World:
    releases = [(name, version) for name in NAMES for version in draw(VERSIONS)]
    pythons = st.sampled_from([">=3.8", ">=3.8", ">=3.8", ">=3.13"])
    return World(
        requires={release: draw(st.lists(REQUIREMENTS, max_size=3)) for release in releases},
        pythons={release: draw(pythons) for release in releases},
        roots=draw(st.lists(REQUIREMENTS, min_size=1, max_size=3)),
    )


def active(requirement: Requirement, target: Target, extras: frozenset[str]) -> bool:
    """Whether a requirement counts for any of the extras, or without one."""
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({**target.environment, "extra": extra}) for extra in {"", *extras})


def closure(world: World, target: Target, pins: Mapping[str, str]) -> dict[str, str] | None:
    """What the roots reach if ``pins`` are taken, or None if some requirement is not met."""
    wanted: dict[str, frozenset[str]] = {}
    queue = [one for text in world.roots if active(one := Requirement(text), target, frozenset())]
    while queue:
        requirement = queue.pop()
        name, version = requirement.name, pins.get(requirement.name)
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            return None
        if not SpecifierSet(world.pythons[name, version]).contains(target.environment["python_full_version"]):
            return None
        extras = wanted.get(name, frozenset()) | requirement.extras
        if wanted.get(name) != extras:
            wanted[name] = extras
            queue += [r for t in world.requires[name, version] if active(r := Requirement(t), target, extras)]
    return {name: pins[name] for name in wanted}


def solutions(world: World, target: Target) -> list[dict[str, str]]:
    """All of them."""
    choices = [[version for name, version in world.requires if name == one] for one in NAMES]
    tried = (closure(world, target, dict(zip(NAMES, pins, strict=True))) for pins in itertools.product(*choices))
    return [one for one in tried if one is not None]


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_the_lock_is_a_solution_wherever_there_is_one(world: World) -> None:
    truth = {target.name: solutions(world, target) for target in TARGETS}
    try:
        locked = lock(world.universe(), tree(*world.roots, name="t"), python=PYTHON, environments=PLACES)
    except UnmetRequest:
        assert not all(truth.values())
        return
    for target in TARGETS:
        assert at(locked, target) in truth[target.name]


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_a_search_that_was_given_up_is_finished_by_the_prover(world: World) -> None:
    universe = world.universe()
    catalogue = Catalogue(TargetMatrix(TARGETS), Ports(universe, universe), Rules({}))
    terms = tree_requirements(tree(*world.roots, name="t"))
    for number, target in enumerate(TARGETS):
        truth = solutions(world, target)
        try:
            found = attempt(catalogue, SolveInput(terms, Preferences(), number), Effort(conflicts=0, requirements=0))
        except Unsolvable as unsolvable:
            assert not truth
            assert unsolvable.proof
        else:
            assert {name: str(version) for name, version in (member.pin for member in found.members)} in truth


Choice = tuple[dict[str, str | None], dict[str, bool]]
"""A version or none by project, and whether its extra x is there too."""


def choices(world: World) -> Iterator[Choice]:
    """Everything that could be chosen, sensible or not."""
    offered = [[None, *(version for name, version in world.requires if name == one)] for one in NAMES]
    for versions in itertools.product(*offered):
        there = dict(zip(NAMES, versions, strict=True))
        for extras in itertools.product((False, True), repeat=len(NAMES)):
            yield there, dict(zip(NAMES, extras, strict=True))


def is_met(choice: Choice, text: str) -> bool:
    """Whether a requirement is met by a choice."""
    requirement, (versions, extras) = Requirement(text), choice
    version = versions.get(requirement.name)
    if version is None or (requirement.extras and not extras[requirement.name]):
        return False
    return requirement.specifier.contains(version, prereleases=True)


def allows(fact: Mapping[str, Any], choice: Choice) -> bool:
    """Whether a choice is possible if the fact is true."""
    versions, extras = choice
    if fact["kind"] == "asks":
        return is_met(choice, fact["requirement"])
    chosen = versions.get(fact["project"])
    if chosen not in fact["versions"] or (fact.get("extra") and not extras[fact["project"]]):
        return True
    return fact["kind"] == "needs" and is_met(choice, fact["requirement"])


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_the_facts_of_an_explanation_exclude_every_choice(world: World) -> None:
    try:
        lock(world.universe(), tree(*world.roots, name="t"), python=PYTHON, environments=PLACES)
    except UnmetRequest as refusal:
        facts = cast("list[dict[str, Any]]", refusal.facts["proof"])
        assert facts
        for choice in choices(world):
            assert not all(allows(fact, choice) for fact in facts)


@settings(max_examples=EXAMPLES // 2, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_resolving_again_is_the_identity(world: World) -> None:
    request = tree(*world.roots, name="t")
    try:
        first = lock(world.universe(), request, python=PYTHON, environments=PLACES)
    except UnmetRequest:
        return
    unlike = replace(first, inputs="sha256:" + "1" * 64)
    assert format_lock(lock(world.universe(), request, python=PYTHON, environments=PLACES)) == format_lock(first)
    assert format_lock(
        lock(world.universe(), request, python=PYTHON, environments=PLACES, previous=unlike)
    ) == format_lock(first)

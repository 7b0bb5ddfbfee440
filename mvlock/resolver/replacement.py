"""One release of a tree replaced by another, where everything else can stay as it is: most moves need no solve."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum, auto

from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.holders import IndexedTree, Pin, reachable
from mvlock.resolver.provider import AnyRequirement, Provider
from mvlock.resolver.requirement import Candidate, UnsatisfiableRequirement
from mvlock.resolver.solve import Resolution, member_of


class NoReplacement(Enum):
    """Why a release was not replaced."""

    IMPOSSIBLE = auto()
    """It needs another version of something that must stay."""
    UNCLEAR = auto()
    """Something else would change with it: only a solve can tell."""


def with_replaced_release(
    catalogue: Catalogue, provider: Provider, tree: IndexedTree, pin: Pin, fixed: Collection[str]
) -> Resolution | NoReplacement:
    """The tree with a pin instead of its version of that project; ``fixed`` are the projects that must stay.

    The answer is the one that a solve would give that prefers the versions of the tree.
    """
    found = _candidate(catalogue, provider, pin)
    if found is None or any(extra for name, extra in tree.required if name == pin[0]):
        return NoReplacement.UNCLEAR
    requirements = provider.requirements_of(found)
    obstacles = set(_obstacles(catalogue, provider, {**tree.pins, pin[0]: pin[1]}, requirements, fixed))
    if obstacles:
        return NoReplacement.IMPOSSIBLE if NoReplacement.IMPOSSIBLE in obstacles else NoReplacement.UNCLEAR
    members = dict(tree.members)
    before = members[found.release.project]
    members[found.release.project] = member_of(found.release, requirements)
    reached = reachable(members, (one.key[0] for one in provider.roots()))
    left = [before, *(member for name, member in members.items() if name not in reached)]
    if any(extra for member in left for _, extra in member.dependencies):
        return NoReplacement.UNCLEAR  # an extra of something that stays may not be required any more
    return Resolution(provider.same, tuple(members[name] for name in sorted(reached)))


def _candidate(catalogue: Catalogue, provider: Provider, pin: Pin) -> Candidate | None:
    """The candidate of a pin, if it can be used."""
    table = catalogue.table(NormalizedName(pin[0]))
    number = table.number_of(pin[1])
    return None if number is None else next(provider.candidates.ordered(table, 1 << number, "", 0), None)


def _obstacles(
    catalogue: Catalogue,
    provider: Provider,
    pins: Mapping[str, Version],
    requirements: Iterable[AnyRequirement],
    fixed: Collection[str],
) -> Iterator[NoReplacement]:
    """What stands against the requirements of the new release, which is among ``pins``: it may require itself."""
    for one in requirements:
        if isinstance(one, UnsatisfiableRequirement):
            yield NoReplacement.IMPOSSIBLE
            continue
        name = NormalizedName(one.key[0])
        table = catalogue.table(name)
        number = table.number_of(pins[name]) if name in pins else None
        if number is None or one.key[1]:
            yield NoReplacement.UNCLEAR
        elif not provider.is_satisfied_by(one, provider.chosen((name, ""), number)):
            yield NoReplacement.IMPOSSIBLE if name in fixed else NoReplacement.UNCLEAR

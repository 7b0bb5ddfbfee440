"""Reports entries of exclude-dependencies that leave out nothing: a typo, or not needed any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from packaging.utils import NormalizedName

from mvlock.lock.merge import MergedMember
from mvlock.progress import Reporter
from mvlock.project.model import TreeRequest
from mvlock.project.problem import did_you_mean
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.solve_input import tree_requirements


def report_exclusions(
    trees: Iterable[tuple[TreeRequest, Sequence[MergedMember]]], catalogue: Catalogue, reporter: Reporter
) -> None:
    """One note per entry on which nothing depends in any tree that it is for."""
    found: dict[tuple[str, NormalizedName], set[NormalizedName]] = {}
    for request, members in trees:
        names = _dependencies(request, members, catalogue) if request.exclusions else set()
        for exclusion in request.exclusions:
            found.setdefault((str(exclusion.origin), exclusion.project), set()).update(names)
    for (at, name), names in sorted(found.items()):
        if name not in names:
            reporter.note(f"{at}: no dependency requires {name}, so this has no effect{did_you_mean(name, names)}")


def _dependencies(request: TreeRequest, members: Sequence[MergedMember], catalogue: Catalogue) -> set[NormalizedName]:
    """What the members of a tree depend on by their metadata, with the extras that are active."""
    keys = {key for need in tree_requirements(request).needs for key in need.keys}
    keys.update(key for member in members for key in member.dependencies)
    return {
        dependency.need.name
        for member in members
        for extra in ("", *(extra for name, extra in keys if extra and name == member.release.project))
        for dependency in catalogue.dependencies(member.release, extra)
        if dependency.target_bits & member.target_bits
    }

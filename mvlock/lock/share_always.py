"""One version of each project that trees always share (``share.always``), although each tree is solved by itself.

If trees have different versions of such a project on a target, those above the lowest are solved again with that as
an upper bound, until all have the same: the newest that all allow, as each solve takes the newest it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.errors import UnmetRequest
from mvlock.lock.markers import MarkerWriter
from mvlock.project.declaration import Declaration, Origin
from mvlock.project.model import TreeRequest
from mvlock.resolver.solve import Resolution
from mvlock.resolver.target_set import TargetMatrix

Solved = tuple[TreeRequest, tuple[Resolution, ...]]


class Limit(msgspec.Struct, frozen=True):
    """A tree must not have a project in a newer version than ``tree`` has on the targets ``target_bits``."""

    project: NormalizedName
    version: Version
    tree: str
    target_bits: int

    def applied(self, request: TreeRequest, writer: MarkerWriter) -> TreeRequest:
        """The request of a tree with this limit as a constraint."""
        marker = writer.marker(self.target_bits)
        bound = Requirement(f"{self.project}<={self.version}" + (f" ; {marker}" if marker else ""))
        origin = Origin(("share", "always"), reason=f"tree {self.tree} has {self.version}")
        return replace(request, constraints=(*request.constraints, Declaration(bound, origin)))


def limits(solved: Iterable[Solved], matrix: TargetMatrix) -> dict[str, tuple[Limit, ...]]:
    """What must change, by tree; empty if all agree."""
    trees = list(solved)
    projects = sorted({project for request, _ in trees for project in request.share.always})
    found: dict[tuple[str, NormalizedName, Version, str], int] = {}
    for project in projects:
        members = [pair for pair in trees if project in pair[0].share.always]
        for number in matrix.representatives:
            for tree, version, lowest in _above(members, project, number):
                key = tree, project, version, lowest
                found[key] = found.get(key, 0) | 1 << number
    by_tree: dict[str, tuple[Limit, ...]] = {}
    for (tree, project, version, lowest), target_bits in found.items():
        by_tree[tree] = (*by_tree.get(tree, ()), Limit(project, version, lowest, target_bits))
    return by_tree


def _above(trees: Iterable[Solved], project: str, number: int) -> Iterator[tuple[str, Version, str]]:
    """The trees above the lowest version on a target, with that version and a tree that has it."""
    versions = {request.name: version for request, row in trees if (version := _version(row, project, number))}
    lowest = min(versions, key=lambda tree: (versions[tree], tree), default="")
    for tree, version in versions.items():
        if version > versions[lowest]:
            yield tree, versions[lowest], lowest


def _version(resolutions: Iterable[Resolution], project: str, number: int) -> Version | None:
    here = (
        member for resolution in resolutions if resolution.target_bits >> number & 1 for member in resolution.members
    )
    return next((member.release.version for member in here if member.release.project == project), None)


def no_common_version(wanted: Mapping[str, Iterable[Limit]]) -> UnmetRequest:
    """The error if bounds do not help: the versions differ in a way that specifiers cannot express."""
    tree, (limit, *_) = next(iter(wanted.items()))
    return UnmetRequest(
        "share-conflict",
        f"share.always requires one version of {limit.project} in all trees, but {tree} has another version than "
        f"{limit.tree}, which has {limit.version}",
        facts={"project": limit.project, "trees": [tree, limit.tree]},
    )

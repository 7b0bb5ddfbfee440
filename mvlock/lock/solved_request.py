"""A solved tree, and which versions it has on which targets."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from packaging.version import Version

from mvlock.project.model import TreeRequest
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.solve import Resolution

ProjectVersions = dict[str, dict[Version, int]]
"""By project: versions with the sets of targets that have them."""


class SolvedRequest(msgspec.Struct, frozen=True):
    """A tree that was solved with others: its request, with what binds it, and its resolutions."""

    request: TreeRequest
    solution: TreeSolution


def binding_versions(solved: SolvedRequest) -> ProjectVersions:
    """What a tree has of the application's direct dependencies in it; empty if it does not bind other trees."""
    request, solution = solved.request, solved.solution
    if not request.always or request.alias is not None or not request.peers:
        return {}
    rows = versions_of(solution.resolutions)
    return {str(need.name): rows[need.name] for need in solution.requirements.needs if need.name in rows}


def versions_of(resolutions: Iterable[Resolution]) -> ProjectVersions:
    """The versions of resolutions, with the targets that have them."""
    found: ProjectVersions = {}
    for resolution in resolutions:
        for member in resolution.members:
            rows = found.setdefault(member.release.project, {})
            rows[member.release.version] = rows.get(member.release.version, 0) | resolution.target_bits
    return found


def differing_projects(rows: ProjectVersions, application_versions: ProjectVersions) -> set[str]:
    """The named projects of which a tree has another version than the application on some target."""
    return {
        project
        for project in rows.keys() & application_versions.keys()
        for version, target_bits in rows[project].items()
        for other, other_bits in application_versions[project].items()
        if version != other and target_bits & other_bits
    }

"""A solved tree, and which versions it has on which targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from mvlock.project.model import TreeRequest
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.solve import Resolution

Rows = dict[str, dict[Version, int]]
"""By project: versions with the sets of targets that have them."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A tree that was solved with others: its request, with what binds it, and its resolutions."""

    request: TreeRequest
    solution: TreeSolution


def binding_rows(companion: Companion) -> Rows:
    """What a tree has of the application's direct dependencies in it; empty if it does not bind other trees."""
    request, solution = companion.request, companion.solution
    if not request.always or request.alias is not None or not request.peers:
        return {}
    rows = rows_of(solution.resolutions)
    return {str(one.name): rows[one.name] for one in solution.terms.needs if one.name in rows}


def rows_of(resolutions: Iterable[Resolution]) -> Rows:
    """The versions of resolutions, with the targets that have them."""
    found: Rows = {}
    for one in resolutions:
        for member in one.members:
            rows = found.setdefault(member.release.project, {})
            rows[member.release.version] = rows.get(member.release.version, 0) | one.where
    return found


def differing(rows: Rows, named: Rows) -> set[str]:
    """The named projects of which a tree has another version than the application on some target."""
    return {
        project
        for project in rows.keys() & named.keys()
        for version, where in rows[project].items()
        for other, there in named[project].items()
        if version != other and where & there
    }

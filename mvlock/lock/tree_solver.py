"""Solves one request after the other, each once."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from mvlock.lock.locked_preferences import PreviousLock
from mvlock.project.model import TreeRequest
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.joint_solve import Pins
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.preference import Pins as LockedPins
from mvlock.resolver.preference import Preferences
from mvlock.resolver.solve import ENOUGH, JOINT, Effort, solve_tree
from mvlock.resolver.solve_input import tree_requirements


class TreeSolver:
    """Solutions of requests, before trees are unified (``resolver.unify``).

    ``all_targets``: every target must be served.
    """

    def __init__(self, catalogue: Catalogue, previous: PreviousLock, *, all_targets: bool) -> None:
        self._catalogue = catalogue
        self._previous = previous
        self._all_targets = all_targets
        self._known: dict[TreeRequest, TreeSolution] = {}

    def solution(self, request: TreeRequest, preferred: Mapping[int, Pins], trees: tuple[str, ...]) -> TreeSolution:
        """A tree before it is unified with others, trying ``preferred`` versions and those locked for ``trees`` first.

        Solved once.

        :raises Unsolvable: it has no resolution
        """
        known = self._known.get(request)
        if known is None:
            preferences = self._previous.preferences(trees, self._catalogue.matrix)
            for target, versions in preferred.items():
                preferences.add(self._catalogue.matrix.targets[target], versions.items())
            effort = JOINT if len(trees) > 1 or preferred else ENOUGH
            known = self._known[request] = self._solved(request, preferences, effort)
        return known

    def part_of(self, request: TreeRequest, whole: LockedPins) -> TreeSolution:
        """A tree as the part of a resolution that has the versions of ``whole``."""
        found = self._solved(request, Preferences(whole), ENOUGH)
        return replace(found, preferences=self._previous.preferences((request.name,), self._catalogue.matrix))

    def _solved(self, request: TreeRequest, preferences: Preferences, effort: Effort) -> TreeSolution:
        requirements = tree_requirements(request)
        resolutions = solve_tree(
            self._catalogue, requirements, preferences, all_targets=self._all_targets, effort=effort
        )
        return TreeSolution(requirements, resolutions, preferences, request.share.always, request.alias_project)

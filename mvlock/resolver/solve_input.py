"""The input of a solve: a tree's requirements, on a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec
from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.version import Version

from mvlock.project.declaration import FIXED_BY_SOLVE, Declaration
from mvlock.project.model import Prereleases, TreeRequest
from mvlock.resolver.need import Need, need
from mvlock.resolver.preference import Preferences


class TreeRequirements(msgspec.Struct, frozen=True):
    """What one tree requires, and the settings that modify it. Constraints and overrides are by project.

    ``excluded``: projects on which dependencies count as absent.
    ``tree`` is its name: a limit of upload times may be for this tree (``Rules.newest_in``).
    """

    needs: tuple[Need, ...]
    constraints: Mapping[str, tuple[Need, ...]]
    overrides: Mapping[str, tuple[Need, ...]]
    prereleases: Prereleases = Prereleases.IF_NECESSARY
    tree: str = ""
    excluded: frozenset[str] = frozenset()

    def own(self, name: str) -> Iterable[Need]:
        """What pyproject.toml itself says about a project."""
        yield from (need for need in self.needs if need.name == name)
        yield from self.constraints.get(name, ())
        yield from self.overrides.get(name, ())


class SolveInput(msgspec.Struct, frozen=True):
    """One solve: a tree's requirements and preferences, a target, and whether its wheel tags matter (``needs_files``).

    ``with_prereleases``: pre-releases follow the final releases of their project, instead of being used only if there
    are none.
    """

    requirements: TreeRequirements
    preferences: Preferences
    target: int
    needs_files: bool = True
    with_prereleases: bool = False


def tree_requirements(request: TreeRequest) -> TreeRequirements:
    """A tree's request, parsed for solving."""
    needs = tuple(map(_need, request.requirements))
    return TreeRequirements(
        needs,
        _by_name(request.constraints),
        _by_name(request.overrides),
        request.prereleases,
        request.name,
        frozenset(exclusion.project for exclusion in request.exclusions),
    )


def _need(declaration: Declaration) -> Need:
    return need(declaration.requirement, None if declaration.origin == FIXED_BY_SOLVE else declaration.origin)


def fixed_at(requirements: TreeRequirements, versions: Mapping[str, Version]) -> TreeRequirements:
    """The requirements with some projects fixed at a version."""
    constraints = dict(requirements.constraints)
    for project, version in versions.items():
        constraints[project] = (*constraints.get(project, ()), _exact_need(f"{project}==={version}"))
    return replace(requirements, constraints=constraints)


def of_finals(requirements: TreeRequirements) -> TreeRequirements:
    """The requirements without pre-releases that would be used only if no final release fits."""
    if requirements.prereleases is not Prereleases.IF_NECESSARY:
        return requirements
    return replace(requirements, prereleases=Prereleases.DISALLOW)


@lru_cache(maxsize=65536)
def _exact_need(text: str) -> Need:
    """Cached by text, because 1 and 1.0 are equal, but ``===`` distinguishes them."""
    return need(Requirement(text))


def _by_name(declarations: Iterable[Declaration]) -> dict[str, tuple[Need, ...]]:
    needs: dict[str, tuple[Need, ...]] = {}
    for required in map(_need, declarations):
        needs[required.name] = (*needs.get(required.name, ()), required)
    return needs

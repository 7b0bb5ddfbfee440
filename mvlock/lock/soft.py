"""Soft dependencies: what a distribution declares under an extra, in a version that fits its tree.

A library finds direct dependencies of the application where the trees of both agree. Where they do not (NumPy 1 here,
NumPy 2 there), a tree gets its own version of what its direct requirements declare under an extra and would not find:
a version that fits everything the tree holds already. If there is none, the tree goes without.

- No other version changes for it, in the tree or in its world, which the tree must not leave; and nothing is built:
  what has no wheel for a target is left out there.
- Versions of trees outside with which the tree agrees are tried first, so that it still agrees with them.
- Extras for developers of a distribution do not count, nor what only a group or an extra of the application requires,
  unless that requires the tree, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec
from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.version import Version

from mvlock.base.extras import extras_in, is_development_extra
from mvlock.errors import BadArtifact
from mvlock.lock.agreeing_trees import RuntimeSettings, WorldGrouping, agree
from mvlock.lock.model import LockedSoft
from mvlock.lock.solved_request import SolvedRequest
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.need import Need, need
from mvlock.resolver.preference import Preferences, newest_first
from mvlock.resolver.release import bits, where_wheel
from mvlock.resolver.solve import BRIEF, Resolution, Unsolvable, attempt
from mvlock.resolver.solve_input import SolveInput, fixed_at
from mvlock.resolver.unify import outside, target_groups

_Versions = Mapping[str, Version]


class _SoftRequirement(msgspec.Struct, frozen=True):
    """``by`` declares ``need`` under an extra."""

    by: str
    extra: str
    need: Need


class _Application:
    """What is known about the trees on every target: what each requires, and which are installed together."""

    def __init__(self, solved: Iterable[SolvedRequest]) -> None:
        self.solved = {tree.request.name: tree for tree in solved}
        requests = {name: tree.request for name, tree in self.solved.items()}
        self.requested = {name: request.projects for name, request in requests.items()}
        self.named = {
            name: self.requested[name] if request.alias is None else frozenset() for name, request in requests.items()
        }
        """By tree: the direct dependencies that the application imports by their own names."""
        self.kinds = {name: (tree.always, tree.groups, tree.extras, tree.wishes) for name, tree in requests.items()}
        self.always = [name for name, request in requests.items() if request.always and not request.wishes]

    def settings(self, name: str) -> RuntimeSettings:
        """How a tree relates to others."""
        request = self.solved[name].request
        return RuntimeSettings(request.share, request.peers, request.alias is not None, self.requested[name])

    @cached_property
    def installed_with(self) -> dict[str, tuple[str, ...]]:
        """By tree: those that are installed whenever it is, itself included."""
        alike = {kind: [name for name in self.kinds if self.kinds[name] == kind] for kind in set(self.kinds.values())}
        return {name: tuple(sorted({*self.always, *alike[kind]})) for name, kind in self.kinds.items()}

    @cached_property
    def available(self) -> dict[str, frozenset[str]]:
        """By tree: the direct dependencies installed whenever it is, except those that must be one version."""
        always = {name: tree.request.share.always for name, tree in self.solved.items()}
        return {
            name: frozenset(project for other in installed_with for project in self.named[other]) - always[name]
            for name, installed_with in self.installed_with.items()
        }


class SoftDependencies:
    """The soft dependencies of the solved trees of an application."""

    def __init__(self, catalogue: Catalogue, solved: Iterable[SolvedRequest]) -> None:
        self._catalogue = catalogue
        self._application = _Application(solved)
        self._resolutions = {name: tree.solution.resolutions for name, tree in self._application.solved.items()}
        self._accepted: dict[str, set[_SoftRequirement]] = defaultdict(set)
        self._rejected: dict[str, set[_SoftRequirement]] = defaultdict(set)
        if _is_contested(self._resolutions.values()):
            self._complete_all()

    def resolutions(self, tree: str) -> tuple[Resolution, ...]:
        """What a tree holds with its soft dependencies, target by target."""
        return self._resolutions[tree]

    def locked(self, tree: str) -> tuple[LockedSoft, ...]:
        """The soft dependencies of a tree."""
        return tuple(_locked(self._accepted[tree]))

    @property
    def notes(self) -> Iterator[str]:
        """What is left out everywhere, because no version fits."""
        for tree, requirements in sorted(self._rejected.items()):
            taken = {requirement.need.name for requirement in self._accepted[tree]}
            left = [soft for soft in _locked(requirements) if soft.name not in taken]
            if left:
                names = ", ".join(f"{soft.name} ({soft.reason})" for soft in left)
                why = "neither the application's version nor any other fits this tree"
                yield f"tree {tree} does not get {names}: {why}"

    def _complete_all(self) -> None:
        for target_bits in target_groups(self._catalogue, list(self._resolutions.values())):
            remaining = target_bits
            while remaining:
                remaining &= ~self._complete(remaining)

    def _complete(self, target_bits: int) -> int:
        """Complete the trees on the first target of a set; returns the targets on which all is the same."""
        always = self._application.always
        target_trees = _TargetTrees(self._catalogue, self._application, self._resolutions, target_bits)
        for name in sorted(self._resolutions, key=lambda name: (name not in always, name)):
            target_trees.complete(name)
        for name, resolution in target_trees.completed.items():
            after = (
                *outside(self._resolutions[name], target_trees.same),
                replace(resolution, target_bits=target_trees.same),
            )
            self._resolutions[name] = after
        for name, requirement, taken in target_trees.decisions:
            (self._accepted if taken else self._rejected)[name].add(requirement)
        return target_trees.same


class _TargetTrees:
    """The trees on the first target of a set. ``same``: those of the set on which all answers so far are the same."""

    def __init__(
        self,
        catalogue: Catalogue,
        application: _Application,
        resolutions: Mapping[str, tuple[Resolution, ...]],
        target_bits: int,
    ) -> None:
        self.same = target_bits
        self.completed: dict[str, Resolution] = {}
        """The trees that have soft dependencies."""
        self.decisions: list[tuple[str, _SoftRequirement, bool]] = []
        """By tree: possible soft dependencies, and whether each is one."""
        self._catalogue = catalogue
        self._application = application
        self._solved = application.solved
        self._target = next(bits(target_bits))
        self._trees = {
            name: next(resolution for resolution in found if resolution.target_bits >> self._target & 1)
            for name, found in resolutions.items()
        }
        self._pins = {name: dict(member.pin for member in tree.members) for name, tree in self._trees.items()}
        self._needs: dict[str, tuple[Need, ...]] = defaultdict(tuple)
        self._known: dict[object, WorldGrouping[Version]] = {}

    def complete(self, name: str) -> None:
        """Give a tree its soft dependencies."""
        for project, requirements in sorted(self._requirements(name).items()):
            if self._disagrees(name, project) and not self._finds(name, project):
                self._decide(name, requirements)

    def _decide(self, name: str, requirements: list[_SoftRequirement]) -> None:
        """Add a version that all its declarers allow, else one that some declarer allows."""
        for group in (requirements, *([requirement] for requirement in requirements if len(requirements) > 1)):
            needs = (*self._needs[name], *(requirement.need for requirement in group))
            found = self._solve_with(name, needs)
            if found is not None:
                self.completed[name] = self._trees[name] = found
                self._pins[name] = dict(member.pin for member in found.members)
                self._needs[name] = needs
                self.decisions += ((name, requirement, True) for requirement in group)
                return
        self.decisions += ((name, requirement, False) for requirement in requirements)

    def _requirements(self, name: str) -> dict[str, list[_SoftRequirement]]:
        """What the direct requirements of a tree declare under an extra and the application requires, too."""
        tree = self._solved[name]
        wanted = self._application.available[name] - tree.solution.requirements.excluded
        found: dict[str, list[_SoftRequirement]] = {}
        for requirement in self._declared(name, wanted) if tree.request.peers else ():
            found.setdefault(requirement.need.name, []).append(requirement)
        return found

    def _disagrees(self, name: str, project: str) -> bool:
        """Whether the application has a project, but in no tree that agrees with this one."""
        named = self._application.named
        installed_with = (other for other in self._application.installed_with[name] if project in named[other])
        owners = [other for other in installed_with if project in self._pins[other]]
        return bool(owners) and not any(agree(self._pins[other], self._pins[name]) for other in owners)

    def _declared(self, name: str, projects: Collection[str]) -> Iterator[_SoftRequirement]:
        requested = self._application.requested[name]
        for release in (member.release for member in self._trees[name].members if member.release.project in requested):
            extras = {extra for need in self._catalogue.needs(release) for extra in extras_in(need.marker)}
            for extra in sorted(extra for extra in extras if not is_development_extra(extra)):
                for dependency in self._catalogue.dependencies(release, extra):
                    plain = self._catalogue.where(dependency.need.marker)
                    if dependency.need.name in projects and self._includes_target(dependency.target_bits & ~plain):
                        yield _SoftRequirement(release.project, extra, dependency.need)

    def _finds(self, name: str, project: str) -> bool:
        """Whether a tree finds a project already; another tree of its world may have gained it meanwhile."""
        found = self._grouping(name).finds(name, project)
        return found or any(project in self._pins[other] for other in self._world_of(name))

    def _world_of(self, name: str) -> tuple[str, ...]:
        """The trees of a tree's world, itself included."""
        grouping = self._grouping(name)
        return grouping.worlds[grouping.number[name]]

    def _grouping(self, name: str) -> WorldGrouping[Version]:
        """The worlds of trees of one kind. Soft dependencies do not change them, as they fit the world."""
        kind, trees = self._application.kinds[name], self._application.installed_with[name]
        known = self._known.get(kind)
        if known is None:
            settings_by_tree = {other: self._application.settings(other) for other in trees}
            known = self._known[kind] = WorldGrouping({other: self._pins[other] for other in trees}, settings_by_tree)
        return known

    def _solve_with(self, name: str, needs: tuple[Need, ...]) -> Resolution | None:
        """A tree with all it has and the additional ``needs``, in its world; None if there is no such resolution."""
        fixed = {**self._shared_always(name), **self._world_versions(name)}
        own, has_all_files = self._solved[name].solution.requirements, self._trees[name].has_all_files
        wanted = (needed for need in needs for needed in own.overrides.get(need.name) or [_unmarked(need)])
        requirements = fixed_at(replace(own, needs=(*own.needs, *wanted)), fixed)
        solve_input = SolveInput(requirements, self._preferences(name, fixed), self._target, has_all_files)
        try:
            found = attempt(self._catalogue, solve_input, BRIEF)
        except Unsolvable as failure:
            self.same &= failure.provider.same
            return None
        except BadArtifact:  # reported to trees that need the distribution, not here
            self.same &= 1 << self._target
            return None
        self.same &= found.target_bits
        return replace(found, has_all_files=has_all_files) if self._is_ready(found, self._pins[name]) else None

    def _preferences(self, name: str, fixed: _Versions) -> Preferences:
        """Fixed versions, locked ones, those of trees with which the tree agrees; then those of any tree."""
        locked = self._solved[name].solution.preferences.locked
        agreeing = {key: ((version, -1),) for key, version in self._agreeing(name).items() if key not in locked}
        rows = {**locked, **agreeing, **{project: ((version, -1),) for project, version in fixed.items()}}
        return Preferences(rows, newest_first(pin for pins in self._pins.values() for pin in pins.items()))

    def _agreeing(self, name: str) -> dict[str, Version]:
        """The versions in trees that agree with a tree."""
        pins, found = self._pins[name], dict[str, Version]()
        for other in self._application.installed_with[name]:
            if agree(self._pins[other], pins):
                found = {**self._pins[other], **found}
        return found

    def _world_versions(self, name: str) -> dict[str, Version]:
        """The versions in a tree's world, one of each project."""
        return {project: version for other in self._world_of(name) for project, version in self._pins[other].items()}

    def _shared_always(self, name: str) -> dict[str, Version]:
        """The versions of the projects that all trees must have in one version."""
        always = self._solved[name].request.share.always
        pins = (pin for pins in self._pins.values() for pin in pins.items()) if always else ()
        return {project: version for project, version in pins if project in always}

    def _is_ready(self, found: Resolution, pins: Collection[str]) -> bool:
        """Whether what is new can be installed without a build."""
        releases = [member.release for member in found.members if member.release.project not in pins]
        matrix = self._catalogue.matrix
        return all(release.source or self._includes_target(where_wheel(release, matrix)) for release in releases)

    def _includes_target(self, target_bits: int) -> bool:
        inside = target_bits >> self._target & 1
        self.same &= target_bits if inside else ~target_bits
        return bool(inside)


def _is_contested(forest: Iterable[tuple[Resolution, ...]]) -> bool:
    """Whether trees have a project in several versions, on any targets; otherwise all agree."""
    pins = {member.pin for resolutions in forest for resolution in resolutions for member in resolution.members}
    return len(pins) > len({project for project, _ in pins})


def _locked(requirements: Iterable[_SoftRequirement]) -> Iterator[LockedSoft]:
    found: dict[tuple[str, str], set[str]] = {}
    for requirement in requirements:
        found.setdefault((requirement.need.name, requirement.by), set()).add(requirement.extra)
    for (name, by), extras in sorted(found.items()):
        yield LockedSoft(name=name, by=by, extras=tuple(sorted(extras)))


def _unmarked(wanted: Need) -> Need:
    extras = f"[{','.join(wanted.extras)}]" if wanted.extras else ""
    return need(Requirement(f"{wanted.name}{extras}{wanted.text}"))

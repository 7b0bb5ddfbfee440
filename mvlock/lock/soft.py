"""Soft members: what a distribution declares under an extra, in a version that fits its tree.

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
from dataclasses import dataclass, replace
from functools import cached_property

from packaging.requirements import Requirement
from packaging.version import Version

from mvlock.base.extras import extras_in, is_development_extra
from mvlock.errors import BadArtifact
from mvlock.lock.agreeing_trees import Manner, Neighbours, agree
from mvlock.lock.companion import Companion
from mvlock.lock.model import LockedSoft
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.need import Need, need
from mvlock.resolver.preference import Preferences
from mvlock.resolver.question import Question, holding
from mvlock.resolver.release import bits, where_wheel
from mvlock.resolver.solve import BRIEF, Resolution, Unsolvable, attempt
from mvlock.resolver.unify import apart, places

_Versions = Mapping[str, Version]


@dataclass(frozen=True, slots=True)
class _Wish:
    """``by`` declares ``need`` under an extra."""

    by: str
    extra: str
    need: Need


class _Application:
    """What is known about the trees on every target: what each requires, and which are installed together."""

    def __init__(self, companions: Iterable[Companion]) -> None:
        self.companions = {one.request.name: one for one in companions}
        requests = {name: one.request for name, one in self.companions.items()}
        self.requested = {name: one.projects for name, one in requests.items()}
        self.named = {
            name: self.requested[name] if one.alias is None else frozenset() for name, one in requests.items()
        }
        """By tree: the direct dependencies that the application imports by their own names."""
        self.kinds = {name: (one.always, one.groups, one.extras, one.wishes) for name, one in requests.items()}
        self.always = [name for name, one in requests.items() if one.always and not one.wishes]

    def manner(self, name: str) -> Manner:
        """How a tree relates to others."""
        request = self.companions[name].request
        return Manner(request.share, request.peers, request.alias is not None, self.requested[name])

    @cached_property
    def beside(self) -> dict[str, tuple[str, ...]]:
        """By tree: those that are installed whenever it is, itself included."""
        alike = {kind: [name for name in self.kinds if self.kinds[name] == kind] for kind in set(self.kinds.values())}
        return {name: tuple(sorted({*self.always, *alike[kind]})) for name, kind in self.kinds.items()}

    @cached_property
    def asked(self) -> dict[str, frozenset[str]]:
        """By tree: the direct dependencies installed whenever it is, except those that must be one version."""
        always = {name: one.request.share.always for name, one in self.companions.items()}
        return {
            name: frozenset(one for other in beside for one in self.named[other]) - always[name]
            for name, beside in self.beside.items()
        }


class SoftMembers:
    """The soft members of the solved trees of an application."""

    def __init__(self, catalogue: Catalogue, companions: Iterable[Companion]) -> None:
        self._catalogue = catalogue
        self._application = _Application(companions)
        self._resolutions = {name: one.solution.resolutions for name, one in self._application.companions.items()}
        self._taken: dict[str, set[_Wish]] = defaultdict(set)
        self._left: dict[str, set[_Wish]] = defaultdict(set)
        if _is_contested(self._resolutions.values()):
            self._take()

    def resolutions(self, tree: str) -> tuple[Resolution, ...]:
        """What a tree holds with its soft members, target by target."""
        return self._resolutions[tree]

    def locked(self, tree: str) -> tuple[LockedSoft, ...]:
        """The soft members of a tree."""
        return tuple(_locked(self._taken[tree]))

    @property
    def notes(self) -> Iterator[str]:
        """What is left out everywhere, because no version fits."""
        for tree, wishes in sorted(self._left.items()):
            taken = {wish.need.name for wish in self._taken[tree]}
            left = [f"{one.name} ({one.reason})" for one in _locked(wishes) if one.name not in taken]
            if left:
                why = "the application's version does not agree with the tree, and no other fits"
                yield f"tree {tree} does not get {', '.join(left)}: {why}"

    def _take(self) -> None:
        for where in places(self._catalogue, list(self._resolutions.values())):
            remaining = where
            while remaining:
                remaining &= ~self._settle(remaining)

    def _settle(self, where: int) -> int:
        """Complete the trees on the first target of a set; returns the targets on which all is the same."""
        always = self._application.always
        place = _Place(self._catalogue, self._application, self._resolutions, where)
        for name in sorted(self._resolutions, key=lambda name: (name not in always, name)):
            place.complete(name)
        for name, resolution in place.grown.items():
            after = (*apart(self._resolutions[name], place.same), replace(resolution, where=place.same))
            self._resolutions[name] = after
        for name, wish, taken in place.answers:
            (self._taken if taken else self._left)[name].add(wish)
        return place.same


class _Place:
    """The trees on the first target of a set. ``same``: those of the set on which all answers so far are the same."""

    def __init__(
        self,
        catalogue: Catalogue,
        application: _Application,
        resolutions: Mapping[str, tuple[Resolution, ...]],
        where: int,
    ) -> None:
        self.same = where
        self.grown: dict[str, Resolution] = {}
        """The trees that have soft members."""
        self.answers: list[tuple[str, _Wish, bool]] = []
        """By tree: possible soft members, and whether each is one."""
        self._catalogue = catalogue
        self._application = application
        self._companions = application.companions
        self._target = next(bits(where))
        self._trees = {
            name: next(one for one in found if one.where >> self._target & 1) for name, found in resolutions.items()
        }
        self._pins = {name: dict(member.pin for member in tree.members) for name, tree in self._trees.items()}
        self._needs: dict[str, tuple[Need, ...]] = defaultdict(tuple)
        self._known: dict[object, Neighbours[Version]] = {}

    def complete(self, name: str) -> None:
        """Give a tree its soft members."""
        for project, wishes in sorted(self._wishes(name).items()):
            if self._disagrees(name, project) and not self._finds(name, project):
                self._decide(name, wishes)

    def _decide(self, name: str, wishes: list[_Wish]) -> None:
        """Add a version that all its declarers admit, else one that some declarer admits."""
        for several in (wishes, *([one] for one in wishes if len(wishes) > 1)):
            needs = (*self._needs[name], *(one.need for one in several))
            found = self._found(name, needs)
            if found is not None:
                self.grown[name] = self._trees[name] = found
                self._pins[name] = dict(member.pin for member in found.members)
                self._needs[name] = needs
                self.answers += ((name, one, True) for one in several)
                return
        self.answers += ((name, one, False) for one in wishes)

    def _wishes(self, name: str) -> dict[str, list[_Wish]]:
        """What the direct requirements of a tree declare under an extra and the application requires, too."""
        peers = self._companions[name].request.peers
        found: dict[str, list[_Wish]] = {}
        for wish in self._declared(name, self._application.asked[name]) if peers else ():
            found.setdefault(wish.need.name, []).append(wish)
        return found

    def _disagrees(self, name: str, project: str) -> bool:
        """Whether the application has a project, but in no tree that agrees with this one."""
        named = self._application.named
        beside = (other for other in self._application.beside[name] if project in named[other])
        owners = [other for other in beside if project in self._pins[other]]
        return bool(owners) and not any(agree(self._pins[other], self._pins[name]) for other in owners)

    def _declared(self, name: str, projects: Collection[str]) -> Iterator[_Wish]:
        requested = self._application.requested[name]
        for release in (one.release for one in self._trees[name].members if one.release.project in requested):
            extras = {extra for one in self._catalogue.needs(release) for extra in extras_in(one.marker)}
            for extra in sorted(one for one in extras if not is_development_extra(one)):
                for one in self._catalogue.dependencies(release, extra):
                    plain = self._catalogue.where(one.need.marker)
                    if one.need.name in projects and self._holds(one.where & ~plain):
                        yield _Wish(release.project, extra, one.need)

    def _finds(self, name: str, project: str) -> bool:
        """Whether a tree finds a project already; another tree of its world may have gained it meanwhile."""
        found = self._neighbours(name).finds(name, project)
        return found or any(project in self._pins[mate] for mate in self._mates(name))

    def _mates(self, name: str) -> tuple[str, ...]:
        """The trees of a tree's world, itself included."""
        neighbours = self._neighbours(name)
        return neighbours.worlds[neighbours.number[name]]

    def _neighbours(self, name: str) -> Neighbours[Version]:
        """The neighbours of a tree's kind. Soft members do not change them, as they fit the world."""
        kind, trees = self._application.kinds[name], self._application.beside[name]
        known = self._known.get(kind)
        if known is None:
            manners = {other: self._application.manner(other) for other in trees}
            known = self._known[kind] = Neighbours({other: self._pins[other] for other in trees}, manners)
        return known

    def _found(self, name: str, needs: tuple[Need, ...]) -> Resolution | None:
        """A tree with all it has and the additional ``needs``, in its world; None if there is no such resolution."""
        held = {**self._shared_always(name), **self._held(name)}
        solution, strict = self._companions[name].solution, self._trees[name].strict
        wanted = (said for one in needs for said in solution.terms.overrides.get(one.name) or [_unmarked(one)])
        terms = holding(replace(solution.terms, needs=(*solution.terms.needs, *wanted)), held)
        try:
            found = attempt(
                self._catalogue, Question(terms, self._preferences(name, held), self._target, strict), BRIEF
            )
        except Unsolvable as failure:
            self.same &= failure.provider.same
            return None
        except BadArtifact:  # reported to trees that need the distribution, not here
            self.same &= 1 << self._target
            return None
        self.same &= found.where
        return replace(found, strict=strict) if self._is_ready(found, self._pins[name]) else None

    def _preferences(self, name: str, held: _Versions) -> Preferences:
        """Held versions, locked ones, those of trees with which the tree agrees; then those of any tree."""
        locked = self._companions[name].solution.preferences.locked
        agreeing = {one: ((version, -1),) for one, version in self._agreeing(name).items() if one not in locked}
        found = Preferences({**locked, **agreeing, **{one: ((version, -1),) for one, version in held.items()}})
        everybody = sorted({pin for pins in self._pins.values() for pin in pins.items()})
        found.add(self._catalogue.grid.targets[self._target], everybody)
        return found

    def _agreeing(self, name: str) -> dict[str, Version]:
        """The versions in trees that agree with a tree."""
        pins, found = self._pins[name], dict[str, Version]()
        for other in self._application.beside[name]:
            if agree(self._pins[other], pins):
                found = {**self._pins[other], **found}
        return found

    def _held(self, name: str) -> dict[str, Version]:
        """The versions in a tree's world, one of each project."""
        return {project: version for mate in self._mates(name) for project, version in self._pins[mate].items()}

    def _shared_always(self, name: str) -> dict[str, Version]:
        """The versions of the projects that all trees must have in one version."""
        always = self._companions[name].request.share.always
        pins = (pin for pins in self._pins.values() for pin in pins.items()) if always else ()
        return {project: version for project, version in pins if project in always}

    def _is_ready(self, found: Resolution, pins: Collection[str]) -> bool:
        """Whether what is new can be installed without a build."""
        releases = [one.release for one in found.members if one.release.project not in pins]
        return all(one.source or self._holds(where_wheel(one, self._catalogue.grid)) for one in releases)

    def _holds(self, where: int) -> bool:
        inside = where >> self._target & 1
        self.same &= where if inside else ~where
        return bool(inside)


def _is_contested(forest: Iterable[tuple[Resolution, ...]]) -> bool:
    """Whether trees have a project in several versions, on any targets; otherwise all agree."""
    pins = {member.pin for resolutions in forest for one in resolutions for member in one.members}
    return len(pins) > len({project for project, _ in pins})


def _locked(wishes: Iterable[_Wish]) -> Iterator[LockedSoft]:
    found: dict[tuple[str, str], set[str]] = {}
    for wish in wishes:
        found.setdefault((wish.need.name, wish.by), set()).add(wish.extra)
    for (name, by), extras in sorted(found.items()):
        yield LockedSoft(name=name, by=by, extras=tuple(sorted(extras)))


def _unmarked(wanted: Need) -> Need:
    extras = f"[{','.join(wanted.extras)}]" if wanted.extras else ""
    return need(Requirement(f"{wanted.name}{extras}{wanted.text}"))

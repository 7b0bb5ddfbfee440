"""Soft members: what a distribution declares under an extra, in a version that fits its tree.

A library finds what the application asks for by name where the trees of both agree. Where they do not (NumPy 1 here,
NumPy 2 there), a tree gets a version of its own of what the libraries it was asked for declare under an extra and
would not find: whatever fits all that the tree holds already. Where there is none, the tree goes without.

- Nothing that is in the tree moves for it, and nothing is built: what has no wheel for a target is left out there.
- Versions that agree with the trees that the tree agrees with are tried first, so that it is parted from none of them.
- Extras of those who work on a distribution do not count, nor what only a group or an extra of the application asks
  for, unless that asks for the tree, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.errors import BadArtifact
from mvlock.index.extras import extras_in, is_of_developers
from mvlock.lock.companions import Companion
from mvlock.lock.model import LockedSoft
from mvlock.lock.neighbours import Manner, Neighbours, agree
from mvlock.project.model import TreeRequest
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


class SoftMembers:
    """The soft members of the trees of an application, which have been solved."""

    def __init__(self, catalogue: Catalogue, companions: Iterable[Companion]) -> None:
        self._catalogue = catalogue
        self._companions = {one.request.name: one for one in companions}
        self._resolutions = {name: one.party.resolutions for name, one in self._companions.items()}
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
        """What is left out everywhere, for nothing fits."""
        for tree, wishes in sorted(self._left.items()):
            taken = {wish.need.name for wish in self._taken[tree]}
            for soft in (one for one in _locked(wishes) if one.name not in taken):
                yield (
                    f"tree {tree} goes without {soft.name}, {soft.reason}: "
                    "the application's does not agree with the tree, and no other fits it"
                )

    def _take(self) -> None:
        for where in places(self._catalogue, list(self._resolutions.values())):
            remaining = where
            while remaining:
                remaining &= ~self._settle(remaining)

    def _settle(self, where: int) -> int:
        """Complete the trees on the first target of a set; the targets on which all is the same."""
        place = _Place(self._catalogue, self._companions, self._resolutions, where)
        for name in sorted(self._companions, key=lambda name: (not _is_always(self._companions[name].request), name)):
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
        companions: Mapping[str, Companion],
        resolutions: Mapping[str, tuple[Resolution, ...]],
        where: int,
    ) -> None:
        self.same = where
        self.grown: dict[str, Resolution] = {}
        """The trees that have soft members."""
        self.answers: list[tuple[str, _Wish, bool]] = []
        """By tree: what was to be a soft member, and whether it is one."""
        self._catalogue = catalogue
        self._companions = companions
        self._target = next(bits(where))
        self._trees = {
            name: next(one for one in found if one.where >> self._target & 1) for name, found in resolutions.items()
        }
        self._pins = {name: dict(member.pin for member in tree.members) for name, tree in self._trees.items()}
        self._needs: dict[str, tuple[Need, ...]] = defaultdict(tuple)

    def complete(self, name: str) -> None:
        """Give a tree its soft members."""
        for project, wishes in sorted(self._wishes(name).items()):
            if project not in self._pins[name] and not self._neighbours(name).finds(name, project):
                self._decide(name, wishes)

    def _decide(self, name: str, wishes: list[_Wish]) -> None:
        """What all that declare it admit; else what one of them does."""
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
        """What the libraries that a tree was asked for declare under an extra and the application asks for, too."""
        request = self._companions[name].request
        known = self._known(name) if request.peers else set()
        found: dict[str, list[_Wish]] = {}
        for wish in self._declared(name, known) if known else ():
            found.setdefault(wish.need.name, []).append(wish)
        return found

    def _known(self, name: str) -> set[str]:
        """What the application asks for by name wherever it has the tree, and can have in several versions."""
        request = self._companions[name].request
        trees = [other for other in self._beside(name) if other != name]
        asked = {one for other in trees for one in self._named(other) if one in self._pins[other]}
        return asked - request.share.always

    def _named(self, name: str) -> set[str]:
        request = self._companions[name].request
        return set() if request.alias is not None else _requested(request)

    def _declared(self, name: str, projects: Collection[str]) -> Iterator[_Wish]:
        requested = _requested(self._companions[name].request)
        for release in (one.release for one in self._trees[name].members if one.release.project in requested):
            extras = {extra for one in self._catalogue.needs(release) for extra in extras_in(one.marker)}
            for extra in sorted(one for one in extras if not is_of_developers(one)):
                for one in self._catalogue.dependencies(release, extra):
                    plain = self._catalogue.where(one.need.marker)
                    if one.need.name in projects and self._holds(one.where & ~plain):
                        yield _Wish(release.project, extra, one.need)

    def _beside(self, name: str) -> list[str]:
        """The trees that are there whenever a tree is, itself included."""
        kind = _kind(self._companions[name].request)
        trees = self._companions.items()
        return [other for other, one in trees if _is_always(one.request) or _kind(one.request) == kind]

    def _neighbours(self, name: str) -> Neighbours:
        trees = self._beside(name)
        claims = {other: {project: str(one) for project, one in self._pins[other].items()} for other in trees}
        return Neighbours(claims, {other: _manner(self._companions[other].request) for other in trees})

    def _found(self, name: str, needs: tuple[Need, ...]) -> Resolution | None:
        """A tree with all it has, and what is needed besides; None if there is no such tree."""
        pins = self._pins[name]
        firm = {**self._shared_always(name), **pins}
        for held in ({**self._agreeing(name), **firm}, firm):
            found = self._attempt(name, needs, held)
            if found is not None and self._is_ready(found, pins):
                return found
        return None

    def _agreeing(self, name: str) -> dict[str, Version]:
        """What trees have that agree with a tree."""
        pins, found = self._pins[name], dict[str, Version]()
        for other in self._beside(name):
            if agree(_texts(self._pins[other]), _texts(pins)):
                found = {**self._pins[other], **found}
        return found

    def _shared_always(self, name: str) -> dict[str, Version]:
        """What trees have of the projects that they must have in one version."""
        always = self._companions[name].request.share.always
        pins = (pin for pins in self._pins.values() for pin in pins.items())
        return {project: version for project, version in pins if project in always}

    def _attempt(self, name: str, needs: tuple[Need, ...], held: _Versions) -> Resolution | None:
        party = self._companions[name].party
        locked = {**party.preferences.locked, **{one: ((version, -1),) for one, version in held.items()}}
        preferences = Preferences(locked)
        everybody = sorted({pin for pins in self._pins.values() for pin in pins.items()})
        preferences.add(self._catalogue.grid.targets[self._target], everybody)
        wanted = (said for one in needs for said in party.terms.overrides.get(one.name) or [_unmarked(one)])
        terms = holding(replace(party.terms, needs=(*party.terms.needs, *wanted)), held)
        question = Question(terms, preferences, self._target, self._trees[name].strict)
        try:
            found = attempt(self._catalogue, question, BRIEF)
        except Unsolvable as failure:
            self.same &= failure.provider.same
            return None
        except BadArtifact:  # what cannot be read or built is told to those who need it
            self.same &= 1 << self._target
            return None
        self.same &= found.where
        return replace(found, strict=self._trees[name].strict)

    def _is_ready(self, found: Resolution, pins: Collection[str]) -> bool:
        """Whether what is new can be installed without a build."""
        releases = [one.release for one in found.members if one.release.project not in pins]
        return all(one.source or self._holds(where_wheel(one, self._catalogue.grid)) for one in releases)

    def _holds(self, where: int) -> bool:
        inside = where >> self._target & 1
        self.same &= where if inside else ~where
        return bool(inside)


def _is_contested(forest: Iterable[tuple[Resolution, ...]]) -> bool:
    """Whether trees have something in several versions, on whatever targets: else all agree."""
    pins = {member.pin for resolutions in forest for one in resolutions for member in one.members}
    return len(pins) > len({project for project, _ in pins})


def _locked(wishes: Iterable[_Wish]) -> Iterator[LockedSoft]:
    found: dict[tuple[str, str], set[str]] = {}
    for wish in wishes:
        found.setdefault((wish.need.name, wish.by), set()).add(wish.extra)
    for (name, by), extras in sorted(found.items()):
        yield LockedSoft(name=name, by=by, extras=tuple(sorted(extras)))


def _texts(pins: _Versions) -> dict[str, str]:
    return {project: str(version) for project, version in pins.items()}


def _unmarked(wanted: Need) -> Need:
    extras = f"[{','.join(wanted.extras)}]" if wanted.extras else ""
    return need(Requirement(f"{wanted.name}{extras}{wanted.text}"))


def _requested(request: TreeRequest) -> set[str]:
    return {str(canonicalize_name(one.name)) for one in request.requirements}


def _manner(request: TreeRequest) -> Manner:
    return Manner(request.share, request.peers, request.alias is not None, frozenset(_requested(request)))


def _kind(request: TreeRequest) -> object:
    return request.always, request.groups, request.extras, request.wishes


def _is_always(request: TreeRequest) -> bool:
    return request.always and not request.wishes

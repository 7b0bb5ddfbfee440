"""What the application asks for by name has one version in all trees, wherever that can be.

The trees of an application are solved together first: one resolution of all that is always installed, then one of each
dependency group and extra. Each tree is what its own requirements lead to in there. Dependencies that have no
resolution together are shared out to as few groups as there can be (``isolation.Joint``), and what comes later is bound
by what came before: it gets the versions that the application has of what it names, by older releases of its own if
need be. A tree parts from such a version only where it has no resolution with it, or none without a pre-release that
it would not have by itself.

Bound in the same way are trees with settings of their own, and aliases but for the project that each is an alias of.
A tree without peers goes its own way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.version import Version

from mvlock.lock.isolation import Ground, Joint, Near
from mvlock.lock.markers import MarkerWriter
from mvlock.project.declared import HELD, Declared, Origin
from mvlock.project.model import Prereleases, TreeRequest
from mvlock.resolver.explain import reason
from mvlock.resolver.need import Need
from mvlock.resolver.solve import Member, Resolution, Unsolvable
from mvlock.resolver.unify import Party

Rows = dict[str, dict[Version, int]]
"""By project: versions with the sets of targets that have them."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A tree that was solved with others: its request, with what binds it, and its resolutions."""

    request: TreeRequest
    party: Party


class Companions:
    """Solves the trees of an application together."""

    def __init__(self, ground: Ground, solver: Solver, writer: MarkerWriter) -> None:
        self._ground = ground
        self._solver = solver
        self._writer = writer
        self._named: Rows = {}
        self._before: list[Companion] = []
        self.notes: list[str] = []
        """What people should know: what is held back."""

    def solve(self, requests: Iterable[TreeRequest]) -> Iterator[Companion]:
        """All trees, those first that are always installed.

        :raises Unsolvable: a tree has no resolution by itself
        """
        for (by_itself, *_), members in groupby(sorted(requests, key=_order), key=_order):
            trees = list(members)
            for group in [[tree] for tree in trees] if by_itself else [trees]:
                yield from self._solved(group)

    def _solved(self, trees: list[TreeRequest]) -> Iterator[Companion]:
        """Trees that may be one resolution."""
        bound = {tree.name: self._bound(tree) for tree in trees}
        joint = Joint("", bound, (), self._ground)
        result = joint.partition()
        for place, group in enumerate(result.trees):
            one = joint.tree(place, group)
            if place and self._named:
                one = self._bound(one)
            near = joint.near(group)
            party = self._solver.party(one, near, joint.trees_of(place, group))
            pins = _rows(party.resolutions)
            companions = [self._part(bound[name], one, party, pins) for name in group]
            for companion in companions:
                self._name(companion)
            self._before += companions
            for companion in companions:
                self._tell_one_for_all(companion)
            self._tell(joint, place, group)
            yield from companions

    def _part(self, tree: TreeRequest, one: TreeRequest, party: Party, pins: Rows) -> Companion:
        """A tree as a part of what was solved as one."""
        if tree is one:
            return Companion(tree, party)
        tree = replace(tree, constraints=one.constraints)
        return Companion(tree, self._solver.follow(tree, pins))

    def _name(self, companion: Companion) -> None:
        """What the application asks for by name binds from now on."""
        for project, rows in _binding_rows(companion).items():
            self._named.setdefault(project, rows)

    def _bound(self, tree: TreeRequest) -> TreeRequest:
        """The request of a tree with all named versions with which it has a resolution."""
        free = {*tree.projects, *([tree.subject] if tree.subject else [])}
        named = {project: rows for project, rows in self._named.items() if project not in free}
        if not tree.peers or not named:
            return tree
        try:
            alone = self._solver.party(tree, {}, (tree.name,))
        except Unsolvable:
            return tree  # that is told where it is solved
        found, party = self._bound_to(named, tree, alone)
        self.notes += _held_back(Companion(tree, alone), party, named, self._before)
        return found

    def _bound_to(self, named: Rows, tree: TreeRequest, alone: Party) -> tuple[TreeRequest, Party]:
        """The request with as many named versions as can be, and its resolutions."""
        binding: set[str] = set()
        while True:
            found = self._with({project: named[project] for project in sorted(binding)}, tree) if binding else tree
            try:
                found, party = self._final(found, alone)
            except Unsolvable as failure:
                clash = reason(failure, self._ground.catalogue).asked & binding
                named = {project: rows for project, rows in named.items() if project not in (clash or binding)}
                binding &= named.keys()
            else:
                more = _parting(_rows(party.resolutions), named) - binding
                if not more:
                    return found, party
                binding |= more

    def _final(self, bound: TreeRequest, alone: Party) -> tuple[TreeRequest, Party]:
        """The request and its resolutions, without pre-releases if it has none by itself.

        :raises Unsolvable: it has no such resolution
        """
        party = self._solver.party(bound, {}, (bound.name,))
        if _has_prereleases(party) and not _has_prereleases(alone) and bound.prereleases is Prereleases.IF_NECESSARY:
            bound = replace(bound, prereleases=Prereleases.DISALLOW)
            party = self._solver.party(bound, {}, (bound.name,))
        return bound, party

    def _with(self, rows: Mapping[str, Mapping[Version, int]], tree: TreeRequest) -> TreeRequest:
        bounds = [
            Declared(Requirement(f"{project}==={version}" + (f" ; {marker}" if marker else "")), HELD)
            for project, versions in rows.items()
            for version, where in versions.items()
            for marker in [self._writer.marker(where)]
        ]
        return replace(tree, constraints=(*tree.constraints, *bounds))

    def _tell(self, joint: Joint, place: int, group: tuple[str, ...]) -> None:
        """What of a joint resolution had to be held back."""
        told: dict[str, str] = {}
        for target, together in joint.held(group).items():
            for project, version in together.held.items():
                alone = together.alone.get(project)
                if alone is not None and version < alone and project not in told:
                    why = joint.why_held(place, group, target, project)
                    told[project] = _told(project, version, alone, why)
        self.notes += (told[project] for project in sorted(told))

    def _tell_one_for_all(self, companion: Companion) -> None:
        """Where a group, an extra or what is always installed would have another version but for lines elsewhere."""
        rows = _rows(companion.party.resolutions)
        for project, tables in _tables(companion.request).items():
            if len(tables) < 2 or project not in rows:
                continue
            version = max(rows[project])
            for table in tables:
                alone = self._newest_for(companion.request, project, table)
                lines = (one for one in companion.request.requirements if one.project == project)
                others = [one for one in lines if alone and one.origin.table != table and not one.admits(alone)]
                if alone is not None and others:
                    self.notes.append(_told_one_for_all(project, version, table, alone, others))
                    break

    def _newest_for(self, tree: TreeRequest, project: str, table: Origin) -> Version | None:
        """The version of a project that a tree would have for the lines of one list; None if there is none."""
        lines = (
            one
            for one in tree.requirements
            if one.project != project or one.origin.table == table or one.origin.is_setting
        )
        request = replace(tree, requirements=tuple(lines))
        try:
            rows = _rows(self._solver.party(request, {}, ()).resolutions)
        except Unsolvable:
            return None
        return max(rows.get(project, ()), default=None)


class Solver(Protocol):
    """Solves one request; implemented by who locks."""

    def party(self, request: TreeRequest, near: Near, trees: tuple[str, ...]) -> Party:
        """The resolutions of a request, looked for near some versions, then near those locked for ``trees``.

        :raises Unsolvable: it has none
        """
        ...

    def follow(self, request: TreeRequest, pins: Rows) -> Party:
        """The resolutions of a request in which the versions are ``pins``."""
        ...


def _order(tree: TreeRequest) -> tuple[bool, bool, tuple[str, ...], tuple[str, ...]]:
    """Companions before others, aliases last; of companions what is always installed first, then group by group."""
    kind = (tuple(sorted(tree.groups)), tuple(sorted(tree.extras))) if tree.companion else ((), ())
    return (not tree.companion, tree.alias is not None, *kind)


def _binding_rows(companion: Companion) -> Rows:
    """What a tree has of the projects that the application asks for by name there; nothing if it binds nobody."""
    request, party = companion.request, companion.party
    if not request.always or request.alias is not None or not request.peers:
        return {}
    rows = _rows(party.resolutions)
    return {str(one.name): rows[one.name] for one in party.terms.needs if one.name in rows}


def _rows(resolutions: Iterable[Resolution]) -> Rows:
    found: Rows = {}
    for one in resolutions:
        for member in one.members:
            rows = found.setdefault(member.release.project, {})
            rows[member.release.version] = rows.get(member.release.version, 0) | one.where
    return found


def _parting(rows: Rows, named: Rows) -> set[str]:
    """The named projects of which a tree has another version than the application on some target."""
    return {
        project
        for project in rows.keys() & named.keys()
        for version, where in rows[project].items()
        for other, there in named[project].items()
        if version != other and where & there
    }


def _has_prereleases(party: Party) -> bool:
    return any(version.is_prerelease for rows in _rows(party.resolutions).values() for version in rows)


def _held_back(alone: Companion, bound: Party, named: Rows, before: Sequence[Companion]) -> Iterator[str]:
    """One note for each project that a tree is asked for and has in another version than it would have ``alone``."""
    here, own = _rows(bound.resolutions), _rows(alone.party.resolutions)
    for project in sorted({str(one.name) for one in alone.party.terms.needs} & here.keys() & own.keys()):
        changes = [
            (mine, best)
            for best, where in own[project].items()
            for mine, there in here[project].items()
            if mine < best and where & there
        ]
        if changes:
            mine, best = max(changes, key=lambda change: change[1])
            yield _told(project, mine, best, _why_bound(alone, named, before))


def _why_bound(alone: Companion, named: Rows, before: Sequence[Companion]) -> str:
    """What a tree would have otherwise than the application, and who wants that as it is."""
    own = _rows(alone.party.resolutions)
    parting = sorted(_parting(own, named))
    clashes = [(project, found) for project in parting if (found := _requiring(alone, project, max(named[project])))]
    if not clashes:
        return "the application has " + ", ".join(f"{project} {max(named[project])}" for project in parting)
    project, (member, need) = clashes[0]
    says = _keeping(before, project, max(own[project]))
    return f"{member.release} needs {need}, but the application has {project} {max(named[project])}{says}"


def _keeping(before: Iterable[Companion], project: str, version: Version) -> str:
    """``, for typer 0.3.2 needs click<7.2``: who among the trees does not admit a version of a project."""
    for tree in before:
        for need in tree.party.terms.own(project):
            if need.origin and not need.specifier.contains(version, prereleases=True):
                return f', for "{need}" in {need.origin.table}'
        found = _requiring(tree, project, version)
        if found is not None:
            return f", for {found[0].release} needs {found[1]}"
    return ""


def _told(project: str, version: Version, alone: Version, why: str) -> str:
    """What is held back, by whom, and what to write to have it otherwise."""
    cause = f": {why}" if why else ""
    wanted = f'"{project}{_least(version, alone)}"'
    return f"{project} {version}, alone it would be {alone}{cause}; {wanted} keeps {alone}, beside what it clashes with"


def _tables(tree: TreeRequest) -> dict[str, list[Origin]]:
    """By project: the lists that ask a tree for it, what is always installed first. Settings are of no list."""
    found: dict[str, set[Origin]] = {}
    for one in tree.requirements:
        if not one.origin.is_setting:
            found.setdefault(one.project, set()).add(one.origin.table)
    return {
        project: sorted(found[project], key=lambda table: (not table.is_always, str(table)))
        for project in sorted(found)
    }


def _told_one_for_all(project: str, version: Version, table: Origin, alone: Version, others: Iterable[Declared]) -> str:
    lines = ", ".join(f'"{one}" in {one.origin.table}' for one in others)
    return (
        f"{project} is {version} for {table}, too, which alone would have {alone}: {lines}; "
        "what is asked for by name has one version: "
        f"admit {alone} there, or give {version} a name of its own in [tool.mvlock.alias]"
    )


def _least(version: Version, alone: Version) -> str:
    """The shortest lower bound that leaves a version out and admits another one."""
    for length in range(1, len(alone.release) + 1):
        bound = Version(f"{alone.epoch}!" + ".".join(map(str, alone.release[:length])))
        if version < bound <= alone:
            return f">={bound}"
    return f"=={alone}"


def partings(companions: Iterable[Companion]) -> Iterator[str]:
    """One note for each tree that has another version of what the application asks for by name, with the reason.

    What the tree was asked for itself may require that: then it is told as a mix (``mixes``).
    """
    trees = list(companions)
    own = {project: (tree, rows) for tree in trees for project, rows in _binding_rows(tree).items()}
    for tree in trees:
        rows = _rows(tree.party.resolutions)
        named = {project: found for project, (owner, found) in own.items() if owner is not tree}
        for project in sorted(_parting(rows, named)) if tree.request.alias is None and tree.request.peers else ():
            theirs, mine = max(rows[project]), max(named[project])
            requiring = _requiring(tree, project, mine)
            if not requiring or requiring[0].release.project not in {one.name for one in tree.party.terms.needs}:
                why = f": {requiring[0].release} requires {requiring[1]}" if requiring else ""
                yield f"tree {tree.request.name} has {project} {theirs}, not the application's {mine}{why}"


def _requiring(tree: Companion, project: str, version: Version) -> tuple[Member, Need] | None:
    """Who in a tree does not admit a version, with the requirement that says so."""
    members = (member for one in tree.party.resolutions for member in one.members)
    needs = ((member, one) for member in members for one in member.needs if one.name == project)
    return next((pair for pair in needs if not pair[1].specifier.contains(version, prereleases=True)), None)

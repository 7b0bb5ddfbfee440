"""From the lock and the content of the installed trees to the import map: equal inputs, equal map.

Each world is a domain. What several worlds share is in further domains, one for each set of worlds that share
something; its modules are loaded from the first of these. What code of a domain gets for a name is decided here:

1. what its world has, which includes all that it requires; for a domain of several worlds, what all of them get,
   if that is the same (a world that has nothing does not object);
2. else what the application requires directly, if the world agrees with the tree that has it (``peers``).

Names of the standard library are not routed: it comes first, so no import finds what a tree has under such a name.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from mvlock.base.wheel_paths import GENERIC_NAMES
from mvlock.importmap.metapackages import metapackage_dependencies
from mvlock.importmap.model import ImportMap, MapAlias, MapDistribution, MapDomain, MapStartup, MapTree
from mvlock.importmap.provided_names import provided_names
from mvlock.importmap.sharing import Arrangement
from mvlock.lock.model import Lock, LockedTree
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.project.tree_names import RESERVED

_MAX_NAMED = 3
_START_FILE = ".start"
_Worlds = tuple[int, ...]
"""The numbers of the worlds that a domain belongs to."""


class InstalledTree(msgspec.Struct, frozen=True):
    """A tree on disk: its receipt, its site-packages, and for each distribution the folders that it adds to the path.

    Folders are POSIX and relative to the folder of the map (absolute only outside the project).
    """

    receipt: TreeReceipt
    site: str
    folders: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


def build_map(
    lock: Lock,
    trees: Iterable[InstalledTree],
    arrangement: Arrangement,
    *,
    standard_library: frozenset[str] = sys.stdlib_module_names,
    expose_all: bool = False,
) -> ImportMap:
    """The map of ``trees``, which form worlds and share distributions as ``arrangement`` says.

    What is locked but not installed is in neither ``root`` nor ``aliases``. ``expose_all``: the application may import
    every name that means the same in all worlds.
    """
    installed = {tree.receipt.tree: tree for tree in trees}
    present = [tree for tree in lock.trees if tree.name in installed]
    domains = _Domains(installed, present, arrangement, standard_library)
    entries, root = tuple(domains.all()), domains.root(expose_all=expose_all)
    names = provided_names({"": root, **{entry.name: {**entry.peers, **entry.routes} for entry in entries}})
    return ImportMap(
        domains=entries,
        trees={name: MapTree(domain=domains.name_of(name), site=tree.site) for name, tree in sorted(installed.items())},
        root=root,
        aliases=dict(domains.aliases()),
        silent=dict(sorted(domains.silent())),
        contested=names.contested,
        sole=names.sole,
    )


class _Domains:
    """The domains of all worlds, and the domains of what they share."""

    def __init__(
        self,
        installed: Mapping[str, InstalledTree],
        present: Iterable[LockedTree],
        arrangement: Arrangement,
        standard_library: frozenset[str],
    ) -> None:
        self._installed = installed
        self._present = list(present)
        self._arrangement = arrangement
        self._not_theirs = standard_library | RESERVED
        self._worlds = arrangement.worlds
        single_worlds = [(number,) for number in range(len(self._worlds))]
        shared = {
            arrangement.sharers(number, project)
            for number, world in enumerate(self._worlds)
            for project in world.members
        }
        self._names = _domain_names({worlds: self._trees(worlds) for worlds in (*single_worlds, *sorted(shared))})
        self._own = [self._own_routes(number) for number in range(len(self._worlds))]

    def all(self) -> Iterator[MapDomain]:
        """Every domain, by name."""
        for worlds, name in sorted(self._names.items(), key=lambda pair: pair[1]):
            yield self._domain(name, worlds)

    def name_of(self, tree: str) -> str:
        """The domain of the world that a tree is in."""
        return self._names[self._arrangement.number(tree),]

    def root(self, *, expose_all: bool = False) -> dict[str, str]:
        """What the application may import: the exposed names, with ``expose_all`` also those that mean one thing."""
        exposed = {name: served for name, (served, _) in self._exposed.items()}
        if expose_all:
            taken = {name.partition(".")[0] for name in (*exposed, *dict(self.aliases()))} | GENERIC_NAMES
            common = self._common(tuple(range(len(self._worlds))), self._own, strict=False)
            exposed |= {name: served for name, served in common.items() if name.partition(".")[0] not in taken}
        return self._shortened(exposed)

    def aliases(self) -> Iterator[tuple[str, MapAlias]]:
        """What the application imports under an alias."""
        for tree in self._present:
            alias = MapAlias(domain=self.name_of(tree.name), module=tree.module or tree.alias or tree.name)
            if tree.alias and not {tree.alias, alias.top_level} & self._not_theirs:
                yield tree.alias, alias

    def silent(self) -> Iterator[tuple[str, str]]:
        """Direct dependencies without anything to import."""
        for tree in (candidate for candidate in self._present if candidate.alias is None):
            number = self._arrangement.number(tree.name)
            tops = {name.partition(".")[0] for name in tree.imports}
            for project in tree.requested:
                item = self._worlds[number].members.get(project)
                if item is not None and tops.isdisjoint(item.imports):
                    yield project, self._names[self._arrangement.sharers(number, project)]

    def _trees(self, worlds: _Worlds) -> tuple[str, ...]:
        return tuple(sorted(tree for number in worlds for tree in self._worlds[number].trees))

    def _domain(self, name: str, worlds: _Worlds) -> MapDomain:
        """A domain; what belongs to several worlds is loaded from the first."""
        world = self._worlds[worlds[0]]
        members = world.members.items()
        items = [item for project, item in members if self._arrangement.sharers(worlds[0], project) == worlds]
        loaded = items if len(worlds) > 1 else list(world.members.values())
        source_trees = sorted({world.loaded_from[item.name] for item in loaded})
        folders = (folder for item in loaded for folder in self._loaded_from(worlds, item).folders.get(item.name, ()))
        routes = self._common(worlds, self._own)
        found = self._common(worlds, self._visible)
        return MapDomain(
            name=name,
            trees=self._trees(worlds),
            paths=tuple(dict.fromkeys((*(self._installed[tree].site for tree in source_trees), *folders))),
            distributions=tuple(
                MapDistribution(
                    name=item.name,
                    version=item.version,
                    imports=item.imports,
                    site=source_trees.index(world.loaded_from[item.name]),
                )
                for item in items
            ),
            routes=self._shortened(routes),
            peers=self._shortened({peer: found[peer] for peer in found if peer not in routes}),
            startup=tuple(self._startup(worlds, items)),
            strict=self._is_strict(worlds),
        )

    def _loaded_from(self, worlds: _Worlds, item: InstalledDistribution) -> InstalledTree:
        return self._installed[self._worlds[worlds[0]].loaded_from[item.name]]

    def _startup(self, worlds: _Worlds, items: Iterable[InstalledDistribution]) -> Iterator[MapStartup]:
        """What files execute at start, in the order of ``site``: files by name, their lines, ``.start`` after ``.pth``.

        A ``.pth`` file is skipped if there is a ``.start`` file with its name (PEP 829).
        """
        lines = [(file, line, self._loaded_from(worlds, item).site) for item in items for file, line in item.startup]
        starts = {file for file, _, _ in lines if file.endswith(_START_FILE)}
        for file, line, site in sorted(lines, key=lambda entry: (entry[0] in starts, entry[0])):
            if file in starts or file.removesuffix(".pth") + _START_FILE not in starts:
                yield MapStartup(folder=site, file=file, line=line)

    def _common(self, worlds: _Worlds, routes: list[dict[str, str]], *, strict: bool | None = None) -> dict[str, str]:
        """Names that mean the same in all worlds that have them; if one is strict, in all worlds."""
        if strict is None:
            strict = self._is_strict(worlds)
        found: dict[str, set[str | None]] = defaultdict(set)
        for number in worlds:
            for name, served in routes[number].items():
                found[name].add(served)
        for name, domains in found.items() if strict else ():
            domains.update(routes[number].get(name) for number in worlds)
        return {name: served for name in sorted(found) if len(found[name]) == 1 for served in found[name] if served}

    def _is_strict(self, worlds: _Worlds) -> bool:
        return any(not self._worlds[number].settings.peers for number in worlds)

    def _own_routes(self, number: int) -> dict[str, str]:
        """For each name that a world has, the domain that serves it to the world's code."""
        world, own_domain = self._worlds[number], self._names[number,]
        # An editable project may provide names through a finder, without any file.
        behind_finder = {top for tree in self._present if tree.name in world.trees for top in tree.top_level}
        found: dict[str, str] = {}
        for item in world.members.values():
            served = self._names[self._arrangement.sharers(number, item.name)]
            for name in _names(item):
                found[name] = own_domain if name in GENERIC_NAMES else served
        found |= dict.fromkeys(behind_finder - {name.partition(".")[0] for name in found}, own_domain)
        return {name: found[name] for name in sorted(found) if not self._is_not_theirs(name)}

    @cached_property
    def _exposed(self) -> dict[str, tuple[str, str]]:
        """What the application may import: for each name, the domain that serves it and the tree that has it.

        What stands in for a project without modules comes after the direct dependencies.
        """
        found: dict[str, tuple[str, str]] = {}
        for tree in self._present:
            routes = self._own[self._arrangement.number(tree.name)]
            for name in tree.imports:
                if not self._is_not_theirs(name):
                    found[name] = _serving_domain(routes, name, self.name_of(tree.name)), tree.name
        return found | self._metapackage_names(found)

    def _metapackage_names(self, exposed: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Names that are not ``exposed`` and stand in for projects without modules, if they mean one thing."""
        taken = {parent for name in (*exposed, *dict(self.aliases())) for parent in (name, *_parent_namespaces(name))}
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for tree in self._present:
            number = self._arrangement.number(tree.name)
            for item in metapackage_dependencies(tree, self._worlds[number].members):
                for name in self._own[number].keys() & set(_names(item)) - GENERIC_NAMES:
                    found[name].setdefault(self._own[number][name], tree.name)
        pairs = (
            (name, domains)
            for name, domains in sorted(found.items())
            if taken.isdisjoint((name, *_parent_namespaces(name)))
        )
        return {name: next(iter(domains.items())) for name, domains in pairs if len(domains) == 1}

    @cached_property
    def _visible(self) -> list[dict[str, str]]:
        """For each world: what it has, and what it lacks and gets from the application's direct dependencies."""
        return [{**dict(self._peers_of(number)), **own} for number, own in enumerate(self._own)]

    def _peers_of(self, number: int) -> Iterator[tuple[str, str]]:
        own, agreeing = self._own[number], self._arrangement.agreeing[number]
        taken = {parent for name in own for parent in (name, *_parent_namespaces(name))}
        for name, (served, tree) in self._exposed.items():
            if tree in agreeing and name not in taken and own.keys().isdisjoint(_parent_namespaces(name)):
                yield name, served

    @cached_property
    def _split_namespaces(self) -> set[str]:
        """The namespaces of which several domains have parts, in any world."""
        domains: dict[str, set[str]] = defaultdict(set)
        for routes in self._own:
            for name, served in routes.items():
                domains[name.partition(".")[0]].add(served)
        return {top for top, found in domains.items() if len(found) > 1}

    def _shortened(self, routes: Mapping[str, str]) -> dict[str, str]:
        """``routes`` by name, with the top-level name alone for a namespace of which one domain has all parts."""
        pairs = ((name, name.partition(".")[0], served) for name, served in routes.items())
        return dict(sorted((name if top in self._split_namespaces else top, served) for name, top, served in pairs))

    def _is_not_theirs(self, name: str) -> bool:
        """Whether a name is of the standard library or of importshim, whoever else has a module of that name."""
        return name.partition(".")[0] in self._not_theirs


def _names(item: InstalledDistribution) -> Iterator[str]:
    """The import names of a distribution: dotted ones for its parts of namespaces."""
    tops = {name.partition(".")[0] for name in item.spaces}
    yield from item.spaces
    yield from (name for name in item.imports if name not in tops)


def _parent_namespaces(name: str) -> Iterator[str]:
    """The namespaces around a name: ``a`` and ``a.b`` for ``a.b.c``."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts)))


def _serving_domain(routes: Mapping[str, str], name: str, default: str) -> str:
    """The domain that serves ``name``, or a namespace around it."""
    return next((routes[candidate] for candidate in (name, *_parent_namespaces(name)) if candidate in routes), default)


def _domain_names(sets: Mapping[_Worlds, tuple[str, ...]]) -> dict[_Worlds, str]:
    """A name for each set of trees: the tree's own, ``a+b``, or ``a+7`` for a and seven more."""
    named: dict[str, list[_Worlds]] = defaultdict(list)
    for worlds, trees in sorted(sets.items(), key=lambda pair: pair[1]):
        short = len(trees) <= _MAX_NAMED
        named["+".join(trees) if short else f"{trees[0]}+{len(trees) - 1}"].append(worlds)
    return {
        worlds: name if number == 1 else f"{name}~{number}"
        for name, same_name in named.items()
        for number, worlds in enumerate(same_name, 1)
    }

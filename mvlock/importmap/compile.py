"""From the lock and what the installed trees hold to the import map: equal inputs, equal map.

Each tree is a domain of its own name. What several trees share is in domains of its own, one for every set of trees
that share something; its modules are those that lie in the first of them. Code of a shared domain may import what
means the same in all of its trees. Names of the standard library are nobody's: it comes first on ``sys.path``, so
what a tree has under such a name is found by no import.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mvlock.importmap.model import ImportMap, MapAlias, MapDistribution, MapDomain, MapStartup
from mvlock.importmap.sharing import sharing_trees
from mvlock.lock.import_names import STRAY
from mvlock.lock.model import Lock, LockedTree
from mvlock.plan import InstalledDistribution, TreeReceipt
from mvlock.project.model import Sharing

_NOTHING: Mapping[str, Sharing] = MappingProxyType({})
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class InstalledTree:
    """A tree on disk: its receipt, its site-packages, and by distribution the folders that this adds to the path.

    Folders are POSIX and relative to the folder of the map (absolute only for what lies outside the project).
    """

    receipt: TreeReceipt
    site: str
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def compile_map(
    lock: Lock,
    trees: Iterable[InstalledTree],
    settings: Mapping[str, Sharing] = _NOTHING,
    *,
    standard_library: frozenset[str] = sys.stdlib_module_names,
    expose_all: bool = False,
) -> ImportMap:
    """The map of ``trees``; what is locked but not installed is in neither ``root`` nor ``aliases``.

    ``settings``: by tree, who may share (default: whatever is equal is shared). ``expose_all``: the application may
    import whatever means one thing in all trees.
    """
    installed = {tree.receipt.tree: tree for tree in trees}
    # An editable project may provide names by a finder, without any file.
    locked = {tree.name: tree.top_level for tree in lock.trees}
    present = [tree for tree in lock.trees if tree.name in installed]
    domains = _Domains(installed, locked, settings, standard_library)
    root = _root(present, domains)
    aliases = {tree.alias: _alias(tree) for tree in present if tree.alias}
    if expose_all:
        root = _with_all(root, domains.routes.values(), {name.partition(".")[0] for name in (*root, *aliases)})
    return ImportMap(domains=tuple(domains.all()), root=root, aliases=aliases)


class _Domains:
    """The domains of all trees, and of what they share."""

    def __init__(
        self,
        installed: Mapping[str, InstalledTree],
        locked: Mapping[str, set[str]],
        settings: Mapping[str, Sharing],
        standard_library: frozenset[str],
    ) -> None:
        self._installed = installed
        self._standard_library = standard_library
        self._sharing = sharing_trees((tree.receipt for tree in installed.values()), settings)
        self._names = _domain_names({(name,) for name in installed} | set(self._sharing.values()))
        self.routes = {name: self._routes(tree, locked.get(name, set())) for name, tree in installed.items()}
        self._provided = {name for routes in self.routes.values() for name in routes}

    def all(self) -> Iterator[MapDomain]:
        """Every domain, by name."""
        for trees, name in sorted(self._names.items(), key=lambda pair: pair[1]):
            yield self._domain(name, trees)

    def _domain(self, name: str, trees: tuple[str, ...]) -> MapDomain:
        """Of several trees: loaded from the first."""
        tree = self._installed[trees[0]]
        own = tree.receipt.tree
        items = [item for item in tree.receipt.distributions if self._sharing[own, item.name] == trees]
        adding = items if len(trees) > 1 else tree.receipt.distributions
        folders = (folder for item in adding for folder in tree.folders.get(item.name, ()))
        routes = _common([self.routes[one] for one in trees])
        sought = {other for item in items for other in item.sought} & self._provided - routes.keys()
        return MapDomain(
            name=name,
            trees=trees,
            paths=tuple(dict.fromkeys((tree.site, *folders))),
            distributions=tuple(_distributions(items)),
            routes=routes,
            startup=tuple(_startup(tree.site, items)),
            sought=tuple(sorted(sought)),
        )

    def _routes(self, tree: InstalledTree, locked: set[str]) -> dict[str, str]:
        """Which domain serves each name to code of ``tree``."""
        name = tree.receipt.tree
        found = dict.fromkeys(locked, name)
        for item in tree.receipt.distributions:
            domain = self._names[self._sharing[name, item.name]]
            found |= {top: name if top in STRAY else domain for top in item.imports}
        return {top: found[top] for top in sorted(found) if top not in self._standard_library}


def _distributions(items: Iterable[InstalledDistribution]) -> Iterator[MapDistribution]:
    for item in sorted(items, key=lambda item: item.name):
        yield MapDistribution(name=item.name, version=item.version, imports=item.imports)


def _common(routes: list[dict[str, str]]) -> dict[str, str]:
    first, *others = routes
    return {name: served for name, served in first.items() if all(one.get(name) == served for one in others)}


def _domain_names(sets: set[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """A name for each set of trees: the tree's own, ``a+b``, or ``a+7`` for a and seven more."""
    named: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for trees in sorted(sets):
        short = len(trees) <= _MOST_NAMED
        named["+".join(trees) if short else f"{trees[0]}+{len(trees) - 1}"].append(trees)
    return {
        trees: name if place == 1 else f"{name}~{place}"
        for name, alike in named.items()
        for place, trees in enumerate(alike, 1)
    }


def _startup(site: str, items: Iterable[InstalledDistribution]) -> Iterator[MapStartup]:
    """The lines of ``.pth`` files in the order of ``site``: files by name, each from its top."""
    pairs = [pair for item in items for pair in item.startup]
    for file, line in sorted(pairs, key=lambda pair: pair[0]):
        yield MapStartup(folder=site, file=file, line=line)


def _root(trees: Iterable[LockedTree], domains: _Domains) -> dict[str, str]:
    """The dotted names of a namespace count where several trees have a part of it; else its top-level name will do."""
    present = list(trees)
    owners: dict[str, set[str]] = {}
    for tree in present:
        for imported in tree.imports:
            owners.setdefault(imported.partition(".")[0], set()).add(tree.name)
    pairs = ((imported, tree.name) for tree in present for imported in tree.imports)
    short = ((name if len(owners[top := name.partition(".")[0]]) > 1 else top, top, owner) for name, owner in pairs)
    return dict(sorted((name, domains.routes[owner].get(top, owner)) for name, top, owner in short))


def _with_all(root: dict[str, str], routes: Iterable[Mapping[str, str]], taken: set[str]) -> dict[str, str]:
    """``root`` with each name that has one meaning in all trees."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for name, served in (pair for one in routes for pair in one.items()):
        meanings[name].add(served)
    free = meanings.keys() - taken - STRAY
    single = {name: next(iter(meanings[name])) for name in free if len(meanings[name]) == 1}
    return dict(sorted({**root, **single}.items()))


def _alias(tree: LockedTree) -> MapAlias:
    return MapAlias(domain=tree.name, module=tree.module or tree.alias or tree.name)

"""From the lock and what the installed trees hold to the import map: equal inputs, equal map.

Each tree is a domain of its own name. Names of the standard library are nobody's: it comes first on
``sys.path``, so what a tree has under such a name is found by no import.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mvlock.importmap.model import ImportMap, MapAlias, MapDistribution, MapDomain, MapStartup
from mvlock.lock.model import Lock, LockedTree
from mvlock.plan import TreeReceipt


@dataclass(frozen=True, slots=True)
class InstalledTree:
    """A tree on disk: its receipt, and its folders of modules in the order of its ``sys.path``, the own one first.

    ``paths`` are POSIX and relative to the folder of the map (absolute only for what lies outside the
    project).
    """

    receipt: TreeReceipt
    paths: tuple[str, ...]


def compile_map(
    lock: Lock, trees: Iterable[InstalledTree], *, standard_library: frozenset[str] = sys.stdlib_module_names
) -> ImportMap:
    """The map of ``trees``; what is locked but not installed is in neither ``root`` nor ``aliases``."""
    installed = {tree.receipt.tree: tree for tree in trees}
    locked = {tree.name: _locked_names(tree) for tree in lock.trees}
    present = [tree for tree in lock.trees if tree.name in installed]
    return ImportMap(
        domains=tuple(
            _domain(installed[name], locked.get(name, set()), standard_library) for name in sorted(installed)
        ),
        root=_root(present),
        aliases={tree.alias: _alias(tree) for tree in present if tree.alias},
    )


def _locked_names(tree: LockedTree) -> set[str]:
    """What the lock says that a tree provides: an editable project may do so by a finder, without any file."""
    names = (*tree.imports, *([tree.module] if tree.module else []))
    return {name.partition(".")[0] for name in names}


def _domain(tree: InstalledTree, locked: set[str], standard_library: frozenset[str]) -> MapDomain:
    name = tree.receipt.tree
    distributions = tuple(
        MapDistribution(name=item.name, version=item.version, imports=item.imports)
        for item in sorted(tree.receipt.distributions, key=lambda item: item.name)
    )
    names = locked.union(*(item.imports for item in distributions))
    routes = dict.fromkeys(sorted(names - standard_library), name)
    return MapDomain(
        name=name,
        trees=(name,),
        paths=tree.paths,
        distributions=distributions,
        routes=routes,
        startup=tuple(_startup(tree)),
    )


def _startup(tree: InstalledTree) -> Iterator[MapStartup]:
    """The lines of ``.pth`` files in the order of ``site``: files by name, each from its top."""
    pairs = [pair for item in tree.receipt.distributions for pair in item.startup]
    for file, line in sorted(pairs, key=lambda pair: pair[0]):
        yield MapStartup(folder=tree.paths[0], file=file, line=line)


def _root(trees: Iterable[LockedTree]) -> dict[str, str]:
    """The dotted names of a namespace count where several trees have a part of it; else its top-level name will do."""
    present = list(trees)
    owners: dict[str, set[str]] = {}
    for tree in present:
        for imported in tree.imports:
            owners.setdefault(imported.partition(".")[0], set()).add(tree.name)
    pairs = ((imported, tree.name) for tree in present for imported in tree.imports)
    short = ((name if len(owners[top := name.partition(".")[0]]) > 1 else top, owner) for name, owner in pairs)
    return dict(sorted(short))


def _alias(tree: LockedTree) -> MapAlias:
    return MapAlias(domain=tree.name, module=tree.module or tree.alias or tree.name)

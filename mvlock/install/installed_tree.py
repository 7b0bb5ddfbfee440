"""An installed tree as the import map sees it: folders relative to the map, current names and requirements."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePath

import msgspec

from mvlock.environment.layout import TreePlace
from mvlock.importmap.map_builder import InstalledTree
from mvlock.lock.model import LockedTree, is_true_in
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt

_SUFFIXES = (".py", ".so", ".pyd")


def installed_tree(
    receipt: TreeReceipt,
    place: TreePlace,
    map_folder: Path,
    environment: Mapping[str, str],
    locked: LockedTree | None,
) -> InstalledTree:
    """The tree of ``receipt`` at ``place``; ``map_folder`` is the folder of the import map.

    ``environment``: the interpreter's marker environment, which decides what is required (PEP 508). ``locked``: this
    tree in the lock, if it is still there.
    """

    @cache
    def is_true(marker: str) -> bool:
        return is_true_in(environment, marker or None)

    def from_map(folder: Path) -> str:
        return _relative(folder, place.movable, map_folder)

    distributions = tuple(_with_current_names(item, place, is_true) for item in receipt.distributions)
    if locked is not None:
        distributions = tuple(_with_locked_names(distributions, locked))
    return InstalledTree(
        receipt=msgspec.structs.replace(receipt, distributions=distributions),
        site=from_map(place.site_packages),
        folders={
            item.name: tuple(from_map(place.site_packages / path) for path in item.paths)
            for item in receipt.distributions
            if item.paths
        },
    )


def _relative(folder: Path, movable: Path, map_folder: Path) -> str:
    folder = Path(os.path.normpath(folder))
    if not folder.is_relative_to(movable):
        return folder.as_posix()
    return PurePath(os.path.relpath(folder, map_folder)).as_posix()


def _with_current_names(
    item: InstalledDistribution, place: TreePlace, is_true: Callable[[str], bool]
) -> InstalledDistribution:
    """The distribution with its requirements here; an editable project may have gained modules since its install."""
    pairs = [text.partition("; ") for text in item.declared]
    declared = tuple(name for name, _, marker in pairs if is_true(marker))
    names = {name for path in item.paths for name in _modules(place.site_packages / path)}
    imports = tuple(sorted(names.union(item.imports))) if names else item.imports
    return msgspec.structs.replace(item, declared=declared, imports=imports)


def _with_locked_names(items: Sequence[InstalledDistribution], locked: LockedTree) -> Iterator[InstalledDistribution]:
    """The locked names of an editable project may not be visible: in a namespace (PEP 420) or behind a finder.

    Those that no other project required by the tree provides are attributed to it.
    """
    names = locked.top_level
    hidden = {item.name for item in items if (item.paths or item.startup) and names.isdisjoint(item.imports)}
    if hidden:
        requested = locked.requested
        hidden &= requested
        names -= {name for item in items if item.name in requested for name in item.imports}
    for item in items:
        imports = tuple(sorted(names.union(item.imports))) if item.name in hidden else item.imports
        yield msgspec.structs.replace(item, imports=imports)


def _modules(folder: Path) -> Iterator[str]:
    """The modules in a folder as ``site`` reads it: ``..`` also works in a tree that does not exist yet."""
    folder = Path(os.path.normpath(folder))
    for path in folder.iterdir() if folder.is_dir() else ():
        stem = path.name.partition(".")[0]
        is_module = path.suffix in _SUFFIXES and path.is_file()
        if stem.isidentifier() and (is_module or (path.name == stem and (path / "__init__.py").is_file())):
            yield stem

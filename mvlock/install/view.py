"""The view: links to everything that the application may import, for tools that look for libraries on disk.

Type checkers, linters and editors do not import; they read the folders on ``sys.path``, which has no trees. So the
application's environment has two more folders at the end of its path: ``application`` with exactly what the
application may import, from any tree, under the names that it uses (``click_old``, ``py_modules.flask.click``),
and ``behind`` with what the libraries themselves import, one version of each. At run time imports find nothing in
either (``importshim._view``): the map decides.

Where everything is one world, the metadata of its distributions is there as well, for tools that list distributions.

To such tools a name means the same in all code. A second version of a library appears under its alias, or as
``py_modules.<tree>.<name>``, and modules of it that import other versions by plain names are copied (``view_copy``).
Links are relative, so the project can be moved. The import map alone decides what goes where.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from mvlock.base.wheel_paths import GENERIC_NAMES
from mvlock.environment.layout import Layout
from mvlock.importmap.model import ImportMap, MapDomain
from mvlock.install.view_copy import Copy

APPLICATION = "application"
BEHIND = "behind"
_SOURCES = (".py", ".pyi")
_SUFFIXES = (*_SOURCES, ".so", ".pyd")
_STUBS = "-stubs"
_INFO = ".dist-info"
_PACKAGE_FILES = ("__init__.py", "__init__.pyi")

TREES = "py_modules"


class View(msgspec.Struct, frozen=True):
    """What is at each path in the view, POSIX and relative to it: a link's target (absolute), or a copy."""

    links: dict[str, Path] = msgspec.field(default_factory=dict)
    copies: dict[str, Copy] = msgspec.field(default_factory=dict)


def view_folder(layout: Layout) -> str:
    """Where the view is, relative to the application's environment; hidden, so that it is not mistaken for sources."""
    return f"{layout.site_packages.rpartition('/')[0]}/.view"


def path_lines(layout: Layout) -> bytes:
    """The ``.pth`` file in site-packages that puts the view on the path."""
    name = view_folder(layout).rpartition("/")[2]
    return f"../{name}/{APPLICATION}\n../{name}/{BEHIND}\n".encode()


def view_of(value: ImportMap, map_folder: Path, view: Path) -> View:
    """The view in the folder ``view``; reads the folders of trees, which the map gives relative to ``map_folder``."""
    return _ViewBuilder(value, map_folder, view).build()


def _by_depth(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The names sorted so that namespaces come before what is in them."""
    return sorted(names.items(), key=lambda pair: (pair[0].count("."), pair[0]))


def _unexposed_names(value: ImportMap) -> dict[str, str]:
    """Which domain has each name that is not exposed to root; of several versions, the one that most trees have."""
    users: dict[str, Counter[str]] = defaultdict(Counter)
    worlds = {tree.domain for tree in value.trees.values()}
    for domain in value.domains:
        for name, served in domain.routes.items():
            users[name][served] += len(domain.trees) if domain.name in worlds else 0
    unexposed = users.keys() - value.root.keys() - GENERIC_NAMES
    return {name: min(users[name], key=lambda served: (-users[name][served], served)) for name in unexposed}


class _Names:
    """A module's name in the view: the plain one if it means that module everywhere, else by alias, else by tree."""

    def __init__(self, value: ImportMap) -> None:
        domains = {domain.name: domain for domain in value.domains}
        self._plain = {**_unexposed_names(value), **value.root}
        self._aliases = {
            (domains[target.domain].routes.get(target.module), target.module): alias
            for alias, target in sorted(value.aliases.items(), reverse=True)
        }
        self._domains = domains
        self._trees = {tree.site: name for name, tree in value.trees.items()}

    def of(self, served: str, name: str) -> str:
        """The name of the top-level module ``name`` of the domain ``served``."""
        if self._plain.get(name, served) == served:
            return name
        domain = self._domains[served]
        trees = (self._trees.get(folder) for folder in _paths_of(domain, name, self._trees))
        tree = next((candidate for candidate in trees if candidate is not None), domain.trees[0])
        return self._aliases.get((served, name), f"{TREES}.{tree}.{name}")

    def others(self, domain: MapDomain) -> dict[str, str]:
        """The modules that code of ``domain`` imports by a name that means another version in the view."""
        named = {name: self.of(served, name) for name, served in domain.routes.items()}
        return {name: other for name, other in named.items() if other != name}


def _paths_of(domain: MapDomain, name: str, sites: Collection[str]) -> list[str]:
    """The paths of a domain from which it loads the top-level module ``name``; all of them if the map does not say.

    What an editable distribution provides is in a folder outside ``sites``, the site-packages of trees.
    """
    found = [domain.paths[item.site] for item in domain.distributions if name in item.imports]
    return list(dict.fromkeys((*found, *(path for path in domain.paths if path not in sites)))) or list(domain.paths)


class _Library:
    """The modules in the folders of domains; each folder is read once."""

    def __init__(self, sites: Collection[str], map_folder: Path) -> None:
        self._sites = sites
        self._listing = cache(_modules_in)
        self._infos = cache(_infos_in)
        self._folder = cache(lambda path: Path(os.path.normpath(map_folder / path)))
        self._stubs: dict[str, dict[str, Path]] = {}

    def names(self, site: str) -> set[str]:
        """The top-level modules in the folder ``site``."""
        return set(self._listing(self._folder(site)))

    def files(self, domain: MapDomain, module: str) -> Iterator[tuple[str, Path]]:
        """Name suffix (``.py``, "" for folders) and path of everything that makes up ``module``."""
        above, _, name = module.rpartition(".")
        for folder in map(self._folder, _paths_of(domain, module.partition(".")[0], self._sites)):
            for suffix in self._listing(folder.joinpath(*above.split(".")) if above else folder).get(name, ()):
                yield suffix, folder.joinpath(*module.split(".")).with_name(name + suffix)

    def metadata(self, site: str, distribution: str) -> Path | None:
        """The folder ``….dist-info`` of a distribution in the folder ``site``."""
        return next((path for name, path in self._infos(self._folder(site)) if name == distribution), None)

    def stubs(self, domains: Iterable[MapDomain], module: str) -> Iterator[Path]:
        """Folders of stubs for a top-level ``module`` (PEP 561)."""
        for domain in domains:
            if domain.name not in self._stubs:
                self._stubs[domain.name] = self._stubs_in(domain)
            if module in self._stubs[domain.name]:
                yield self._stubs[domain.name][module]

    def _stubs_in(self, domain: MapDomain) -> dict[str, Path]:
        """The folder of stubs for each module that has some: of several, the first."""
        found: dict[str, Path] = {}
        for folder in map(self._folder, domain.paths):
            for name, suffixes in self._listing(folder).items():
                if _STUBS in suffixes:
                    found.setdefault(name, folder / f"{name}{_STUBS}")
        return found


def _modules_in(folder: Path) -> dict[str, list[str]]:
    """By name, the sorted suffixes of the files and folders that are modules or stubs."""
    found: dict[str, list[str]] = defaultdict(list)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # an editable project that is gone
        return found
    for entry in entries:
        name, suffix = _split_suffix(entry.name)
        if name.isidentifier() and ((suffix in ("", _STUBS)) == entry.is_dir()):
            found[name].append(suffix)
    return found


def _infos_in(folder: Path) -> list[tuple[str, Path]]:
    """The metadata folders in a site-packages, each with the normalized name of its project."""
    found = sorted(folder.glob(f"*{_INFO}"))
    return [(canonicalize_name(path.name.removesuffix(_INFO).partition("-")[0]), path) for path in found]


def _split_suffix(text: str) -> tuple[str, str]:
    """The module that a file or folder belongs to, and the rest of its name; ("", "") for others."""
    if text.endswith(_STUBS):
        return text.removesuffix(_STUBS), _STUBS
    name, point, rest = text.partition(".")
    return (name, f"{point}{rest}") if not point or text.endswith(_SUFFIXES) else ("", "")


class _ViewBuilder:
    """Builds a view."""

    def __init__(self, value: ImportMap, map_folder: Path, view: Path) -> None:
        self._map = value
        self._place = view
        self._domains = {domain.name: domain for domain in value.domains}
        self._library = _Library({tree.site for tree in value.trees.values()}, map_folder)
        self._names = _Names(value)
        self._view = View()

    def build(self) -> View:
        """The whole view."""
        everywhere = self._map.domains
        for name, served in _by_depth(self._map.root):
            self._add(APPLICATION, name, served, name, everywhere)
        for alias, target in self._map.aliases.items():
            domain = self._domains[target.domain]
            served = domain.routes.get(target.module.partition(".")[0], domain.name)
            self._add(APPLICATION, target.module, served, alias, [domain])
        for tree, entry in self._map.trees.items():
            domain, provided = self._domains[entry.domain], self._library.names(entry.site)
            for name, served in _by_depth(domain.routes):
                if name.partition(".")[0] in provided:
                    self._add(APPLICATION, name, served, f"{TREES}.{tree}.{name}", [domain])
        for name, served in _by_depth(_unexposed_names(self._map)):
            self._add(BEHIND, name, served, name, ())
        if len(everywhere) == 1:
            self._add_metadata(everywhere[0])
        return self._view

    def _add_metadata(self, domain: MapDomain) -> None:
        """The metadata of each distribution (PEP 376), once, where its modules are."""
        exposed = {name.partition(".")[0] for name in self._map.root}
        for item in domain.distributions:
            folder = self._library.metadata(domain.paths[item.site], item.name)
            if folder is not None:
                part = APPLICATION if exposed.intersection(item.imports) else BEHIND
                self._view.links[f"{part}/{folder.name}"] = folder

    def _add(self, part: str, module: str, served: str, name: str, stubs: Iterable[MapDomain]) -> None:
        """Add ``module`` of a domain under ``name``, with its stubs, or those of ``stubs`` if it has none."""
        at, domain = f"{part}/{name.replace('.', '/')}", self._domains[served]
        found: dict[str, list[Path]] = defaultdict(list)
        for suffix, path in self._library.files(domain, module):
            if suffix != _STUBS:
                found[suffix].append(path)
        self._open(at.rpartition("/")[0])
        known = self._names.of(served, module)
        for suffix, paths in found.items():
            if known == module or "." in module:
                self._link(f"{at}{suffix}", paths)
            elif known == name:
                self._copy(f"{at}{suffix}", paths, domain)
            else:  # a link to where the view already has it
                self._view.links[f"{at}{suffix}"] = self._place / APPLICATION / f"{known.replace('.', '/')}{suffix}"
        stub = next(self._library.stubs([domain, *stubs], module), None)
        if stub is not None:
            self._view.links[f"{at}{_STUBS}"] = stub

    def _copy(self, at: str, paths: list[Path], domain: MapDomain) -> None:
        if len(paths) == 1 and (at.endswith(_SOURCES) or paths[0].is_dir()):
            self._view.copies[at] = Copy(paths[0], self._names.others(domain))
        else:
            self._link(at, paths)

    def _link(self, at: str, paths: list[Path]) -> None:
        """Link to the first of ``paths``, or to all of them if they are portions of a namespace (PEP 420)."""
        if len(paths) == 1 or not all(_is_portion(path) for path in paths):
            self._view.links[at] = paths[0]
            return
        portions: dict[str, list[Path]] = defaultdict(list)
        for path in paths:
            for child in sorted(path.iterdir()):
                if child.name != "__pycache__":
                    portions[child.name].append(child)
        for name, children in portions.items():
            self._link(f"{at}/{name}", children)

    def _open(self, folder: str) -> None:
        """Replace the link ``folder`` by a folder of links."""
        above = folder.rpartition("/")[0]
        if above:
            self._open(above)
        copy = self._view.copies.pop(folder, None)
        target = copy.source if copy is not None else self._view.links.pop(folder, None)
        if target is not None:
            self._view.links.update({f"{folder}/{child.name}": child for child in sorted(target.iterdir())})


def _is_portion(path: Path) -> bool:
    return path.is_dir() and not any((path / name).exists() for name in _PACKAGE_FILES)

"""Finds modules and metadata of domains: on disk as CPython does, but in a domain's own folders only.

What reads folders and loads modules is imported with the first module of a tree, to keep start-up fast.
"""

from __future__ import annotations

import os
import sys

from importshim._callers import CallLookup
from importshim._classes import ExtensionFileLoader, ModuleSpec, PathFinder
from importshim._domain import PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.metadata import DistributionFinder, PathDistribution
    from types import FrameType, ModuleType
    from typing import Any

    from importshim._domain import Domain
    from importshim._file_owners import FileOwners
    from importshim._folder import Folder
    from importshim._runtime import Runtime
    from importshim._table import Decision, Table

_STDLIB = os.path.dirname(os.__file__)
_LOOKUP_MODULES = {__name__, "_frozen_importlib", "importlib._bootstrap", "importlib.util"}
"""The modules whose frames are between the code that looks for a spec and the finder."""


class DomainFinder:
    """The path-based finder of one domain (what ``PathFinder`` is for ``sys.path``)."""

    def __init__(self, domain: Domain, runtime: Runtime) -> None:
        self.domain = domain
        self.runtime = runtime
        self._finders_before: list[Any] = []
        self._finders_after: list[Any] = []
        self._folders: dict[str, Folder] = {}
        self._sites: dict[str, list[str]] | None = None
        self.replaced_folders: set[str] = set()
        """Folders that, as a refused refresh has found, were replaced after something was loaded from them."""

    def find_spec(self, fullname: str, path: Sequence[str] | None = None) -> ModuleSpec | None:
        """The spec of ``fullname`` (the import system's name), or None.

        ``path`` is the parent package's ``__path__``; for a top-level name the domain's own folders are searched.
        """
        if "." not in self.domain.plain(fullname):
            path = None  # the parent of a qualified name is a package of ours
        spec = self._ask_finders(self._finders_before, fullname, path)
        if spec is None:
            spec = self._search(fullname, self._top_folders(self.domain.plain(fullname)) if path is None else path)
        if spec is None:
            spec = self._ask_finders(self._finders_after, fullname, path)
        if spec is None:
            return None
        from importshim._loaders import bind_spec

        return bind_spec(spec, self.domain)

    def has_bundled(self, name: str) -> bool:
        """Whether the top-level ``name`` is in a folder inside the domain that its code has added to ``sys.path``."""
        return self._search(name, self.bundle_folders()) is not None

    def custom_finder_has(self, name: str) -> bool:
        """Whether a finder of the domain's code finds the top-level ``name``, and not as a module from elsewhere."""
        spec = self._ask_finders(self._finders_before, name, None) or self._ask_finders(self._finders_after, name, None)
        if spec is None:
            return False
        file_owners = self.runtime.table.file_owners
        if spec.origin is not None:
            return file_owners.owner(spec.origin) is self.domain
        return name not in sys.stdlib_module_names and not is_outside_trees(file_owners, name)

    def bundle_folders(self) -> list[str]:
        """The folders inside the domain that its code has put on ``sys.path``."""
        owner = self.runtime.table.file_owners.owner
        return [entry for entry in sys.path if isinstance(entry, str) and owner(entry) is self.domain]

    def _top_folders(self, name: str) -> list[str]:
        """The folders to search for ``name``: the domain's, and those inside that its code has added to ``sys.path``.

        If the map says which of several folders have it, only those.
        """
        bundles = self.bundle_folders()
        if self._sites is None:
            self._sites = _sites_by_name(self.domain, self.runtime.table)
        own = self._sites.get(name) or list(self.domain.paths)
        if not bundles:
            return own
        stdlib = sys.path.index(_STDLIB) if _STDLIB in sys.path else len(sys.path)
        early = [entry for entry in bundles if sys.path.index(entry) < stdlib]
        return [*early, *own, *(entry for entry in bundles if entry not in early)]

    def add_finder(self, finder: Any, *, before_folders: bool) -> None:
        """Use ``finder``, which code of this domain has put on ``sys.meta_path``, before or after the folders."""
        (self._finders_before if before_folders else self._finders_after).append(finder)

    def _ask_finders(self, finders: list[Any], fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
        for finder in finders:
            from importshim._tree_finders import spec_from

            spec = spec_from(finder, self.runtime, self.domain, fullname, path)
            if spec is not None:
                return spec
        return None

    def _search(self, fullname: str, path: Sequence[str]) -> ModuleSpec | None:
        portions: list[str] = []
        for entry in path:
            spec = self._folder_at(entry).find_spec(fullname, self._folder_at)
            if spec is None:
                continue
            if self.replaced_folders:
                self._refuse_replaced(fullname, entry)
            if spec.loader is not None:
                return self._with_portions(self._shadowing_package(spec, entry, path) or spec, entry, path)
            portions.extend(spec.submodule_search_locations or ())
        return self._namespace(fullname, portions) if portions else None

    def _shadowing_package(self, spec: ModuleSpec, entry: str, path: Sequence[str]) -> ModuleSpec | None:
        """The package of the same name that would hide a module if all were in one site-packages."""
        sites = self.runtime.table.sites
        if spec.submodule_search_locations is not None or entry not in sites:
            return None
        others = [one for one in path[path.index(entry) + 1 :] if one in sites]
        found = (self._folder_at(one).find_spec(spec.name, self._folder_at) for one in others)
        return next((one for one in found if one and one.loader and one.submodule_search_locations is not None), None)

    @staticmethod
    def _with_portions(spec: ModuleSpec, entry: str, path: Sequence[str]) -> ModuleSpec:
        """Join a package that several distributions fill, each with an ``__init__``: elsewhere it is one folder."""
        if spec.submodule_search_locations is not None:
            name = spec.name.rpartition(".")[2]
            others = (os.path.join(one, name) for one in path if one != entry)
            known = spec.submodule_search_locations
            known += [folder for folder in others if folder not in known and os.path.isdir(folder)]
        return spec

    def _folder_at(self, path: str) -> Folder:
        folder = self._folders.get(path)
        if folder is None:
            from importshim._folder import Folder

            folder = self._folders[path] = Folder(path, self.domain, self.runtime)
        return folder

    def _namespace(self, fullname: str, portions: list[str]) -> ModuleSpec:
        """A namespace package (PEP 420) of all its portions in this domain."""
        from importshim._namespace import namespace_spec

        return namespace_spec(fullname, portions, self)

    def _refuse_replaced(self, fullname: str, entry: str) -> None:
        """Refuse a module of a new folder: what is loaded is from the old one and may not match."""
        for site in self.replaced_folders:
            if entry == site or entry.startswith(site + os.sep):
                tree = self.runtime.table.sites.get(site, self.domain.trees[0])
                what = f"tree {tree} was replaced while this process had something loaded from it; restart the process"
                raise ImportError(f"cannot import {self.domain.plain(fullname)!r}: {what}", name=fullname)

    def replaced(self) -> set[str]:
        """The folders that were replaced since something was first looked up in them."""
        return {path for path in self.domain.paths if path in self._folders and self._folders[path].is_replaced()}

    def domains_added(self) -> None:
        """Take changed folders of the domain into account."""
        self._sites = None
        self.invalidate_caches()

    def invalidate_caches(self) -> None:
        """Forget what folders held (``importlib.invalidate_caches``)."""
        for folder in list(self._folders.values()):
            folder.invalidate()


def _sites_by_name(domain: Domain, table: Table) -> dict[str, list[str]]:
    """Top-level name to the site-packages of the distributions that provide it, then folders of editable ones."""
    found: dict[str, list[str]] = {}
    if len({item[3] for item in domain.distributions}) > 1:
        for _, _, imports, site in domain.distributions:
            for name in imports:
                if site not in found.setdefault(name, []):
                    found[name].append(site)
    others = [path for path in domain.paths if path not in table.sites]
    return {name: [*sites, *others] for name, sites in found.items()}


def is_outside_trees(file_owners: FileOwners, top: str) -> bool:
    """Whether ``sys.path`` has a module ``top`` outside all trees: the application's own."""
    spec = PathFinder.find_spec(top)
    if spec is None:
        return False
    found = [spec.origin or "", *(spec.submodule_search_locations or ())]
    return not any(file_owners.owner(place) for place in found)


def is_called_by_runpy(frame: FrameType | None) -> bool:
    """Whether ``runpy`` has called ``frame``: it prints the text of an error, which says more than None does."""
    while frame is not None and frame.f_globals.get("__name__") in _LOOKUP_MODULES:
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "runpy"


class TreeFinder:
    """The one entry of ``sys.meta_path`` that stands for all domains.

    It finds qualified names, names of trees for the domains that may import them, and aliases. Calls for anything but
    what ``Runtime`` loads come from ``importlib.util.find_spec``, ``runpy`` and the like.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._table = runtime.table

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module of a domain; None for names that are no domain's (PEP 451).

        :raises ModuleNotFoundError: ``runpy`` looks for a program that only other domains have; the message says which
        """
        runtime, table, top = self._runtime, self._table, fullname.partition(".")[0]
        if top == PACKAGE:
            return self._find_qualified(fullname, path)
        owner = table.sole.get(top)
        if owner is not None and (path is not None or runtime.loading.is_granted(top)):
            return runtime.finders[owner].find_spec(fullname, path)
        if owner is None and top not in table.contested and top not in table.aliases:
            return None
        frame = sys._getframe()
        decision = table.decide(
            runtime.attribution.frame_domain(frame), fullname, CallLookup(runtime.attribution, frame)
        )
        if decision.domain is table.root:
            return _application_spec(runtime, fullname, path) if top in table.contested else None
        if decision.domain is None and is_called_by_runpy(frame) and not is_outside_trees(table.file_owners, top):
            domain = runtime.program_domain_of(decision.requester, fullname, frame)
            return runtime.finders[domain].find_spec(fullname, path)
        return self._find_provided(decision)

    def _find_qualified(self, fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
        name, _, plain = fullname.partition(".")[2].partition(".")
        if not plain:
            return self._tree_spec(fullname, name)
        domain = self._table.domain_named(name)
        if domain is not None and domain.is_contested(plain) and domain.name == name:
            return self._runtime.finders[domain].find_spec(fullname, path)
        return self._find_provided(self._table.decide(domain, plain)) if domain is not None else None

    def _tree_spec(self, fullname: str, name: str) -> ModuleSpec | None:
        """The spec of ``py_modules`` or ``py_modules.<tree>``."""
        from importshim._trees import tree_package_spec

        domain = self._table.domain_named(name) if name else self._table.root
        return tree_package_spec(fullname, domain, self._runtime) if domain is not None else None

    def _find_provided(self, decision: Decision) -> ModuleSpec | None:
        domain, name = decision.domain, decision.plain
        if domain is None or domain is self._table.root:
            return None
        parent = name.rpartition(".")[0]
        path = self._runtime.load(domain, parent).__path__ if parent else None
        return self._runtime.finders[domain].find_spec(domain.qualified(name), path)

    def find_distributions(self, context: DistributionFinder.Context | None = None) -> Iterator[PathDistribution]:
        """The distributions that the importing code may see (``importlib.metadata``)."""
        from importshim._metadata import distributions

        return distributions(self._table, self._runtime.attribution, context, self._runtime.view)

    def invalidate_caches(self) -> None:
        """Forget what folders held (``importlib.invalidate_caches``)."""
        for finder in list(self._runtime.finders.values()):
            finder.invalidate_caches()


def _application_spec(runtime: Runtime, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """The spec of a module of the application whose name trees have too: kept under a key of root's."""
    root = runtime.root
    if root.provider_of(name) is root and name.partition(".")[0] not in root.routes:
        from importshim._trees import split_namespace_spec

        return split_namespace_spec(root.key(name), root, runtime)
    spec = PathFinder.find_spec(name, path)
    if spec is not None:
        from importshim._loaders import ApplicationExtensionLoader, bind_spec

        spec.name = root.key(name)
        bind_spec(spec, root)
        if type(spec.loader) is ExtensionFileLoader:
            spec.loader = ApplicationExtensionLoader(runtime, name, spec.loader.path)
    return spec

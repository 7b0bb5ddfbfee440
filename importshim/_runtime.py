"""The runtime of one process: all domains, and the routing of every import to one of them.

An import that is not found in ``sys.modules`` reaches ``importlib._bootstrap._find_and_load``, from the ``import``
statement, ``importlib.import_module`` and C code alike. ``Runtime.activate`` replaces it (and the two others that C
calls there) by a function that finds the importing domain and passes the import system its name for the module:
qualified if contested, plain otherwise. Code of a domain imports through its own ``__import__``
(``_import_function``) and gets here only for what it has not imported before.
"""

from __future__ import annotations

import builtins
import os
import sys
from _thread import RLock

from importshim import _children, _importlib
from importshim._adoption import Adoption, ImportLookup
from importshim._attribution import Attribution
from importshim._callers import as_application
from importshim._classes import ModuleSpec, ModuleType
from importshim._domain import PACKAGE, Domain, LazyDomain
from importshim._entries import Entries
from importshim._execute import file_owner
from importshim._extensions import Extensions
from importshim._frames import like_importlib
from importshim._keys import tagged_domain
from importshim._ledger import Ledger
from importshim._load_lock import LOAD_TIMEOUT, LoadLock
from importshim._loading import Finders, Loading, load_decided, load_usual
from importshim._path import PathsPatch
from importshim._table import Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import Any

    from importshim._lazy import LazyImports
    from importshim._map import ImportMap
    from importshim._startup import Startup
    from importshim._table import Decision


class Runtime:
    """Applies the ``table`` of an import map to this process.

    ``install`` makes it live, ``remove`` restores the import system. ``view``: the folders of links at the end of
    ``sys.path`` that nothing is imported from.
    """

    def __init__(self, import_map: ImportMap, view: tuple[str, ...] = ()) -> None:
        self.view = view
        self.table = _make_table(import_map)
        self.root, self.domains = self.table.root, self.table.domains
        self.attribution = Attribution(self.table)
        self.finders = Finders(self)
        self.preparing = RLock()
        for domain in self.domains.values():
            self.add_domain(domain)
        self.loading = Loading(self)
        self.load = self.loading.load
        self.startup: Startup | None = None
        if any(entry.startup for entry in import_map.domains):
            from importshim._startup import Startup

            self.startup = Startup(self.domains, import_map)
        process_owner, is_script = _children.process_owner(lambda path: _tree_of_script(self.table, path))
        self.run_as(process_owner, is_script=is_script)
        self.adoption = Adoption(self)
        self.entries = Entries(self.table, self.attribution, self.adoption.adopt)
        self.lazy = _lazy_imports(self) if _importlib.LAZY_KIND is not None else None
        self.paths = PathsPatch(self)
        self.ledger = Ledger(self)
        self.static_types: dict[int, tuple[object, Domain]] = {}
        """Static types of native modules, by ``id``, with their domain."""
        self.extensions = Extensions(self)
        self.load_lock = LoadLock(timeout=0.0 if self.table.has_one_world else LOAD_TIMEOUT)

    def run_as(self, name: str, *, is_script: bool = False) -> None:
        """Make the program of this process run as the tree called ``name``; "": as the application.

        ``is_script``: the program is a script of that tree, so the application's code may import what the tree may.
        In other processes that the tree's code has started, the application's code finds what it finds elsewhere.
        """
        self.attribution.process_owner = self.table.domain_named(name) if name else None
        self.is_script = is_script
        self.apply_process_owner()

    def apply_process_owner(self) -> None:
        """Pass the owner of the process to the table."""
        self.table.set_process_owner(self.attribution.process_owner if self.is_script else None)

    # Activating and deactivating

    def activate(self) -> None:
        """Route the imports of this process from now on."""
        self.ledger.open()
        file_owner[:] = [self.table.file_owners.owner]
        self.adoption.adopt_loaded()
        if self.startup is not None:
            self.startup.run()

    def refresh(self, import_map: ImportMap) -> None:
        """Add what is new in ``import_map``, and leave what is loaded as it is.

        :raises RefreshError: that is not possible; then nothing has changed
        """
        from importshim._refresh import refresh

        self.load_lock.run(refresh, self, import_map)

    def add_domain(self, domain: Domain) -> None:
        """Serve ``domain``, which is in the table or about to be."""
        if isinstance(domain, LazyDomain):
            domain.prepare = lambda one: _prepare(self, one)

    def deactivate(self) -> None:
        """Restore the process, and forget every module of a tree."""
        self.ledger.close()

    # Routing

    @like_importlib
    def find_and_load(self, name: str, import_: Callable[..., Any]) -> ModuleType:
        """What ``_find_and_load`` of importlib does, for the importing domain.

        :raises ModuleNotFoundError: also when only other domains have ``name``; the message says which
        """
        caller = sys._getframe(1).f_back  # the frame between is invisible
        top = name.partition(".")[0]
        if top in (PACKAGE, "importshim"):  # decisions may import the latter
            return self.loading.load_qualified(name) if top == PACKAGE else self.find_and_load_plain(name, import_)
        owner = tagged_domain(name)
        if owner is not None:
            return self.load(owner, name)  # type: ignore[no-any-return]
        if name == "builtins":
            return sys.modules.get(self._requester_of_import(caller).prefix + name, builtins)
        if self.adoption.is_standard_for_all(top):
            return load_usual(self, name, import_)
        by_c = caller is not None and caller.f_code is not _importlib.gcd_import_code
        decision = self.decide(self._requester_of_import(caller), name, caller, by_c=by_c)
        domain = decision.domain or self.program_domain_of(decision.requester, name, caller)
        return load_decided(self, decision, domain, name, import_)

    def find_and_load_lazy(self, name: str, import_: Callable[..., Any]) -> ModuleType | None:
        """What ``_find_and_load_lazy_submodule`` does: None if there is no such module.

        It is called for an attribute that a package lacks, without the package: contested ones already have all their
        parts (see ``_lazy``).
        """
        top = name.partition(".")[0]
        owner = self.table.sole.get(top)
        if owner is None and top in self.table.contested and self.root.provider_of(name) is not self.root:
            return None
        if owner is None or owner is self.root:
            return as_application(self.find_and_load_plain, name, import_, True)  # type: ignore[no-any-return]
        try:
            return self.load(owner, name)  # type: ignore[no-any-return]
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            return None

    def decide(self, requester: Domain, name: str, frame: FrameType | None, *, by_c: bool) -> Decision:
        """What ``requester`` gets if it imports ``name`` from ``frame``; if that adopts the name, this is recorded."""
        decision = self.table.decide(requester, name, ImportLookup(self.attribution, frame, self.adoption, by_c=by_c))
        self.adoption.record(decision)
        return decision

    @like_importlib
    def find_and_load_plain(
        self, name: str, import_: Callable[..., Any] = _importlib.gcd_import, is_lazy: bool = False
    ) -> ModuleType:
        """importlib's own, for a name as the import system knows it; ``is_lazy``: None if there is no such module."""
        options = {"lazy_submodule": True} if is_lazy else {}
        found: ModuleType = self.extensions.allow_others(_importlib.find_and_load, name, import_, **options)
        return found

    def _requester_of_import(self, frame: FrameType | None) -> Domain:
        if frame is None or frame.f_code is _importlib.gcd_import_code:  # Python code, by importlib.import_module
            return self.attribution.frame_domain(frame)
        return self.attribution.domain_of_lookup(frame)

    @like_importlib
    def handle_fromlist(
        self, module: Any, fromlist: Sequence[str], import_: Callable[..., Any], *, recursive: bool = False
    ) -> Any:
        """What ``_handle_fromlist`` of importlib does; submodules are looked up in the domain of ``module``."""
        domain = self.module_domain(module)
        if domain is None:
            return _importlib.handle_fromlist(module, fromlist, import_, recursive=recursive)
        return self.with_attributes(domain, module, domain.plain(module.__spec__.name), fromlist)

    @like_importlib
    def with_attributes(self, domain: Domain, module: Any, name: str, fromlist: Sequence[str]) -> Any:
        """``module`` of the plain name ``name`` in ``domain``, with the submodules of ``fromlist`` loaded."""
        prefix = len(module.__name__)

        @like_importlib
        def load_child(child: str) -> Any:
            return self.load(domain, name + child[prefix:])

        return _importlib.handle_fromlist(module, fromlist, load_child)

    def module_domain(self, module: Any) -> Domain | None:
        """The domain of a module that a domain's loader has loaded, else None."""
        return self.spec_domain(getattr(module, "__spec__", None))

    def spec_domain(self, spec: Any) -> Domain | None:
        """The domain of the module of ``spec``; None: no domain's, or the application's."""
        domain = getattr(spec, "domain", None)
        if isinstance(domain, Domain):
            return domain if domain is not self.root else None
        name = getattr(spec, "name", None)
        return self.table.sole.get(name.partition(".")[0]) if isinstance(name, str) else None

    def program_domain_of(self, requester: Domain, name: str, frame: FrameType | None) -> Domain:
        """The domain that has the program ``name``, though ``requester`` may not import it; see ``_script``.

        :raises ModuleNotFoundError: it is not a program, or the domain is not certain
        """
        from importshim._script import started_domain

        domain = started_domain(self, requester, name, frame)
        if domain is None:
            raise self.not_visible(requester, name)
        return domain

    def not_visible(self, requester: Domain, name: str) -> ModuleNotFoundError:
        """The error for ``requester`` importing ``name``; it says which trees have it."""
        from importshim._errors import not_visible

        return not_visible(self.table, requester, name)

    def sole_spec(self, name: str) -> ModuleSpec | None:
        """The spec of a top-level module that only one domain has."""
        owner = self.table.sole.get(name)
        return self.finders[owner].find_spec(name) if owner is not None and owner is not self.root else None

    # Native code

    def wait_for_module(self, name: str) -> None:
        """What ``_lock_unlock_module`` of importlib does: wait for another thread that loads this ``name``."""
        if name.partition(".")[0] in self.table.contested:
            provider = self.table.decide(self._requester_of_import(sys._getframe(1).f_back), name).domain
            name = provider.qualified(name) if provider is not None and provider is not self.root else name
        self.extensions.allow_others(_importlib.lock_unlock_module, name)


def _prepare(runtime: Runtime, domain: Domain) -> None:
    from importshim._import_function import prepare

    prepare(runtime, domain)


def _make_table(import_map: ImportMap) -> Table:
    """The table of a map; IMPORTSHIM_TRACE makes it write its decisions: "1" to stderr, else to that file."""
    place = os.environ.get("IMPORTSHIM_TRACE")
    if place:
        from importshim._trace import TracedTable

        return TracedTable(import_map, place)
    if any(entry.is_strict for entry in import_map.domains):
        from importshim._strict_report import StrictTable

        return StrictTable(import_map)
    return Table(import_map)


def _lazy_imports(runtime: Runtime) -> LazyImports:
    from importshim._lazy import LazyImports

    return LazyImports(runtime.table, runtime.finders)


def _tree_of_script(table: Table, path: str) -> str:
    """The name of the domain in whose folders the program at ``path`` is; "": the application's."""
    domain = table.file_owners.owner(path)
    if domain is None:
        from importshim._script import script_domain

        domain = script_domain(table, path)
    return domain.name if domain is not None else ""

"""The runtime of one process: all domains, and the routing of every import to one of them.

An import that is not found in ``sys.modules`` reaches ``importlib._bootstrap._find_and_load``, from the ``import``
statement, ``importlib.import_module`` and C code alike. ``Runtime.install`` puts a function of ours in its place (and
in those of the two others that C calls there), which asks who wants the name and hands the import system the name it
has there: qualified if contested, plain otherwise. Code of a domain imports through an ``__import__`` of its own
(``_statement``) and comes here only for what it has not imported before.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from _thread import get_ident
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from types import FunctionType, ModuleType

from importshim import _children, _importlib
from importshim._adoption import Adoption, Import
from importshim._asker import Asker
from importshim._domain import PACKAGE, TRAMPOLINE, Domain
from importshim._entries import Entries
from importshim._execute import foreign
from importshim._extensions import Extensions
from importshim._finder import DomainFinder
from importshim._keys import ContextKey, missing_name, tagged_domain
from importshim._ledger import Ledger
from importshim._path import PathsPatch
from importshim._startup import Startup
from importshim._statement import make_import
from importshim._table import Table
from importshim._traceback import make_findable, make_plain
from importshim._turn import PATIENCE, Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import Any

    from importshim._lazy import LazyImports
    from importshim._map import ImportMap
    from importshim._table import Decision


class Runtime:
    """What makes the ``table`` of an import map true in this process.

    ``install`` makes it live, ``remove`` restores the import system. ``view``: the folders of links at the end of
    ``sys.path`` that nothing is imported from.
    """

    def __init__(self, import_map: ImportMap, view: tuple[str, ...] = ()) -> None:
        self.view = view
        self.table = _make_table(import_map)
        self.root, self.domains = self.table.root, self.table.domains
        self.asker = Asker(self.table)
        self.finders: dict[Domain, DomainFinder] = {}
        for domain in self.domains.values():
            self.admit(domain)
        self.startup = Startup(self.domains, import_map)
        principal, is_script = _children.principal(self._tree_of_script)
        self.speak_for(principal, is_script=is_script)
        self._granted: set[tuple[int, str]] = set()
        self.adoption = Adoption(self)
        self.entries = Entries(self.table, self.asker, self.adoption.adopt)
        self.lazy = self._lazy_imports() if _importlib.LAZY_KIND is not None else None
        self.paths = PathsPatch(self)
        self.ledger = Ledger(self)
        self.static_types: dict[int, tuple[object, Domain]] = {}
        """Static types of native modules, by ``id``, with their domain."""
        self.extensions = Extensions(self)
        self.turn = Turn(patience=0.0 if self.table.is_one else PATIENCE)

    def _lazy_imports(self) -> LazyImports:
        from importshim._lazy import LazyImports

        return LazyImports(self.table, self.finders)

    def speak_for(self, name: str, *, is_script: bool = False) -> None:
        """Let the program of this process speak for the tree called ``name``; "": for the application.

        ``is_script``: and what the program imports that no tree has, for it is a script of that tree. In processes that
        the tree's code has started, other code of the application's finds what it finds elsewhere.
        """
        self.asker.principal = self.table.domain_called(name)
        self.is_script = is_script
        self.settle_principal()

    def settle_principal(self) -> None:
        """Let the table know whom the program speaks for."""
        self.table.speak_for(self.asker.principal if self.is_script else None)

    def _tree_of_script(self, path: str) -> str:
        domain = self.table.places.owner(path)
        if domain is None:
            from importshim._script import script_domain

            domain = script_domain(self.table, path)
        return domain.name if domain is not None else ""

    # Installing and removing

    def install(self) -> None:
        """Route the imports of this process from now on."""
        self.ledger.open()
        foreign[:] = [self.table.places.owner]
        self.adoption.claim_loaded()
        self.startup.run()

    def refresh(self, import_map: ImportMap) -> None:
        """Take in what ``import_map`` has more, and leave what is loaded as it is.

        :raises RefreshError: that cannot be; then nothing has changed
        """
        from importshim._refresh import refresh

        self.turn.run(refresh, self, import_map)

    def admit(self, domain: Domain) -> None:
        """Have what serves code of ``domain`` ready, which is known to the table or about to be."""
        domain.fill_builtins(make_import(domain, self))
        self.finders[domain] = DomainFinder(domain, self)

    def remove(self) -> None:
        """Restore the process, and forget every module of a tree."""
        self.ledger.close()

    # Routing

    def find_and_load(self, name: str, import_: Callable[..., Any]) -> ModuleType:
        """What ``_find_and_load`` of importlib does, for whoever asks.

        :raises ModuleNotFoundError: also when only other domains have ``name``; says which
        """
        caller = sys._getframe(1).f_back  # the frame between is invisible
        top = name.partition(".")[0]
        if top in (PACKAGE, "importshim"):  # the latter is needed to decide, at times
            return self._load_qualified(name) if top == PACKAGE else self._find_and_load(name, import_)
        owner = tagged_domain(name)
        if owner is not None:
            return self.load(owner, name)  # type: ignore[no-any-return]
        if name == "builtins":
            return sys.modules.get(self._asker_of_import(caller).prefix + name, builtins)
        by_c = caller is not None and caller.f_code is not _importlib.gcd_import_code
        decision = self.decide(self._asker_of_import(caller), name, caller, by_c=by_c)
        domain = decision.domain or self.program_domain_of(decision.asker, name, caller)
        if decision.plain != name:
            return self._load_under(name, domain, decision.plain)
        if domain is not self.root:
            return self.load(domain, name)  # type: ignore[no-any-return]
        try:
            module: ModuleType = self.asker.as_application(self._find_and_load, name, import_)
        except ModuleNotFoundError as error:
            if decision.asker.has_parts_of(name):
                self._tell_part(error, decision.asker, name)
            raise
        self.ledger.module_loaded(name, module)
        return module

    def find_and_load_lazy(self, name: str, import_: Callable[..., Any]) -> ModuleType | None:
        """What ``_find_and_load_lazy_submodule`` does: None if there is no such module.

        It is called for an attribute that a package has not, and not told which package of that name it is: contested
        ones have got what they have (see ``_lazy``).
        """
        top = name.partition(".")[0]
        owner = self.table.sole.get(top)
        if owner is None and top in self.table.contested and self.root.serving(name) is not self.root:
            return None
        if owner is None or owner is self.root:
            return self.asker.as_application(self._find_and_load, name, import_, True)  # type: ignore[no-any-return]
        try:
            return self.load(owner, name)  # type: ignore[no-any-return]
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            return None

    def decide(self, asker: Domain, name: str, frame: FrameType | None, *, by_c: bool) -> Decision:
        """What ``asker`` imports by ``name`` from ``frame``; what code has made its own for it is settled."""
        decision = self.table.decide(asker, name, Import(self.asker, frame, self.adoption, by_c=by_c))
        self.adoption.settle(decision)
        return decision

    def _find_and_load(
        self, name: str, import_: Callable[..., Any] = _importlib.gcd_import, is_lazy: bool = False
    ) -> ModuleType:
        """importlib's own, for a name as the import system knows it; ``is_lazy``: None if there is no such module."""
        options = {"lazy_submodule": True} if is_lazy else {}
        found: ModuleType = self.extensions.let_others(_importlib.find_and_load, name, import_, **options)
        return found

    def _asker_of_import(self, frame: FrameType | None) -> Domain:
        if frame is None or frame.f_code is _importlib.gcd_import_code:  # Python code asks, by importlib.import_module
            return self.asker.frame_domain(frame)
        return self.asker.domain_of_lookup(frame)

    def load(self, domain: Domain, name: str) -> Any:
        """The module of the plain name ``name`` in ``domain``, which serves it; loaded if it is not yet."""
        key = domain.key(name)
        current = sys.modules.get(key)
        if current is not None and not _is_initialising(current):
            return current
        if type(key) is not ContextKey and self.adoption.make_way(domain, name):
            key = domain.key(name)
        if type(key) is ContextKey:
            return self.turn.run(self._load_contested, domain, name, key)
        return self.turn.run(self._load_sole, domain, name)

    def _load_contested(self, domain: Domain, name: str, key: str) -> Any:
        self.paths.survey()
        was_published = name in domain.published  # asked first: another thread may publish it meanwhile
        fullname = domain.prefix + name
        if key not in sys.modules:
            claimed = self.entries.claim(domain, name)
            if claimed is not None:
                return claimed
            if was_published:
                self._forget_popped(domain, name)
        elif sys.modules.get(key) is None:
            raise _halted(missing_name(name, domain))
        parent = name.rpartition(".")[0]
        if parent:
            self._follow(domain, parent)
        try:
            module = self._find_and_load(fullname)
        except ModuleNotFoundError as error:
            make_plain(error, domain)
            self._tell_not_installed(error, domain, name)
            raise
        current = sys.modules.get(key)
        return module if current is None else current  # it may have put another in its place, and still be running

    def _follow(self, domain: Domain, name: str) -> None:
        """Have the import system, which is about to load a part of ``name``, find or miss it as ``domain`` does."""
        if name in domain.published and domain.key(name) not in sys.modules:
            self._forget_popped(domain, name)
        else:
            from importshim._loaders import settle

            settle(domain, name)

    @staticmethod
    def _forget_popped(domain: Domain, name: str) -> None:
        """Whoever has popped a module from ``sys.modules`` wants it loaded anew."""
        fullname = domain.prefix + name
        if _importlib.is_free(fullname):
            domain.published.discard(name)
            sys.modules.pop(fullname, None)

    def _load_sole(self, domain: Domain, name: str) -> Any:
        self.paths.survey()
        parent = name.rpartition(".")[0]
        if parent and parent not in sys.modules:  # importlib would ask for it on behalf of whoever calls
            self.load(domain, parent)
        grant = (get_ident(), name.partition(".")[0])
        nested = grant in self._granted
        self._granted.add(grant)
        try:
            return self._find_and_load(name)
        except ModuleNotFoundError as error:
            make_findable(error, domain, name)
            self._tell_not_installed(error, domain, name)
            raise
        finally:
            if not nested:
                self._granted.discard(grant)

    def _tell_not_installed(self, error: ModuleNotFoundError, domain: Domain, name: str) -> None:
        from importshim._errors import tell_not_installed

        tell_not_installed(error, self.table, domain, name)

    def _tell_part(self, error: ModuleNotFoundError, asker: Domain, name: str) -> None:
        from importshim._errors import tell_part

        tell_part(error, self.table, asker, name)

    def is_granted(self, top: str) -> bool:
        """Whether this thread is loading a module of ``top`` for one who may import it."""
        return (get_ident(), top) in self._granted

    def _load_qualified(self, name: str) -> ModuleType:
        tree, _, plain = name[len(PACKAGE) + 1 :].partition(".")
        domain = self.table.domain_called(tree)
        if not plain and (not tree or domain is not None):
            return self._find_and_load(name)
        if domain is None:
            package = f"{PACKAGE}.{tree}"
            raise ModuleNotFoundError(f"No module named {package!r}; {self.table.missing_tree(tree)}", name=package)
        served = self.table.decide(domain, plain).domain
        if served is None or served is self.root:
            raise self.not_visible(domain, plain)
        if served is domain and domain.is_contested(plain) and domain.name == tree:
            self._follow(domain, plain.rpartition(".")[0] or plain)
            return self._find_and_load(name)
        return self._load_under(name, served, plain)

    def _load_under(self, name: str, served: Domain, plain: str) -> ModuleType:
        parent = name.rpartition(".")[0]
        if parent:
            _importlib.gcd_import(parent)
        if sys.modules.get(name, served) is None:
            raise _halted(name)
        module: ModuleType = self.load(served, plain)
        sys.modules[name] = module
        return module

    def handle_fromlist(
        self, module: Any, fromlist: Sequence[str], import_: Callable[..., Any], *, recursive: bool = False
    ) -> Any:
        """What ``_handle_fromlist`` of importlib does; submodules are looked for where ``module`` belongs."""
        domain = self.module_domain(module)
        if domain is None:
            return _importlib.handle_fromlist(module, fromlist, import_, recursive=recursive)
        return self.with_attributes(domain, module, domain.plain(module.__spec__.name), fromlist)

    def with_attributes(self, domain: Domain, module: Any, name: str, fromlist: Sequence[str]) -> Any:
        """``module`` of the plain name ``name`` in ``domain``, with the submodules of ``fromlist`` loaded."""
        prefix = len(module.__name__)

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

    def program_domain(self, namespace: dict[str, Any]) -> Domain | None:
        """The domain of what ``runpy`` is about to run in ``namespace``: a module of one, or a script of a tree."""
        spec = namespace.get("__spec__")
        if spec is not None:
            return self.spec_domain(spec)
        from importshim._script import script_domain

        return script_domain(self.table, namespace.get("__file__"))

    def program_domain_of(self, asker: Domain, name: str, frame: FrameType | None) -> Domain:
        """The domain that has the program ``name``, though ``asker`` may not import that; see ``_script``.

        :raises ModuleNotFoundError: it is no program, or the domain is not certain
        """
        from importshim._script import started_domain

        domain = started_domain(self, asker, name, frame)
        if domain is None:
            raise self.not_visible(asker, name)
        return domain

    def not_visible(self, asker: Domain, name: str) -> ModuleNotFoundError:
        """The error for ``asker`` importing ``name``, with who has it."""
        from importshim._errors import not_visible

        return not_visible(self.table, asker, name)

    def place_of(self, thing: Any) -> tuple[Domain, str] | None:
        """The domain and plain module name of ``thing``, of its class failing that; None if it is no tree's."""
        found = self.home_of(thing)
        return found if found is not None and found[0] is not self.root else None

    def home_of(self, thing: Any) -> tuple[Domain, str] | None:
        """The same; and root, with that name, if trees have the name of the application's module, too."""
        if isinstance(thing, ModuleType):
            spec: Any = getattr(thing, "__spec__", None)
            domain = self.root if getattr(spec, "domain", None) is self.root else self.spec_domain(spec)
            return (domain, domain.plain(str(spec.name))) if domain is not None else None
        name = getattr(thing, "__module__", None)
        if isinstance(name, str):
            domain = tagged_domain(name) or self.table.sole.get(name.partition(".")[0])
            if domain is None and id(thing) in self.static_types:
                domain = self.static_types[id(thing)][1]
            if domain is None:
                domain = self._home_of_function(thing) or self._home_of_member(thing, name)
            if domain is not None:
                return domain, name
        return self.home_of(type(thing)) if not isinstance(thing, type) else None

    def _home_of_function(self, thing: Any) -> Domain | None:
        """The domain of a function of native code, by the module that it was made for (CPython), or for Cython's.

        Of a function in Python, the domain whose code it is.
        """
        module, namespace = getattr(thing, "__self__", None), getattr(thing, "__globals__", None)
        function = getattr(thing, "__func__", thing)
        if isinstance(function, FunctionType):
            domain = self.asker.domain_of_function(function)
            return domain if domain is not self.root else None
        if isinstance(module, ModuleType):
            return self.module_domain(module)
        return self.spec_domain(namespace.get("__spec__")) if isinstance(namespace, dict) else None

    def _home_of_member(self, thing: Any, name: str) -> Domain | None:
        """The domain whose module of the contested ``name`` has ``thing`` under its own name, as if it was made there.

        Native code makes classes for modules that it has not made; a class that none has is whose its bases there are.
        """
        qualname, top = getattr(thing, "__qualname__", None), name.partition(".")[0]
        if type(qualname) is not str or top not in self.table.contested:
            return None
        domains = [one for one in (self.root, *self.domains.values()) if one.is_contested(name)]
        having = (one for one in domains if _member(one.loaded(name), qualname) is thing)
        bases = (one for one in getattr(thing, "__mro__", ())[1:] if _top_of(one) == top)
        return next(having, None) or next((home[0] for one in bases if (home := self.home_of(one))), None)

    def find_application_spec(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """The spec of a module of the application whose name trees have too: kept under a key of root's."""
        if self.root.serving(name) is self.root and name.partition(".")[0] not in self.root.routes:
            from importshim._trees import space_spec

            return space_spec(self.root.key(name), self.root, self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            from importshim._loaders import ApplicationExtensionLoader, adopt_spec

            spec.name = self.root.key(name)
            adopt_spec(spec, self.root)
            if type(spec.loader) is ExtensionFileLoader:
                spec.loader = ApplicationExtensionLoader(self, name, spec.loader.path)
        return spec

    def load_own(self, name: str) -> Any:
        """The application's own module ``name``.

        :raises ModuleNotFoundError: it has none, or means a tree's by the name
        """
        found = _as_application(importlib.import_module, (name,))
        if self.module_domain(found) is not None:
            raise ModuleNotFoundError(f"No module named {name!r} of the application itself", name=name)
        return found

    def sole_spec(self, name: str) -> ModuleSpec | None:
        """Where a top-level module is that one domain alone has."""
        owner = self.table.sole.get(name)
        return self.finders[owner].find_spec(name) if owner is not None and owner is not self.root else None

    def synthetic_spec(self, fullname: str, name: str) -> ModuleSpec | None:
        """The spec of ``py_modules`` or ``py_modules.<tree>``."""
        from importshim._trees import tree_package_spec

        domain = self.table.domain_called(name) if name else self.root
        return tree_package_spec(fullname, domain, self) if domain is not None else None

    # Native code

    def wait_for_module(self, name: str) -> None:
        """What ``_lock_unlock_module`` of importlib does: wait for another thread that loads the asker's ``name``."""
        if name.partition(".")[0] in self.table.contested:
            served = self.table.decide(self._asker_of_import(sys._getframe(1).f_back), name).domain
            name = served.qualified(name) if served is not None and served is not self.root else name
        self.extensions.let_others(_importlib.lock_unlock_module, name)


def _top_of(kind: type) -> str:
    """The top-level name of the module that a class says it is of."""
    return str(getattr(kind, "__module__", "")).partition(".")[0]


_as_application: Callable[..., Any] = FunctionType(
    TRAMPOLINE.replace(co_filename="<application>"), {"__builtins__": vars(builtins), "__name__": "application"}
)
"""Calls from a frame that is the application's."""


def _make_table(import_map: ImportMap) -> Table:
    """The table of a map; one that tells what it decides if the environment says where: "1" is stderr, else a file."""
    place = os.environ.get("IMPORTSHIM_TRACE")
    if place:
        from importshim._trace import TracedTable

        return TracedTable(import_map, place)
    if any(entry.is_strict for entry in import_map.domains):
        from importshim._withheld import StrictTable

        return StrictTable(import_map)
    return Table(import_map)


def _member(module: Any, qualname: str) -> Any:
    """What ``module`` has under a dotted name; None where it has nothing."""
    for part in qualname.split("."):
        module = getattr(module, part, None)
    return module


def _halted(name: str) -> ModuleNotFoundError:
    """What importlib says of a name that somebody has blocked."""
    return ModuleNotFoundError(f"import of {name} halted; None in sys.modules", name=name)


def _is_initialising(module: Any) -> bool:
    return getattr(getattr(module, "__spec__", None), "_initializing", False) is True

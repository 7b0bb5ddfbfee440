"""The runtime of one process: all domains, and the routing of every import to one of them.

An import that is not found in ``sys.modules`` reaches ``importlib._bootstrap._find_and_load``, from the ``import``
statement, ``importlib.import_module`` and C code alike. ``Runtime.install`` puts a function of ours in its place (and
in those of the two others that C calls there), which asks who wants the name and hands the import system the name it
has there: qualified if contested, plain otherwise. Code of a domain imports through an ``__import__`` of its own
(``_statement``) and comes here only for what it has not imported before.
"""

from __future__ import annotations

import _imp
import builtins
import os
import sys
from _thread import allocate_lock, get_ident
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from importshim import _children, _importlib
from importshim._adoption import Adoption
from importshim._asker import Asker
from importshim._behalf import user_of
from importshim._builtins import give_builtins, take_builtins
from importshim._domain import PACKAGE, Domain
from importshim._entries import Entries
from importshim._execute import foreign_folders, teach_runpy, unteach_runpy
from importshim._finder import DomainFinder, TreeFinder
from importshim._keys import ASKING, ContextKey
from importshim._loaders import adopt_spec, settle
from importshim._map import DomainEntry, ImportMap
from importshim._path import FinderPath, SearchPath
from importshim._pickling import teach_reduction, unteach_reduction
from importshim._places import Places
from importshim._statement import make_import
from importshim._traceback import invisible, make_plain, trim
from importshim._turn import PATIENCE, Turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType
    from typing import Any


class Runtime:
    """All domains of an import map. ``install`` makes them live, ``remove`` restores the import system.

    ``contested``: top-level names that several domains provide. ``sole``: those that one provides, with it.
    """

    def __init__(self, import_map: ImportMap) -> None:
        self.root = Domain("", (), (), self)
        self.asker = Asker(self.root)
        self.domains = {one.name: Domain(one.name, one.trees, one.paths, self) for one in import_map.domains}
        self.aliases = {name: (self.domains[domain], module) for name, (domain, module) in import_map.aliases.items()}
        for entry in import_map.domains:
            self._equip(self.domains[entry.name], entry)
        self.trees = {name: self.domains[domain] for name, (domain, _) in import_map.trees.items()}
        """The domain of its world for each tree."""
        self.sites = {site: name for name, (_, site) in import_map.trees.items()}
        """The tree that each site-packages is of."""
        for domain in self.trees.values():
            domain.is_world = True
        self.is_one = len(self.domains) <= 1
        """Whether everything is one world: then nothing needs telling apart but what the application may import."""
        self.places = Places(self.domains.values())
        self.root.let_import({name: self.domains[domain] for name, domain in import_map.root.items()})
        self._startup = [(self.domains[entry.name], line) for entry in import_map.domains for line in entry.startup]
        self._own_routes = self.root.routes
        self.speak_for(_children.principal())
        self.contested, self.sole = self._judge_names()
        self._finder = TreeFinder(self)
        self._granted: set[tuple[int, str]] = set()
        self._known_finders: list[Any] = list(sys.meta_path)
        self._surveyed: list[Any] = []
        self._path: list[str] = sys.path
        self.finder_owners: list[tuple[Any, Domain]] = []
        self.adoption = Adoption(self)
        self.static_types: dict[int, tuple[object, Domain]] = {}
        """Static types of native modules, by ``id``, with their domain."""
        self._native: Any = None
        self._starting = allocate_lock()
        self._turn = Turn(patience=0.0 if self.is_one else PATIENCE)

    def _equip(self, domain: Domain, entry: DomainEntry) -> None:
        domain.distributions = entry.distributions
        domain.peers = frozenset(entry.peers)
        names = {**entry.peers, **entry.routes}
        domain.let_import({name: self.domains[served] for name, served in names.items()})
        domain.fill_builtins(make_import(domain))
        domain.finder = DomainFinder(domain)
        self.asker.add(domain)

    def speak_for(self, name: str) -> None:
        """Let the program of this process speak for the tree called ``name``; "": for the application."""
        principal = self.asker.principal = self.domain_called(name)
        self.root.routes = {**(principal.routes if principal is not None else {}), **self._own_routes}

    def _judge_names(self) -> tuple[frozenset[str], dict[str, Domain]]:
        providers: dict[str, set[Domain]] = {}
        for domain in (self.root, *self.domains.values()):
            for name, served in domain.providers():
                providers.setdefault(name, set()).add(served)
        contested = frozenset(name for name, found in providers.items() if len(found) > 1)
        sole = {name: found.pop() for name, found in providers.items() if len(found) == 1}
        for domain in self.domains.values():
            own = {name for name, served in domain.providers() if served is domain}
            domain.contested = contested & own
            domain.hidden = frozenset(name for name in own if sole.get(name) is domain and name not in self._own_routes)
        self.root.contested = contested
        return contested, sole

    # Installing and removing

    def install(self) -> None:
        """Route the imports of this process from now on."""
        self.survey_finders()
        _children.watch(self.user_here)
        if "runpy" in sys.modules:
            teach_runpy(sys.modules["runpy"], self.program_domain)
        if "sysconfig" in sys.modules:
            self._teach_sysconfig(sys.modules["sysconfig"])
        if "multiprocessing.reduction" in sys.modules:
            teach_reduction(sys.modules["multiprocessing.reduction"])
        self._watch_paths()
        self._enter_import_system()
        give_builtins(self.domains)
        self.entries = Entries(self)
        foreign_folders[:] = [path + os.sep for domain in self.domains.values() for path in domain.paths]
        for domain, (folder, file, line) in self._startup:
            domain.start(line, folder, file)

    def _enter_import_system(self) -> None:
        """Have C code call us; plainly, so that each call is one evaluation loop (see ``_native``)."""

        def find_and_load(name: str, import_: Callable[..., Any]) -> ModuleType:
            try:
                return self.find_and_load(name, import_)
            except BaseException as error:
                trim(error)
                raise

        def handle_fromlist(module: Any, fromlist: Sequence[str], import_: Any, *, recursive: bool = False) -> Any:
            try:
                return self.handle_fromlist(module, fromlist, import_, recursive=recursive)
            except BaseException as error:
                trim(error)
                raise

        def lock_unlock_module(name: str) -> None:
            self.wait_for_module(name)

        _importlib.put(invisible(find_and_load), invisible(handle_fromlist), invisible(lock_unlock_module))

    def remove(self) -> None:
        """Restore the import system and forget every module of a tree."""
        take_builtins()
        _importlib.restore()
        _children.unwatch()
        if "runpy" in sys.modules:
            unteach_runpy(sys.modules["runpy"])
        if "importshim._schemes" in sys.modules:
            sys.modules["importshim._schemes"].unteach_sysconfig(sys.modules["sysconfig"])
        if "multiprocessing.reduction" in sys.modules:
            unteach_reduction(sys.modules["multiprocessing.reduction"])
        sys.path = list(sys.path)
        self.entries.close()
        sys.meta_path = [finder for finder in sys.meta_path if finder is not self._finder]
        for key in list(sys.modules):
            top = str(key).partition(".")[0]
            if isinstance(key, ContextKey) or top == PACKAGE or top in self.sole or top in self.aliases:
                del sys.modules[key]

    # Routing

    def find_and_load(self, name: str, import_: Callable[..., Any]) -> ModuleType:
        """What ``_find_and_load`` of importlib does, for whoever asks.

        :raises ModuleNotFoundError: also when only other domains have ``name``; says which
        """
        caller = sys._getframe(1).f_back  # the frame between is invisible
        top = name.partition(".")[0]
        if top in self.contested or top in self.sole:
            domain = self._asker_of_import(caller)
            served = self.asker.serving(domain, name, caller)
            if served is None or served is self.root:
                served = self.adoption.by_asking(domain, top)
            if served is not None:
                return self.load(served, name)  # type: ignore[no-any-return]
            if self.is_denied(domain, top):
                raise self.not_visible(domain, name)
        elif top == PACKAGE:
            return self._load_qualified(name)
        elif name == "builtins":
            return sys.modules.get(self._asker_of_import(caller).prefix + name, builtins)
        elif top in self.aliases and self._asker_of_import(caller) is self.root:
            return self._load_alias(name, top)
        elif self.adoption.is_possible():
            served = self.adoption.by_asking(self._asker_of_import(caller), top)
            if served is not None:
                return self.load(served, name)  # type: ignore[no-any-return]
        module: ModuleType = self.asker.as_application(self._find_and_load, name, import_)
        self._teach(name, module)
        return module

    def _teach(self, name: str, module: ModuleType) -> None:
        """Let a module of the standard library that was just loaded know of domains."""
        if name == "runpy":
            teach_runpy(module, self.program_domain)
        elif name == "sysconfig":
            self._teach_sysconfig(module)
        elif name == "multiprocessing.reduction":
            teach_reduction(module)
        elif name == "multiprocessing.spawn" and not hasattr(module, "importshim"):
            module.importshim = self  # type: ignore[attr-defined]
            _children.teach_spawn(module, self.user_here, self.speak_for)

    def _find_and_load(self, name: str, import_: Callable[..., Any] = _importlib.gcd_import) -> ModuleType:
        """importlib's own, for a name as the import system knows it."""
        if self._native is None or not self._native.is_here():
            return _importlib.find_and_load(name, import_)
        with self._native.suspended():
            return _importlib.find_and_load(name, import_)

    def _asker_of_import(self, frame: FrameType | None) -> Domain:
        if frame is None or frame.f_code is _importlib.gcd_import_code:  # Python code asks, by importlib.import_module
            return self.asker.frame_domain(frame)
        return self.asker.domain_of_lookup(frame)

    def asker_here(self) -> Domain:
        """On whose behalf the Python code that is running asks."""
        return self.asker.frame_domain(sys._getframe(1))

    def serving_here(self, name: str) -> Domain | None:
        """The domain that serves the module ``name`` to the Python code that is running."""
        frame = sys._getframe(1)
        return self.asker.serving(self.asker.frame_domain(frame), name, frame)

    def user_here(self) -> Domain:
        """The domain whose code is running; if trees share it, that of the tree which has called it."""
        frame = sys._getframe(1)
        domain = self.asker.frame_domain(frame)
        return user_of(self, domain, frame) or domain

    def load(self, domain: Domain, name: str) -> Any:
        """The module of the plain name ``name`` in ``domain``, which serves it; loaded if it is not yet."""
        key = domain.key(name)
        current = sys.modules.get(key)
        if current is not None and not _is_initialising(current):
            return current
        if type(key) is ContextKey:
            return self._turn.run(self._load_contested, domain, name, key)
        return self._turn.run(self._load_sole, domain, name)

    def _load_contested(self, domain: Domain, name: str, key: str) -> Any:
        self.survey_finders()
        was_published = name in domain.published  # asked first: another thread may publish it meanwhile
        fullname = domain.prefix + name
        if key not in sys.modules:
            claimed = self.entries.claim(domain, name)
            if claimed is not None:
                return claimed
            if was_published:
                self._forget_popped(domain, name)
        elif sys.modules.get(key) is None:
            raise _halted(name)
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
            settle(domain, name)

    @staticmethod
    def _forget_popped(domain: Domain, name: str) -> None:
        """Whoever has popped a module from ``sys.modules`` wants it loaded anew."""
        fullname = domain.prefix + name
        if _importlib.is_free(fullname):
            domain.published.discard(name)
            sys.modules.pop(fullname, None)

    def _load_sole(self, domain: Domain, name: str) -> Any:
        self.survey_finders()
        parent = name.rpartition(".")[0]
        if parent and parent not in sys.modules:  # importlib would ask for it on behalf of whoever calls
            self.load(domain, parent)
        grant = (get_ident(), name.partition(".")[0])
        nested = grant in self._granted
        self._granted.add(grant)
        try:
            return self._find_and_load(name)
        except ModuleNotFoundError as error:
            self._tell_not_installed(error, domain, name)
            raise
        finally:
            if not nested:
                self._granted.discard(grant)

    @staticmethod
    def _tell_not_installed(error: ModuleNotFoundError, domain: Domain, name: str) -> None:
        from importshim._errors import tell_not_installed

        tell_not_installed(error, domain, name)

    def is_granted(self, top: str) -> bool:
        """Whether this thread is loading a module of ``top`` for one who may import it."""
        return (get_ident(), top) in self._granted

    def _load_qualified(self, name: str) -> ModuleType:
        tree, _, plain = name[len(PACKAGE) + 1 :].partition(".")
        domain = self.domain_called(tree)
        if not plain and (not tree or domain is not None):
            return self._find_and_load(name)
        if domain is None:
            package = f"{PACKAGE}.{tree}"
            raise ModuleNotFoundError(f"No module named {package!r}; {self.missing_tree(tree)}", name=package)
        served = domain.serving(plain)
        if served is None:
            raise self.not_visible(domain, plain)
        if served is domain and domain.is_contested(plain) and domain.name == tree:
            self._follow(domain, plain.rpartition(".")[0] or plain)
            return self._find_and_load(name)
        return self._load_under(name, served, plain)

    def _load_alias(self, name: str, top: str) -> ModuleType:
        return self._load_under(name, *self.meant_by_alias(name, top))

    def meant_by_alias(self, name: str, top: str) -> tuple[Domain, str]:
        """The domain that serves what ``name``, under the alias ``top``, stands for; and its plain name there."""
        domain, module = self.aliases[top]
        plain = module + name[len(top) :]
        return domain.serving(plain) or domain, plain

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
        return self.sole.get(name.partition(".")[0]) if isinstance(name, str) else None

    def program_domain(self, namespace: dict[str, Any]) -> Domain | None:
        """The domain of what ``runpy`` is about to run in ``namespace``: a module of one, or a script of a tree."""
        spec = namespace.get("__spec__")
        if spec is not None:
            return self.spec_domain(spec)
        from importshim._script import script_domain

        return script_domain(self, namespace.get("__file__"))

    def not_visible(self, asker: Domain, name: str) -> ModuleNotFoundError:
        """The error for ``asker`` importing ``name``, with who has it."""
        from importshim._errors import not_visible

        return not_visible(self, asker, name)

    def domain_called(self, name: str) -> Domain | None:
        """The domain of this name, or of the world that the tree of this name is in."""
        return self.domains.get(name) or self.trees.get(name)

    def _teach_sysconfig(self, module: ModuleType) -> None:
        from importshim._schemes import teach_sysconfig

        teach_sysconfig(module, {name: domain.paths[0] for name, domain in self.trees.items() if domain.paths})

    def missing_tree(self, name: object) -> str:
        """What to say where ``name`` is no tree."""
        return f"there is no tree {name!r}; there are: {', '.join(sorted(self.trees))}"

    def is_denied(self, asker: Domain, top: str) -> bool:
        """Whether ``top``, which ``asker`` has no route for, is other domains' (the application may have its own)."""
        if (top not in self.contested and top not in self.sole) or top in sys.stdlib_module_names:
            return False
        if self.root.serving(top) is self.root:
            return False
        if asker is not self.root or not self.is_on_application_path(top):
            return True
        if top in self.sole:
            self.adoption.contest(top)
        self.root.routes[top] = self.root
        return False

    def is_on_application_path(self, top: str) -> bool:
        """Whether the application has a module ``top`` of its own on ``sys.path``."""
        spec = PathFinder.find_spec(top)
        if spec is None:
            return False
        places = [spec.origin or "", *(spec.submodule_search_locations or ())]
        return not any(place.startswith(tuple(foreign_folders)) for place in places)

    def find_application_spec(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """The spec of a module of the application whose name trees have too: kept under a key of root's."""
        if self.root.spaces and self.root.routes.get(name.partition(".")[0]) is None:
            from importshim._trees import space_spec

            return space_spec(self.root.key(name), self.root)
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.name = self.root.key(name)
            adopt_spec(spec, self.root)
        return spec

    def synthetic_spec(self, fullname: str, name: str) -> ModuleSpec | None:
        """The spec of ``py_modules`` or ``py_modules.<tree>``."""
        from importshim._trees import tree_package_spec

        domain = self.domain_called(name) if name else self.root
        return tree_package_spec(fullname, domain) if domain is not None else None

    # What a domain's code leaves behind

    def survey_finders(self) -> None:
        """Stand first on ``sys.meta_path``, and let finders that a domain's code has put there serve that domain."""
        if type(sys.path) is not SearchPath or type(sys.meta_path) is not FinderPath:
            self._watch_paths()
        if sys.meta_path == self._surveyed:
            return
        finders = [one for one in sys.meta_path if one is not self._finder]
        for place, finder in enumerate(finders):
            if not any(finder is one for one in self._known_finders):
                self._known_finders.append(finder)
                self._claim(finder, early=PathFinder in finders[place:])
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        list.insert(sys.meta_path, 0, self._finder)
        self._surveyed = sys.meta_path[:]

    def _watch_paths(self) -> None:
        """At the start, and after a library has put lists of its own in their place.

        A copy that code of a domain has made of ``sys.path`` begins with its folders; they do not stay.
        """
        shown = {path for domain in self.domains.values() for path in domain.paths}.difference(self._path[:])
        self._path = sys.path = SearchPath([entry for entry in sys.path[:] if entry not in shown], self.asker)
        sys.meta_path = FinderPath(sys.meta_path[:], self)

    def _claim(self, finder: Any, *, early: bool) -> None:
        from importshim._foreign import owner

        domain = owner(finder, self.asker)
        if domain is not None:
            domain.finder.add_foreign(finder, early=early)
            self.finder_owners.append((finder, domain))
            self.adoption.add_finding(domain)

    # Native code

    def create_native(self, domain: Domain, path: str, spec: ModuleSpec) -> ModuleType:
        """Load the shared object at ``path`` for ``domain`` and create its module (PEP 489)."""
        if self.contested:
            self._start_native()
            self._redirections.separate(path, domain)
            if self.asker.native is not None:
                self.asker.native.learn(path, domain)
        module: ModuleType = self.initialise_native(domain, _imp.create_dynamic, spec)
        return module

    def initialise_native(self, domain: Domain, function: Callable[..., Any], *args: object) -> Any:
        """Call ``function``, which initialises a native module of ``domain``: one at a time, with its registries."""
        if self._native is None:
            return function(*args)
        with self._native.of(domain):
            found = domain.run(function, *args)
        self.entries.file_new(domain)
        return found

    def _start_native(self) -> None:
        """Before the first native module of a tree: have everything that deals with native code ready, once."""
        if self._native is not None:
            return
        from importshim._native import NativeInitialisation, Redirections, native_stack

        with self._starting:
            if self._native is None:
                self._redirections = Redirections()
                self.asker.native = native_stack(self.places)
                self._native = NativeInitialisation()
                self._steady_lookups()

    def _steady_lookups(self) -> None:
        """From now on, native code may hold locks of its own while it looks modules up."""
        from importshim._native import NativeStack
        from importshim._steady import make_steady

        imports = [domain.import_ for domain in self.domains.values()]
        for function in (*imports, *ASKING, *Asker.steady, *NativeStack.steady):
            make_steady(function)

    def wait_for_module(self, name: str) -> None:
        """What ``_lock_unlock_module`` of importlib does: wait for another thread that loads the asker's ``name``."""
        if name.partition(".")[0] in self.contested:
            served = self._asker_of_import(sys._getframe(1).f_back).serving(name)
            name = served.qualified(name) if served is not None and served is not self.root else name
        if self._native is None or not self._native.is_here():
            _importlib.lock_unlock_module(name)
        else:
            with self._native.suspended():
                _importlib.lock_unlock_module(name)


def _halted(name: str) -> ModuleNotFoundError:
    """What importlib says of a name that somebody has blocked."""
    return ModuleNotFoundError(f"import of {name} halted; None in sys.modules", name=name)


def _is_initialising(module: Any) -> bool:
    return getattr(getattr(module, "__spec__", None), "_initializing", False) is True

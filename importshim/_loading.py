"""Loads a module once its domain is decided.

A module of a contested name goes through importlib under its qualified name, by which importlib's locks and caches
distinguish versions; one of a sole name under its plain one. Either way, one thread at a time loads modules of trees
(``_load_lock``).
"""

from __future__ import annotations

import sys
from _thread import get_ident

from importshim import _importlib
from importshim._callers import as_application
from importshim._domain import PACKAGE
from importshim._finder import DomainFinder
from importshim._frames import like_importlib
from importshim._keys import ContextKey, missing_name
from importshim._traceback import make_findable, make_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime
    from importshim._table import Decision


WAS_ALWAYS_THERE = frozenset({"setuptools", "pkg_resources", "distutils"})
"""Modules that any virtual environment had before Python 3.12: libraries import them without declaring it."""


class Loading:
    """Loads modules of domains for a runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._granted: set[tuple[int, str]] = set()

    @like_importlib
    def load(self, domain: Domain, name: str) -> Any:
        """The module of the plain name ``name`` in ``domain``, which provides it; loaded if it is not yet."""
        key = domain.key(name)
        current = sys.modules.get(key)
        if current is not None and (not _is_initialising(current) or _is_loading_here(domain, name, key)):
            return current
        if type(key) is not ContextKey and self._runtime.adoption.adopt_before_load(domain, name):
            key = domain.key(name)
        if type(key) is ContextKey:
            return self._runtime.load_lock.run(self._load_contested, domain, name, key)
        return self._runtime.load_lock.run(self._load_sole, domain, name)

    @like_importlib
    def _load_contested(self, domain: Domain, name: str, key: str) -> Any:
        self._runtime.paths.update_finders()
        was_registered = name in domain.registered  # read first: another thread may register it
        fullname = domain.prefix + name
        if key not in sys.modules:
            claimed = self._runtime.entries.claim(domain, name)
            if claimed is not None:
                return claimed
            if was_registered:
                self._forget_popped(domain, name)
        elif sys.modules.get(key) is None:
            raise _halted_error(missing_name(name, domain))
        parent = name.rpartition(".")[0]
        if parent:
            self._sync_parent(domain, parent)
        try:
            module = self._runtime.find_and_load_plain(fullname)
        except ModuleNotFoundError as error:
            make_plain(error, domain)
            self._explain_not_installed(error, domain, name)
            raise
        current = sys.modules.get(key)
        return module if current is None else current  # it may have replaced itself, and still be running

    def _sync_parent(self, domain: Domain, name: str) -> None:
        """Make the import system, about to load a part of ``name``, find or miss ``name`` as ``domain`` does."""
        key = domain.key(name)
        if name in domain.registered and key not in sys.modules:
            self._forget_popped(domain, name)
        else:
            from importshim._loaders import sync_qualified

            sync_qualified(domain, name, key)

    @staticmethod
    def _forget_popped(domain: Domain, name: str) -> None:
        """Forget a module that was popped from ``sys.modules``, so that it is loaded again."""
        fullname = domain.prefix + name
        if _importlib.is_free(fullname):
            domain.registered.discard(name)
            sys.modules.pop(fullname, None)

    @like_importlib
    def _load_sole(self, domain: Domain, name: str) -> Any:
        self._runtime.paths.update_finders()
        parent = name.rpartition(".")[0]
        if parent and parent not in sys.modules:  # importlib would look it up for the caller
            self.load(domain, parent)
        grant = (get_ident(), name.partition(".")[0])
        nested = grant in self._granted
        self._granted.add(grant)
        try:
            return self._runtime.find_and_load_plain(name)
        except ModuleNotFoundError as error:
            make_findable(error, domain, name)
            self._explain_not_installed(error, domain, name)
            raise
        finally:
            if not nested:
                self._granted.discard(grant)

    def _explain_not_installed(self, error: ModuleNotFoundError, domain: Domain, name: str) -> None:
        from importshim._errors import explain_not_installed

        explain_not_installed(error, self._runtime.table, domain, name)

    def is_granted(self, top: str) -> bool:
        """Whether this thread is loading a module of ``top`` for a domain that may import it."""
        return (get_ident(), top) in self._granted

    def load_qualified(self, name: str) -> ModuleType:
        """Load ``py_modules.<tree>.name``: the package of the tree, or a module of its world."""
        tree, _, plain = name[len(PACKAGE) + 1 :].partition(".")
        domain = self._runtime.table.domain_named(tree)
        if not plain and (not tree or domain is not None):
            return self._runtime.find_and_load_plain(name)
        if domain is None:
            package = f"{PACKAGE}.{tree}"
            who = self._runtime.table.missing_tree(tree)
            raise ModuleNotFoundError(f"No module named {package!r}; {who}", name=package)
        provider = self._runtime.table.decide(domain, plain).domain
        if provider is None or provider is self._runtime.root:
            raise self._runtime.not_visible(domain, plain)
        if provider is domain and domain.is_contested(plain) and domain.name == tree:
            self._sync_parent(domain, plain.rpartition(".")[0] or plain)
            return self._runtime.find_and_load_plain(name)
        return self.load_under(name, provider, plain)

    def load_under(self, name: str, provider: Domain, plain: str) -> ModuleType:
        """The module ``plain`` of ``provider``, also stored under another ``name``: an alias, or a qualified one."""
        parent = name.rpartition(".")[0]
        if parent:
            _importlib.gcd_import(parent)
        if sys.modules.get(name, provider) is None:
            raise _halted_error(name)
        module: ModuleType = self.load(provider, plain)
        sys.modules[name] = module
        return module


class Finders(dict["Domain", DomainFinder]):
    """The ``DomainFinder`` of each domain, made when it is first asked for."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self._runtime = runtime

    def __missing__(self, domain: Domain) -> DomainFinder:
        return self.setdefault(domain, DomainFinder(domain, self._runtime))


@like_importlib
def load_decided(
    runtime: Runtime, decision: Decision, domain: Domain, name: str, import_: Callable[..., Any]
) -> ModuleType:
    """The module that ``decision`` gives for ``name``, of ``domain``."""
    if decision.plain != name:
        return runtime.loading.load_under(name, domain, decision.plain)
    if domain is not runtime.root:
        return runtime.load(domain, name)  # type: ignore[no-any-return]
    try:
        return load_usual(runtime, name, import_)
    except ModuleNotFoundError as error:
        if decision.requester.is_in_split_namespace(name):
            from importshim._errors import explain_missing_part

            explain_missing_part(error, runtime.table, decision.requester, name)
        elif name.partition(".")[0] in WAS_ALWAYS_THERE:
            from importshim._errors import explain_setuptools

            explain_setuptools(error, name)
        raise


@like_importlib
def load_usual(runtime: Runtime, name: str, import_: Callable[..., Any]) -> ModuleType:
    """The module ``name`` that is no tree's, loaded if it is not yet."""
    module: ModuleType = as_application(runtime.find_and_load_plain, name, import_)
    runtime.ledger.module_loaded(name, module)
    return module


def _is_loading_here(domain: Domain, name: str, key: str) -> bool:
    return _importlib.is_loading_here(domain.prefix + name if type(key) is ContextKey else name)


def _halted_error(name: str) -> ModuleNotFoundError:
    """The error of importlib for a name that is blocked by None."""
    return ModuleNotFoundError(f"import of {name} halted; None in sys.modules", name=name)


def _is_initialising(module: Any) -> bool:
    return getattr(getattr(module, "__spec__", None), "_initializing", False) is True

"""Loaders for the modules of a domain: CPython's own, which also give a module its domain's builtins and names.

The import system knows a contested module by its qualified name (``spec.name``); the module itself, its classes and
all libraries see the plain one. Loaders are asked by either.
"""

from __future__ import annotations

import _imp
import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    ModuleSpec,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import CodeType, FunctionType, ModuleType

from importshim._keys import tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from importshim._domain import Domain


class DomainSpec(ModuleSpec):
    """A spec whose ``parent`` is plain, as ``__package__`` is; only ``name`` is qualified, or a contextual key."""

    domain: Domain

    @property
    def parent(self) -> str:
        """The plain name of the package that relative imports start from (PEP 366)."""
        plain = str(self.domain.plain(str(self.name)))
        if self.submodule_search_locations is None:
            plain = plain.rpartition(".")[0]
        return self.domain.tagged(plain) if plain else ""


def adopt_spec(spec: ModuleSpec, domain: Domain) -> ModuleSpec:
    """Make ``spec`` one of ``domain``: with a plain parent, and hidden names under their key."""
    if spec.name in domain.hidden:
        spec.name = domain.key(spec.name)
    if spec.name.startswith(domain.prefix) or type(spec.name) is not str:
        spec.__class__ = DomainSpec
        spec.domain = domain  # type: ignore[attr-defined]
    if type(spec.loader) is SourceFileLoader:
        spec.loader = ApplicationSourceLoader(domain, str(spec.name), spec.loader.path)
    return spec


def prepare(module: ModuleType, domain: Domain, name: str) -> None:
    """Before a module's code runs: give it its domain's builtins and plain name, and publish it."""
    namespace = vars(module)
    namespace["__builtins__"] = domain.builtins
    namespace["__name__"] = domain.tagged(name)
    if domain.is_contested(name):
        domain.publish(name, module)


def settle(domain: Domain, name: str) -> None:
    """Have the import system know the module that now stands in ``sys.modules``: one that replaced itself is gone."""
    if name and domain.is_contested(name):
        current, fullname = domain.loaded(name), domain.qualified(name)
        if current is not None and sys.modules.get(fullname) is not current:
            sys.modules[fullname] = current


def withdraw(domain: Domain, name: str) -> None:
    """After a module's code failed: it was never there."""
    if domain.is_contested(name):
        domain.published.discard(name)
        sys.modules.pop(domain.key(name), None)


def mark_members(module: ModuleType, domain: Domain) -> None:
    """Let classes and functions whose ``__module__`` was set from a literal lead back to their domain.

    That are those of native modules, and those that a package renames when it shows them (``numpy.set_module``).
    Their ``__module__`` becomes the tagged name; static types refuse that and are remembered instead.
    """
    for value in list(vars(module).values()):
        if not issubclass(type(value), _MARKED_KINDS):
            continue
        name = getattr(value, "__module__", None)
        if type(name) is not str or id(name) in tags or not domain.is_contested(name):
            continue
        try:
            value.__module__ = domain.tagged(name)
        except (TypeError, AttributeError):
            domain.runtime.static_types[id(value)] = (value, domain)


_NAMES_MAY_BE_KEYS = sys.version_info < (3, 13)
"""Single-phase modules are filed in ``sys.modules`` under the name of their spec: best under the domain's key at once.
From 3.13 on, CPython aborts unless that name is an exact ``str``; then the plain entry is dropped right after."""
_MARKED_KINDS = (type, type(len), FunctionType)


class _DomainLoader:
    """What the loaders of a domain share. ``name`` is the import system's, ``path`` the file."""

    domain: Domain
    name: str
    path: str

    def __init__(self, domain: Domain, fullname: str, path: str) -> None:
        super().__init__(fullname, path)  # type: ignore[call-arg]
        self.domain = domain

    def get_filename(self, fullname: str | None = None) -> str:
        """The module's file; asked by the qualified or the plain name."""
        return self.path

    def get_resource_reader(self, fullname: str | None = None) -> Any:
        """Resources beside the module (``importlib.resources``)."""
        from importlib.readers import FileReader

        return FileReader(self)  # type: ignore[arg-type]

    def execute(self, module: ModuleType, run: Callable[..., object], *args: object) -> None:
        """Run a module's code between ``prepare`` and ``settle``."""
        domain, name = self.domain, self.domain.plain(self.name)
        prepare(module, domain, name)
        try:
            run(*args)
        except BaseException:
            withdraw(domain, name)
            raise
        finally:
            domain.runtime.entries.file_new(domain)
            domain.runtime.survey_finders()
        settle(domain, name)
        if domain.is_contested(name) and (hasattr(module, "__path__") or isinstance(self, ExtensionFileLoader)):
            mark_members(module, domain)


class _CodeLoader(_DomainLoader):
    """A loader whose modules are Python code."""

    get_code: Callable[[str], CodeType]

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module in its domain."""
        self.execute(module, _execute, self.get_code(self.name), module)


class DomainSourceLoader(_CodeLoader, SourceFileLoader):  # type: ignore[misc]
    """Loads a ``.py`` file of a domain, from its cached bytecode where that is valid."""


class ApplicationSourceLoader(SourceFileLoader):
    """Loads a module of the application whose name trees have too: filed for the application alone."""

    def __init__(self, root: Domain, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._root = root

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module under its plain name."""
        vars(module)["__name__"] = self._root.tagged(self.name)
        super().exec_module(module)


class DomainSourcelessLoader(_CodeLoader, SourcelessFileLoader):
    """Loads a ``.pyc`` file of a domain that has no source beside it."""


class DomainExtensionLoader(_DomainLoader, ExtensionFileLoader):
    """Loads an extension module of a domain.

    The module is created under its plain name (PEP 489), which Cython and binding libraries build type names from,
    from a frame of the domain, with the domain's registries in place. Plain entries that its initialisation puts
    into ``sys.modules`` become the domain's.
    """

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Load the shared object; for single-phase modules this runs their whole initialisation."""
        domain, name = self.domain, self.domain.plain(self.name)
        own = ModuleSpec(domain.key(name) if _NAMES_MAY_BE_KEYS else domain.tagged(name), self, origin=self.path)
        own.submodule_search_locations = spec.submodule_search_locations
        module = domain.runtime.create_native(domain, self.path, own)
        if domain.is_contested(name):
            domain.runtime.entries.drop_plain(name)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Execute a multi-phase module's initialisation in its domain."""
        domain = self.domain
        self.execute(module, domain.runtime.initialise_native, domain, _imp.exec_dynamic, module)


def _execute(code: CodeType, module: ModuleType) -> None:
    exec(code, vars(module))


LOADERS: tuple[tuple[type[Any], list[str]], ...] = (
    (DomainExtensionLoader, EXTENSION_SUFFIXES),
    (DomainSourceLoader, SOURCE_SUFFIXES),
    (DomainSourcelessLoader, BYTECODE_SUFFIXES),
)
"""In the order in which CPython's path hook tries them."""

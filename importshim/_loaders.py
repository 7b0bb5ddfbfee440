"""Loaders for the modules of a domain: CPython's own, which also give a module its domain's builtins and names.

The import system knows a contested module by its qualified name (``spec.name``); the module itself, its classes and all
libraries see the plain one. Loaders accept either.
"""

from __future__ import annotations

import _imp
import io
import marshal
import os
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

from importshim._domain import finish_rebuilders
from importshim._frames import like_importlib
from importshim._importlib import MAGIC_NUMBER, fix_filename
from importshim._keys import ContextKey, tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime


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


def bind_spec(spec: ModuleSpec, domain: Domain) -> ModuleSpec:
    """Make ``spec`` one of ``domain``: with a plain parent, and hidden names under their key."""
    if spec.name in domain.hidden:
        spec.name = domain.key(spec.name)
    if spec.name.startswith(domain.prefix) or type(spec.name) is not str:
        spec.__class__ = DomainSpec
        spec.domain = domain  # type: ignore[attr-defined]
    if type(spec.loader) is SourceFileLoader:
        spec.loader = ApplicationSourceLoader(domain, str(spec.name), spec.loader.path)
    return spec


def sync_qualified(domain: Domain, name: str, key: str) -> None:
    """Make the qualified entry the module that is now in ``sys.modules``, if it has replaced itself there.

    ``key`` is that of ``name``. A qualified name that is blocked by None stays blocked.
    """
    if type(key) is ContextKey:
        current, fullname = sys.modules.get(key), domain.prefix + name
        known = sys.modules.get(fullname, domain)
        if current is not None and known is not None and known is not current:
            sys.modules[fullname] = current


class Execution:
    """A context in which the code of a module of ``domain`` runs; ``name`` is the plain one.

    On entry, the module gets its domain's builtins and plain name, and is registered. On exit, a module that has
    replaced itself in ``sys.modules`` is replaced for all code; one whose code has failed is removed.
    """

    __slots__ = ("_domain", "_key", "_module", "_name", "_runtime")

    def __init__(self, module: ModuleType, runtime: Runtime, domain: Domain, name: str) -> None:
        self._module = module
        self._runtime = runtime
        self._domain = domain
        self._name = name
        self._key = domain.key(name)

    def __enter__(self) -> None:
        domain, namespace = self._domain, vars(self._module)
        namespace["__builtins__"] = domain.builtins
        namespace["__name__"] = domain.tagged(self._name)
        if type(self._key) is ContextKey:
            sys.modules[self._key] = self._module
            domain.registered.add(self._name)

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        domain, contested = self._domain, type(self._key) is ContextKey
        if contested and kind is not None:
            domain.registered.discard(self._name)
            sys.modules.pop(self._key, None)
        self._runtime.entries.assign_new(domain)
        self._runtime.paths.update_finders()
        if domain.rebuilders:
            finish_rebuilders(domain, self._module)
        if contested and kind is None:
            sync_qualified(domain, self._name, self._key)
            if self._runtime.lazy is not None:
                self._runtime.lazy.set_lazy_parts(domain, self._name, self._module)


def tag_members(module: ModuleType, runtime: Runtime, domain: Domain) -> None:
    """Tag the ``__module__`` of classes and functions that was set from a literal, so that it gives their domain.

    These are those of native modules, and those that a package renames when it exports them (``numpy.set_module``).
    Their ``__module__`` becomes the tagged name; static types do not allow that and are recorded instead.
    """
    if not domain.is_contested(module.__name__):
        return
    members = list(vars(module).values())
    kinds = {kind for kind in set(map(type, members)) if issubclass(kind, _TAGGED_KINDS)}
    for value in [one for one in members if type(one) in kinds]:
        name = getattr(value, "__module__", None)  # types of nanobind may have none
        if id(name) in tags or type(name) is not str:
            continue
        tagged = domain.tagged(name)
        if tagged is name:
            continue
        try:
            value.__module__ = tagged
        except (TypeError, AttributeError):
            runtime.static_types[id(value)] = (value, domain)


_NAMES_MAY_BE_KEYS = sys.version_info < (3, 13)
"""CPython puts single-phase modules into ``sys.modules`` under the name of their spec: ideally the domain's key.
From 3.13 on, CPython aborts unless that name is an exact ``str``; then the plain entry is dropped right after."""
_TAGGED_KINDS = (type, type(len), FunctionType)


class _DomainLoader:
    """What the loaders of a domain share. ``name`` is the import system's, ``path`` the file."""

    domain: Domain
    runtime: Runtime
    name: str
    path: str

    def __init__(self, domain: Domain, runtime: Runtime, fullname: str, path: str) -> None:
        super().__init__(fullname, path)  # type: ignore[call-arg]
        self.domain = domain
        self.runtime = runtime

    def get_filename(self, fullname: str | None = None) -> str:
        """The module's file, for the qualified or the plain name."""
        return self.path

    def get_resource_reader(self, fullname: str | None = None) -> Any:
        """Resources beside the module (``importlib.resources``)."""
        from importlib.readers import FileReader

        return FileReader(self)  # type: ignore[arg-type]


class _CodeLoader(_DomainLoader):
    """A loader whose modules are Python code."""

    get_code: Callable[[str], CodeType]

    @like_importlib
    def exec_module(self, module: ModuleType) -> None:
        """Execute the module in its domain."""
        domain, name, code = self.domain, self.domain.plain(self.name), self.get_code(self.name)
        with Execution(module, self.runtime, domain, name):
            exec(code, vars(module))
        if "__path__" in vars(module):
            tag_members(module, self.runtime, domain)


class DomainSourceLoader(_CodeLoader, SourceFileLoader):  # type: ignore[misc]
    """Loads a ``.py`` file of a domain, from its cached bytecode where that is valid."""

    cached: str | None = None
    """Where the bytecode would be, if that is already known."""

    def get_code(self, fullname: str) -> CodeType:
        """The module's code; directly from bytecode that matches its source (PEP 3147), else by importlib."""
        code = _valid_bytecode(self.path, self.cached) if self.cached is not None else None
        return code if code is not None else super().get_code(fullname)


class ApplicationSourceLoader(SourceFileLoader):
    """Loads a module of the application whose name trees have too: only the application finds it."""

    def __init__(self, root: Domain, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._root = root

    @like_importlib
    def exec_module(self, module: ModuleType) -> None:
        """Execute the module under its plain name."""
        vars(module)["__name__"] = self._root.tagged(self.name)
        super().exec_module(module)


class DomainSourcelessLoader(_CodeLoader, SourcelessFileLoader):
    """Loads a ``.pyc`` file of a domain that has no source beside it."""


class DomainExtensionLoader(_DomainLoader, ExtensionFileLoader):
    """Loads an extension module of a domain.

    The module is created from a frame of the domain, with the domain's registries in place, under its plain name (PEP
    489), from which Cython and binding libraries build type names. Plain entries that its initialisation puts
    into ``sys.modules`` become the domain's.
    """

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Load the shared object; for single-phase modules this runs their whole initialisation."""
        domain, name = self.domain, self.domain.plain(self.name)
        module = self.runtime.extensions.create(domain, self.path, _own_spec(spec, domain, name, self))
        if domain.is_contested(name):
            self.runtime.entries.drop_plain(name)
        return module

    @like_importlib
    def exec_module(self, module: ModuleType) -> None:
        """Execute a multi-phase module's initialisation in its domain."""
        domain, name = self.domain, self.domain.plain(self.name)
        with Execution(module, self.runtime, domain, name):
            self.runtime.extensions.initialise(domain, _imp.exec_dynamic, module)
        tag_members(module, self.runtime, domain)


class ApplicationExtensionLoader(ExtensionFileLoader):
    """Loads an extension module of the application whose name trees have too: only the application finds it."""

    def __init__(self, runtime: Runtime, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self._runtime = runtime

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Load the shared object under its plain name."""
        module = super().create_module(_own_spec(spec, self._runtime.root, str(self.name), self))
        self._runtime.entries.drop_plain(str(self.name))
        return module

    @like_importlib
    def exec_module(self, module: ModuleType) -> None:
        """Execute a multi-phase module's initialisation under its plain name, an exact ``str`` as Cython requires."""
        vars(module)["__name__"] = self._runtime.root.tagged(str(self.name))
        super().exec_module(module)


def _own_spec(spec: ModuleSpec, domain: Domain, name: str, loader: ExtensionFileLoader) -> ModuleSpec:
    """The spec that a native module sees: with the plain ``name``, as an object that gives the ``domain``."""
    own = ModuleSpec(domain.key(name) if _NAMES_MAY_BE_KEYS else domain.tagged(name), loader, origin=loader.path)
    own.submodule_search_locations = spec.submodule_search_locations
    return own


_TIMED = MAGIC_NUMBER + bytes(4)
"""The first bytes of bytecode that is valid for a source of a certain time and size (PEP 552)."""


def _valid_bytecode(source: str, cached: str) -> CodeType | None:
    """The code in a ``.pyc`` file that has the time and size of ``source``; None leaves it to importlib."""
    try:
        state = os.stat(source)
        with io.open_code(cached) as file:
            data = file.read()
    except OSError:
        return None
    time, size = int(state.st_mtime) & 0xFFFFFFFF, state.st_size & 0xFFFFFFFF
    if data[:16] != _TIMED + time.to_bytes(4, "little") + size.to_bytes(4, "little"):
        return None
    code = marshal.loads(memoryview(data)[16:])
    if not isinstance(code, CodeType):
        return None
    fix_filename(code, source)
    return code


LOADERS: list[tuple[str, Any]] = [
    *((suffix, DomainExtensionLoader) for suffix in EXTENSION_SUFFIXES),
    *((suffix, DomainSourceLoader) for suffix in SOURCE_SUFFIXES),
    *((suffix, DomainSourcelessLoader) for suffix in BYTECODE_SUFFIXES),
]
"""The loaders by suffix, in the order in which CPython's path hook tries them."""
LOADERS_OF_PYTHON = [one for one in LOADERS if one[1] is not DomainExtensionLoader]

"""``py_modules`` and ``py_modules.<tree>`` as packages: ``from py_modules.dep_a import pandas``."""

from __future__ import annotations

import importlib
from importlib.machinery import ModuleSpec
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime
    from importshim._table import Table


class TreePackage(ModuleType):
    """A package without files; its attributes are the modules that code of its domain may import.

    Those of ``py_modules``, which is root's, are the packages of the trees.
    """

    def __getattr__(self, name: str) -> Any:
        loader: Any = self.__spec__.loader  # type: ignore[union-attr]
        if name not in self._names():
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if loader.domain is loader.runtime.table.root:
            return importlib.import_module(f"{self.__name__}.{name}")
        return loader.runtime.load(loader.domain.routes[name], name)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *self._names()})

    def _names(self) -> Iterable[str]:
        loader: Any = self.__spec__.loader  # type: ignore[union-attr]
        table: Table = loader.runtime.table
        return table.trees if loader.domain is table.root else loader.domain.routes


class SplitNamespacePackage(ModuleType):
    """A namespace package (PEP 420) of the application whose parts come from several trees."""

    def __getattr__(self, name: str) -> Any:
        loader: Any = self.__spec__.loader if self.__spec__ is not None else None
        child = f"{self.__name__}.{name}"
        provider = None if loader is None or name.startswith("__") else loader.domain.provider_of(child)
        if provider is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if provider is loader.domain:
            return importlib.import_module(child)
        return loader.runtime.load(provider, child)


class _SyntheticLoader:
    def __init__(self, domain: Domain, runtime: Runtime, kind: type[ModuleType]) -> None:
        self.domain = domain
        self.runtime = runtime
        self._kind = kind

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._kind(str(spec.name))

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to execute."""


def tree_package_spec(fullname: str, domain: Domain, runtime: Runtime) -> ModuleSpec:
    """The spec of ``py_modules``, which is root's, or of the package of one domain."""
    return _spec(fullname, _SyntheticLoader(domain, runtime, TreePackage))


def split_namespace_spec(key: str, root: Domain, runtime: Runtime) -> ModuleSpec:
    """The spec of a namespace package whose parts several trees fill; ``key`` is root's for its name."""
    return _spec(key, _SyntheticLoader(root, runtime, SplitNamespacePackage))


def _spec(name: str, loader: _SyntheticLoader) -> ModuleSpec:
    spec = ModuleSpec(name, loader, is_package=True)  # type: ignore[arg-type]
    spec.submodule_search_locations = []
    return spec

"""``py_modules`` and ``py_modules.<tree>`` as packages: ``from py_modules.dep_a import pandas``."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from importshim._domain import Domain


class TreePackage(ModuleType):
    """A package without files; its attributes are the modules that code of its domain may import."""

    def __getattr__(self, name: str) -> Any:
        domain: Domain | None = self.__spec__.loader.domain  # type: ignore[union-attr]
        served = domain.routes.get(name) if domain is not None and not name.startswith("__") else None
        if served is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return served.runtime.load(served, name)

    def __dir__(self) -> list[str]:
        domain: Domain | None = self.__spec__.loader.domain  # type: ignore[union-attr]
        return sorted({*vars(self), *(domain.routes if domain is not None else ())})


class _SyntheticLoader:
    def __init__(self, domain: Domain | None) -> None:
        self.domain = domain

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return TreePackage(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to execute."""


def tree_package_spec(fullname: str, domain: Domain | None) -> ModuleSpec:
    """The spec of ``py_modules`` (no domain) or of the package of one domain."""
    spec = ModuleSpec(fullname, _SyntheticLoader(domain), is_package=True)  # type: ignore[arg-type]
    spec.submodule_search_locations = []
    return spec

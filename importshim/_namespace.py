"""Namespace packages (PEP 420) of a domain: their portions are looked for in the domain's folders only."""

from __future__ import annotations

import sys
from importlib import _bootstrap_external as _external
from importlib.machinery import ModuleSpec
from types import ModuleType

from importshim._loaders import Execution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from importshim._finder import DomainFinder

_Loader: Any = getattr(_external, "NamespaceLoader", None) or _external._NamespaceLoader


class DomainNamespaceLoader(_Loader):  # type: ignore[misc]
    """Gives a namespace package the name and builtins of its domain."""

    def __init__(self, fullname: str, portions: list[str], finder: DomainFinder) -> None:
        def find(name: str, path: Sequence[str]) -> ModuleSpec | None:
            return finder.find_spec(name, path)

        super().__init__(fullname, portions, find)
        self.fullname = fullname
        self.domain = finder.domain
        self.runtime = finder.runtime

    def exec_module(self, module: ModuleType) -> None:
        """There is no code to run; the module gets its names and is registered."""
        name = self.domain.plain(self.fullname)
        with Execution(module, self.runtime, self.domain, name):
            pass


def namespace_spec(fullname: str, portions: list[str], finder: DomainFinder) -> ModuleSpec:
    """The spec of a namespace package with these ``portions``."""
    loader = DomainNamespaceLoader(fullname, portions, finder)
    spec = ModuleSpec(fullname, loader, is_package=True)
    spec.submodule_search_locations = loader._path if sys.version_info >= (3, 11) else portions
    return spec

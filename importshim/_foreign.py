"""Finders that a domain's own code puts on ``sys.meta_path`` (six, vendored importers, editable hooks).

They know modules by their plain name, so they can serve one domain only: they are taken off ``sys.meta_path`` and
asked, with the plain name, on behalf of the domain whose code installed them.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from importshim._loaders import prepare, settle, withdraw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from importshim._domain import Domain


class ForeignLoader:
    """Wraps a loader that knows the plain name of a module, for the import system that knows the qualified one."""

    def __init__(self, loader: Any, spec: ModuleSpec | None, domain: Domain, name: str) -> None:
        self.loader = loader
        self._spec = spec or ModuleSpec(name, loader)
        self._domain = domain
        self._name = name
        self._borrowed: ModuleSpec | None = None

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.loader, attribute)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Ask the loader for the module object, or have it load the whole module if it is an old one (PEP 302)."""
        if hasattr(self.loader, "exec_module"):
            create: Any = getattr(self.loader, "create_module", None)
            module = create(self._spec) if create is not None else None
        else:
            module = self._domain.run(self.loader.load_module, self._name)
        if module is not None and module.__name__ != self._name:
            self._borrowed = module.__spec__  # six.moves.queue is the standard library's own module
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Have the loader execute the module, with the domain's builtins and names."""
        domain, name = self._domain, self._name
        if self._borrowed is not None:
            module.__spec__ = self._borrowed
            domain.publish(name, module)
            return
        prepare(module, domain, name)
        try:
            if hasattr(self.loader, "exec_module"):
                self.loader.exec_module(module)
        except BaseException:
            withdraw(domain, name)
            raise
        settle(module, domain, name)


def ask(
    finder: Any,
    domain: Domain,
    name: str,
    fullname: str,
    path: Sequence[str] | None,
    target: ModuleType | None,
) -> ModuleSpec | None:
    """Ask ``finder`` of ``domain`` for the module of the plain name ``name``; the spec is for ``fullname``."""
    find_spec = getattr(finder, "find_spec", None)
    if find_spec is not None:
        found: ModuleSpec | None = find_spec(name, path, target)
        if found is None or name == fullname:
            return found
        loader, is_package = found.loader, found.submodule_search_locations is not None
    else:
        found, loader = None, finder.find_module(name, path)
        if loader is None:
            return None
        is_package = bool(getattr(loader, "is_package", lambda _: False)(name))
    wrapped: Any = ForeignLoader(loader, found, domain, name)
    spec = ModuleSpec(fullname, wrapped, origin=found.origin if found else None, is_package=is_package)
    if found is not None and found.submodule_search_locations is not None:
        spec.submodule_search_locations = found.submodule_search_locations
    return spec


def claim_new_finders(before: list[Any], domain: Domain) -> None:
    """Finders on ``sys.meta_path`` that were not there before ``domain``'s code ran become its own."""
    for finder in [finder for finder in sys.meta_path if not any(finder is one for one in before)]:
        sys.meta_path.remove(finder)
        domain.finder.foreign.append(finder)

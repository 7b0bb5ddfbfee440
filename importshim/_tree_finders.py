"""Finders that a domain's own code puts on ``sys.meta_path`` (six, pytest's assertion rewriting, editable hooks).

They know modules by their plain name. For the application's modules they are on ``sys.meta_path`` as usual; for a
domain's modules, only that domain's own finders are called, by the plain name.
"""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from types import ModuleType

from importshim._loaders import Execution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from importshim._attribution import Attribution
    from importshim._domain import Domain
    from importshim._runtime import Runtime


class PlainNameLoader:
    """Wraps a loader that knows the plain name of a module, for the import system that knows the qualified one."""

    def __init__(self, loader: Any, spec: ModuleSpec | None, runtime: Runtime, domain: Domain, name: str) -> None:
        self.loader = loader
        self._runtime = runtime
        self._spec = spec or ModuleSpec(name, loader)
        self._domain = domain
        self._name = name
        self._original_spec: ModuleSpec | None = None

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.loader, attribute)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Get the module object from the loader, or have it load the whole module if it has only ``load_module`` (PEP
        302)."""
        if hasattr(self.loader, "exec_module"):
            create: Any = getattr(self.loader, "create_module", None)
            module = create(self._spec) if create is not None else None
        else:
            module = self._domain.run(self.loader.load_module, self._name)
        self._runtime.entries.assign_new(self._domain)
        if module is not None and module.__name__ != self._name:
            self._original_spec = module.__spec__  # six.moves.queue is the standard library's own module
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Have the loader execute the module, with the domain's builtins and names."""
        domain, name = self._domain, self._name
        if self._original_spec is not None:
            module.__spec__ = self._original_spec
            domain.register(name, module)
            return
        with Execution(module, self._runtime, domain, name):
            if hasattr(self.loader, "exec_module"):
                self._execute(module)

    def _execute(self, module: ModuleType) -> None:
        """Show the loader the spec that its finder has made: it may rely on the name there."""
        spec, own = module.__spec__, self._spec
        own._initializing = True  # type: ignore[attr-defined]
        module.__spec__ = own
        try:
            self.loader.exec_module(module)
        finally:
            module.__spec__ = spec
            own._initializing = False  # type: ignore[attr-defined]


def spec_from(
    finder: Any, runtime: Runtime, domain: Domain, fullname: str, path: Sequence[str] | None
) -> ModuleSpec | None:
    """The spec that ``finder`` of ``domain`` finds, made one for ``fullname``, the import system's name."""
    name = domain.plain(fullname)
    found: ModuleSpec | None = None
    if hasattr(finder, "find_spec"):
        found = finder.find_spec(name, path, None)
        if found is None:
            return None
        loader, is_package = found.loader, found.submodule_search_locations is not None
    else:
        loader = finder.find_module(name, path)
        if loader is None:
            return None
        is_package = hasattr(loader, "is_package") and bool(loader.is_package(name))
    wrapped: Any = PlainNameLoader(loader, found, runtime, domain, name)
    spec = ModuleSpec(fullname, wrapped, origin=found.origin if found else None, is_package=is_package)
    if found is not None and found.submodule_search_locations is not None:
        spec.submodule_search_locations = found.submodule_search_locations
    if found is not None and found.has_location:
        spec.has_location = True
        spec.cached = found.cached
    return spec


def owner(finder: Any, attribution: Attribution) -> Domain | None:
    """The domain whose code defines ``finder``."""
    kind = finder if isinstance(finder, type) else type(finder)
    for value in vars(kind).values():
        function = getattr(value, "__func__", value)
        domain = attribution.domain_of_globals(getattr(function, "__globals__", None))
        if domain is not None:
            return domain
    return None

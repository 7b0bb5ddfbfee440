"""The owner of an object: the domain and the module of a class, function or module, or of an instance's class."""

from __future__ import annotations

from types import FunctionType, ModuleType

from importshim._keys import tagged_domain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime


def module_in_tree(runtime: Runtime, thing: Any) -> tuple[Domain, str] | None:
    """The domain and plain module name of ``thing``, or else of its class; None if it is of no tree."""
    found = defining_module(runtime, thing)
    return found if found is not None and found[0] is not runtime.root else None


def defining_module(runtime: Runtime, thing: Any) -> tuple[Domain, str] | None:
    """As ``module_in_tree``, but with root for a module of the application whose name trees have too."""
    if isinstance(thing, ModuleType):
        spec: Any = getattr(thing, "__spec__", None)
        domain = runtime.root if getattr(spec, "domain", None) is runtime.root else runtime.spec_domain(spec)
        return (domain, domain.plain(str(spec.name))) if domain is not None else None
    name = getattr(thing, "__module__", None)
    if isinstance(name, str):
        domain = tagged_domain(name) or runtime.table.sole.get(name.partition(".")[0])
        if domain is None and id(thing) in runtime.static_types:
            domain = runtime.static_types[id(thing)][1]
        if domain is None:
            domain = _domain_of_function(runtime, thing) or _domain_of_member(runtime, thing, name)
        if domain is not None:
            return domain, name
    return defining_module(runtime, type(thing)) if not isinstance(thing, type) else None


def _domain_of_function(runtime: Runtime, thing: Any) -> Domain | None:
    """The domain of a function: for Python code, its owner; for native code, that of its module.

    CPython keeps the module in ``__self__``, Cython its globals in ``__globals__``.
    """
    module, namespace = getattr(thing, "__self__", None), getattr(thing, "__globals__", None)
    function = getattr(thing, "__func__", thing)
    if isinstance(function, FunctionType):
        domain = runtime.attribution.domain_of_function(function)
        return domain if domain is not runtime.root else None
    if isinstance(module, ModuleType):
        return runtime.module_domain(module)
    return runtime.spec_domain(namespace.get("__spec__")) if isinstance(namespace, dict) else None


def _domain_of_member(runtime: Runtime, thing: Any, name: str) -> Domain | None:
    """The domain whose module of the contested ``name`` has ``thing`` under its ``__qualname__``.

    Native code makes classes for modules that it has not made; a class that no module has is of the domain of its
    bases.
    """
    qualname, top = getattr(thing, "__qualname__", None), name.partition(".")[0]
    if type(qualname) is not str or top not in runtime.table.contested:
        return None
    domains = [one for one in (runtime.root, *runtime.domains.values()) if one.is_contested(name)]
    having = (one for one in domains if _member(one.loaded(name), qualname) is thing)
    bases = (one for one in getattr(thing, "__mro__", ())[1:] if _top_of(one) == top)
    return next(having, None) or next((found[0] for one in bases if (found := defining_module(runtime, one))), None)


def _top_of(kind: type) -> str:
    """The top-level name in a class's ``__module__``."""
    return str(getattr(kind, "__module__", "")).partition(".")[0]


def _member(module: Any, qualname: str) -> Any:
    """What ``module`` has under a dotted name; None if there is nothing."""
    for part in qualname.split("."):
        module = getattr(module, part, None)
    return module

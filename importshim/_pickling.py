"""References in pickles name their tree where the plain name would be ambiguous.

A pickle names classes, functions and modules, and its reader must find them. If several trees have a name, the plain
text is ambiguous. So ``pickle`` writes such an object as a call of ``load_member``, with the tree; it writes everything
else as usual, so what has one version can be read anywhere. This applies to all subclasses of the picklers of
``pickle``: those of ``multiprocessing``, cloudpickle, joblib, dill.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from operator import attrgetter
from types import CellType, CodeType, FunctionType, ModuleType

from importshim._active import live, runtime
from importshim._class_owners import defining_module, module_in_tree
from importshim._domain import PACKAGE, run_as_application
from importshim._table import tree_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime
    from importshim._table import Table

_SMALL = 1024
"""The largest object, in bytes, that is reduced to see whether it is a singleton."""
_named_kinds: dict[type, bool] = {}
"""Whether objects of a type reduce to a name (singletons such as ``pandas.NA``)."""


def load_member(tree: str, module: str, qualname: str) -> Any:
    """The member of ``module`` that a pickle names, as code of ``tree`` finds it; "": as the application does."""
    return attrgetter(qualname)(load_module(tree, module))


def load_module(tree: str, module: str) -> Any:
    """The module that a pickle names.

    :raises ModuleNotFoundError: there is no such tree, or it has no such module
    """
    active = runtime()
    if not tree:
        return _load_own(active, module)
    domain = active.table.trees.get(tree)
    if domain is None:
        raise ModuleNotFoundError(f"a pickle names {module} of tree {tree}; {active.table.missing_tree(tree)}")
    provider = active.table.decide(domain, module).domain
    if provider is None or provider is active.root:
        provider = _adopter(active.table, tree, module)
    if provider is None:
        raise active.not_visible(domain, module)
    return active.load(provider, module)


def _load_own(active: Runtime, module: str) -> Any:
    """The application's own module of a name.

    :raises ModuleNotFoundError: it has none, or gets a tree's module by the name
    """
    found = run_as_application(importlib.import_module, (module,))
    if active.module_domain(found) is not None:
        raise ModuleNotFoundError(f"No module named {module!r} in the application itself", name=module)
    return found


def _adopter(table: Table, tree: str, module: str) -> Domain | None:
    """The domain, of those with code of ``tree``, that has adopted the name of ``module``."""
    top = module.partition(".")[0]
    return next((one for one in table.domains.values() if tree in one.trees and one.routes.get(top) is one), None)


def make_function(tree: str, parts: list[ModuleType], make: Callable[..., Any], *args: Any) -> Any:
    """A function that was pickled by value, made by ``make`` as code of ``tree``; "": its namespace shows the owner.

    :raises LookupError: there is no such tree
    """
    if not tree:
        return make(*args)
    table = runtime().table
    if tree not in table.trees:
        raise LookupError(f"a pickle has a function of tree {tree}; {table.missing_tree(tree)}")
    namespace = _namespace_in(args)
    name = namespace.get("__name__") or f"{PACKAGE}.{tree}"
    provider = table.decide(table.trees[tree], name).domain
    domain = provider if provider not in (None, table.root) else table.trees[tree]
    namespace["__builtins__"] = domain.builtins
    made = make(*args)
    made.__globals__["__name__"] = domain.always_tagged(name)
    return made


def _namespace_in(args: tuple[Any, ...]) -> dict[str, Any]:
    """The globals for a re-created function, among the arguments of what makes it."""
    return next((one for one in args if type(one) is dict), {})


def reduced_with_owner(function: FunctionType, reduced: Any, own: Any) -> Any:
    """How to re-create ``function`` so that it keeps its owner, and the modules that it uses are loaded.

    Mostly its namespace shows the owner (see ``Attribution.owner_of_namespace``).
    """
    make, args, *rest = reduced
    parts, is_bare = list(_used_submodules(function, own)), make is FunctionType
    tree = _tree_to_write(function, is_bare)
    if is_bare and live[0].attribution.domain_of_function(function) is live[0].root:
        _namespace_in(args).setdefault("__builtins__", builtins)
    return (make_function, (tree, parts, make, *args), *rest) if tree or parts else reduced


def _tree_to_write(function: FunctionType, is_bare: bool) -> str:
    """The tree of ``function``, unless its namespace shows it; "": it does, or the function is the application's.

    If ``is_bare``, the function gets the builtins of the code that reads it, and its namespace is not considered.
    """
    domain, name = live[0].attribution.domain_of_function(function), function.__globals__.get("__name__")
    is_sole = type(name) is str and live[0].table.sole.get(name.partition(".")[0]) is domain
    return "" if domain is live[0].root or (is_sole and not is_bare) else _tree(domain, name)


def _used_submodules(function: FunctionType, own: Any) -> Iterator[ModuleType]:
    """The loaded submodules, of packages that ``function`` names, that its code uses as their attributes.

    Picklers search the names in ``sys.modules`` for them, and miss those of packages that their code cannot import.
    """
    names = set(_names(function.__code__))
    cells = (cell.cell_contents for cell in function.__closure__ or () if not _is_empty(cell))
    for package in (*(function.__globals__.get(name) for name in names), *cells):
        domain, plain = (module_in_tree(live[0], package) if isinstance(package, ModuleType) else None) or (None, "")
        if domain is not None and not _is_found_by(domain, plain, own):
            yield from (sys.modules[key] for key in _parts(domain, plain, names))


def _parts(domain: Domain, package: str, names: set[str]) -> list[str]:
    """The keys of the loaded parts of ``package``, of ``domain``, whose names are all among ``names``."""
    start = f"{domain.key(package)!s}."
    own = [key for key in list(sys.modules) if getattr(key, "domain", domain) is domain]
    parts = [key for key in own if str.startswith(key, start)]
    return sorted(key for key in parts if names.issuperset(str(key)[len(start) :].split(".")))


def _is_empty(cell: CellType) -> bool:
    try:
        return cell.cell_contents is cell
    except ValueError:
        return True


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _module_reference(module: Any, own: Any) -> Any:
    """How to find ``module`` again, where its name is not enough."""
    domain, name = defining_module(live[0], module) or (None, "")
    if domain is None or (not domain.is_contested(name) and _is_found_by(domain, name, own)):
        return NotImplemented
    return load_module, (_tree(domain, name), name)


def reference(thing: Any, own: Any, *, of_modules: bool) -> Any:
    """How to find ``thing`` again, if its name is not enough. The picklers of ``pickle`` itself do not write modules.

    Libraries with their own picklers look a name up before they write it: what their code does not find, they would
    copy instead (cloudpickle).
    """
    if isinstance(thing, ModuleType):
        return _module_reference(thing, own) if of_modules else NotImplemented
    qualname = getattr(thing, "__qualname__", None)
    if type(qualname) is not str:
        qualname = _name_of(thing)
    domain, name = (defining_module(live[0], thing) if qualname else None) or (None, "")
    if domain is None or not qualname or (not domain.is_contested(name) and _is_found_by(domain, name, own)):
        return NotImplemented
    if not domain.is_contested(name) and domain.provider_of(name) in (None, live[0].root):
        return NotImplemented  # what a library has wrapped keeps the name of its module
    module = _module_with(thing, qualname, domain, name)
    return NotImplemented if module is None else (load_member, (_tree(domain, module), module, qualname))


def _tree(domain: Domain, name: object) -> str:
    """What a pickle calls ``domain`` for its module ``name``: the tree that has it; "" is the application."""
    return tree_with(live[0].table, domain, str(name)) if domain.trees else ""


def _is_found_by(domain: Domain, name: str, own: Any) -> bool:
    """Whether the code of a pickler's own ``reducer_override``, if it has one, finds the module."""
    if own is None:
        return True
    requester = live[0].attribution.domain_of_globals(getattr(own, "__globals__", None)) or live[0].root
    return live[0].table.decide(requester, name).domain is domain


def _name_of(thing: Any) -> str | None:
    """The name that ``thing`` reduces to (``object.__reduce__``); None if it does not."""
    import copyreg

    kind: Any = type(thing)
    reduce = copyreg.dispatch_table.get(kind)
    if reduce is None:
        if kind not in _named_kinds:
            _named_kinds[kind] = _is_named(thing)
        reduce = kind.__reduce__ if _named_kinds[kind] else None
    name = reduce(thing) if reduce is not None else None
    return name if isinstance(name, str) else None


def _is_named(thing: Any) -> bool:
    kind: Any = type(thing)
    if kind.__reduce__ is object.__reduce__ or kind.__reduce_ex__ is not object.__reduce_ex__:
        return False
    return (
        defining_module(live[0], kind) is not None
        and sys.getsizeof(thing) < _SMALL
        and isinstance(thing.__reduce__(), str)
    )


def _module_with(thing: Any, qualname: str, domain: Domain, name: str) -> str | None:
    """The module of ``domain`` in which ``thing`` is ``qualname``: ``name``, or any if it has no ``__qualname__``."""
    find = attrgetter(qualname)
    has_name = type(getattr(thing, "__qualname__", None)) is str
    for one in [name] if has_name else [name, *sorted(domain.registered)]:
        try:
            if find(sys.modules[domain.key(one)]) is thing:
                return one
        except (AttributeError, KeyError):  # made elsewhere, or inside a function
            continue
    return None

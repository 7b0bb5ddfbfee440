"""The ``__import__`` of a domain: what ``import`` statements in its code call (PEP 302, ``builtins.__import__``)."""

from __future__ import annotations

import builtins
import sys

from importshim._builtins import new_builtins
from importshim._domain import TRAMPOLINE
from importshim._execute import Execute
from importshim._frames import like_importlib
from importshim._importlib import LAZY_KIND
from importshim._keys import remember_data_import
from importshim._no_gil_release import by_subscript, kind_of
from importshim._table import CALLER, HAS, USUAL, provider_by_map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime

_python_import: Callable[..., Any] = builtins.__import__
_OF_NATIVE_CODE = (ImportError, ValueError, RuntimeError)
"""What native code raises if it was compiled for another version of what it imports."""
_caller = by_subscript(sys._getframe)


def prepare(runtime: Runtime, domain: Domain) -> None:
    """Make the builtins of ``domain``, whose code is about to run for the first time."""
    with runtime.preparing:
        if domain.is_prepared:
            return
        import_ = make_import(domain, runtime)
        names = new_builtins({"__import__": import_, "exec": Execute})
        runtime.attribution.add_builtins(names, domain)
        runtime.extensions.prepare(import_)
        runtime.ledger.complete_builtins(domain, names)
        domain.import_, domain.builtins = import_, names  # last: other threads may use them at once


def make_import(domain: Domain, runtime: Runtime) -> Callable[..., Any]:
    """The ``__import__`` for code of ``domain``.

    What this domain has imported before is served here from one dict and ``sys.modules``; the rest goes to the
    runtime, or to Python's own ``__import__`` for what no domain provides.
    """
    own_builtins = domain.prefix + "builtins"
    absolute_keys = {"builtins": (own_builtins, own_builtins)}  # name -> key of the module, of its top-level package
    relative_keys: dict[tuple[object, str, int], str] = {}  # package, name, level -> key of the module
    modules = sys.modules
    attribution = runtime.attribution

    @like_importlib
    def __import__(  # noqa: N807 - the name that tracebacks and callers expect
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        if fromlist.__class__ is list and attribution.native is not None and not fromlist:  # as PyImport_Import does
            key = absolute_keys[name][0] if name in absolute_keys else None
            is_own = key.__class__ is str or (
                _caller[1].f_code is TRAMPOLINE and (key is not None or _is_provided(runtime, domain, name))
            )
            native_caller = attribution.native.domain(_caller[1]) if not is_own else None
            if native_caller is not None and native_caller is not domain:
                return native_caller.import_(name, globals, locals, (), level)
        try:
            if level:
                module = modules[relative_keys[globals["__package__"], name, level]]  # type: ignore[index]
            else:
                key, top = absolute_keys[name]
                module = modules[key]
                if not fromlist:
                    return module if key is top else modules[top]
            namespace = module.__dict__
            for attribute in fromlist:  # type: ignore[union-attr]
                found = namespace[attribute]
                if LAZY_KIND is not None and kind_of[found] is LAZY_KIND:  # its target may not be loaded
                    raise KeyError(attribute)  # noqa: TRY301 - the fast path ends here
        except (KeyError, AttributeError, TypeError):
            pass  # errors below must not be chained to this one
        else:
            return module
        try:
            if level:
                return _relative(domain, runtime, relative_keys, name, globals, locals, fromlist, level)
            return _import_new(domain, runtime, absolute_keys, name, globals, locals, fromlist)
        except BaseException as error:
            _improve(error, runtime, domain, globals)
            raise

    attribution.import_codes = (_import_new.__code__, _relative.__code__)
    return __import__


def _is_provided(runtime: Runtime, domain: Domain, name: str) -> bool:
    """Whether the map says what ``name`` is for ``domain``: then it is the same for what its native code calls."""
    top = name.partition(".")[0]
    return top in domain.routes or runtime.adoption.is_standard_for_all(top)


def _improve(error: BaseException, runtime: Runtime, domain: Domain, globals: Mapping[str, object] | None) -> None:
    from importshim._traceback import trim

    trim(error)
    if type(error) in _OF_NATIVE_CODE and globals is not None:
        from importshim._compiled import explain_incompatibility

        explain_incompatibility(error, runtime.table, domain, domain.plain(str(globals.get("__name__"))))


@like_importlib
def _import_new(
    domain: Domain,
    runtime: Runtime,
    absolute_keys: dict[str, tuple[str, str]],
    name: str,
    globals: Mapping[str, object] | None,
    locals: Mapping[str, object] | None,
    fromlist: Sequence[str] | None,
) -> Any:
    top = name.partition(".")[0]
    provider, rule = runtime.adoption.certain_provider(domain, name, top), HAS
    if provider is None:
        by_c = type(fromlist) is list and not fromlist  # as PyImport_Import does
        decision = runtime.decide(domain, name, sys._getframe(2), by_c=by_c)
        provider, rule = decision.domain, decision.rule
    if provider is None:
        raise runtime.not_visible(domain, name)
    if provider is runtime.table.root:
        found = _python_import(name, globals, locals, fromlist, 0)
        if _is_complete(sys.modules.get(name)):
            absolute_keys[name] = (name, top)
        return found
    module = runtime.load(provider, name)
    if rule == USUAL:  # C has read the name, and looks into sys.modules next
        remember_data_import(sys._getframe(2), top)
    elif rule != CALLER and _is_complete(module):
        absolute_keys[name] = (provider.key(name), provider.key(top))
    if fromlist:
        return _with_attributes(runtime, provider, module, name, fromlist)
    return module if name == top else runtime.load(provider, top)


def _is_complete(module: Any) -> bool:
    """Whether a module is fully loaded: only then it may be cached, because no thread has to wait for it."""
    spec = getattr(module, "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


@like_importlib
def _with_attributes(runtime: Runtime, domain: Domain, module: Any, name: str, fromlist: Sequence[str]) -> Any:
    if hasattr(module, "__path__"):
        return runtime.with_attributes(domain, module, name, fromlist)
    return module


@like_importlib
def _relative(
    domain: Domain,
    runtime: Runtime,
    relative_keys: dict[tuple[object, str, int], str],
    name: str,
    globals: Mapping[str, object] | None,
    locals: Mapping[str, object] | None,
    fromlist: Sequence[str] | None,
    level: int,
) -> Any:
    package = globals.get("__package__") if globals is not None else None
    if not isinstance(package, str) or not package or not fromlist:
        return _python_import(name, globals, locals, fromlist, level)
    base = package.rsplit(".", level - 1) if level > 1 else [package]
    absolute = f"{base[0]}.{name}" if name else base[0]
    provider = provider_by_map(runtime.table, domain, absolute) if len(base) == level else None
    if provider is None or provider is runtime.table.root:
        return _python_import(name, globals, locals, fromlist, level)
    module = runtime.load(provider, absolute)
    if _is_complete(module):
        relative_keys[package, name, level] = provider.key(absolute)
    return _with_attributes(runtime, provider, module, absolute, fromlist)

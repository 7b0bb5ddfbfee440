"""Lazy imports (PEP 810, CPython from 3.15 on): each is for the code that has the statement.

How it works. A ``lazy`` statement makes an object that imports when it is first used, in whatever frame that is, with
the ``__import__`` of the builtins that it was made with. In a domain this is the domain's, which does not look at
frames; for the application, our own ``__lazy_import__`` provides one.

``lazy import lib.part`` binds ``lib``, and CPython records the pending ``lib.part`` for all modules of that plain name.
So contested names are recorded per domain: the package gets a lazy object under the name of its part as soon as it is
loaded, as in CPython. The same goes for ``lazy from lib import part``, if that is a module: CPython looks for one when
a package lacks such an attribute, but does not say which package it is.
"""

from __future__ import annotations

import builtins
import sys
import types

from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import CodeType, FunctionType
    from typing import Any

    from importshim._domain import Domain
    from importshim._finder import DomainFinder
    from importshim._table import Table

    _Parts = dict[Domain, dict[str, set[str]]]

KIND: Any = getattr(types, "LazyImportType", None)
"""The type of the object that stands for a module, or an attribute of one, until it is used."""
_NAME = "__lazy_import__"
_MODULE_GLOBALS = ("__name__", "__package__", "__path__", "__spec__")
"""The globals of a module that relative names start from, and that filters see."""
_python_lazy_import: Any = vars(builtins).get(_NAME)
_import = builtins.__import__


class LazyImports(Patch):
    """The lazy imports of all domains of a ``table``, whose modules the ``finders`` find."""

    def __init__(self, table: Table, finders: Mapping[Domain, DomainFinder]) -> None:
        super().__init__()
        self._table = table
        self._finders = finders
        self._parts: _Parts = {}
        self._possible_parts: _Parts = {}
        self._builtins: dict[Domain, dict[str, Any]] = {}
        self._code: list[CodeType] = []

    def apply(self, module: Any) -> None:
        """From now on, bind lazy imports to the domain that has the statement."""
        root = self._table.root
        self._builtins = {root: self._identifying_builtins(root, _import)}
        self._builtins[root]["__import__"] = _with_builtins(_import_for_application, self._builtins[root])
        for domain in [one for one in self._table.domains.values() if one.is_prepared]:
            self.complete_builtins(domain, domain.builtins)
        vars(builtins)[_NAME] = self._lazy_import_of(root)

    def complete_builtins(self, domain: Domain, names: dict[str, Any]) -> None:
        """Bind the lazy imports of ``domain``."""
        self._builtins[domain] = self._identifying_builtins(domain, names["__import__"])
        names[_NAME] = self._lazy_import_of(domain)

    def undo(self) -> None:
        """Leave it to CPython again."""
        vars(builtins)[_NAME] = _python_lazy_import

    def _identifying_builtins(self, domain: Domain, import_: Callable[..., Any]) -> dict[str, Any]:
        """Builtins that identify ``domain``, with CPython's own ``__lazy_import__``."""
        made = {**vars(builtins), "__import__": import_, _NAME: _python_lazy_import}
        self._table.root.attribution.add_builtins(made, domain)
        return made

    def _lazy_import_of(self, domain: Domain) -> Callable[..., Any]:
        def __lazy_import__(  # noqa: N807 - the name that tracebacks show
            name: str,
            globals: Mapping[str, object] | None = None,
            locals: Mapping[str, object] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            if _is_ours(globals):
                return _import(name, globals, locals, fromlist, level)
            frame = sys._getframe(1)
            attribution = self._table.root.attribution
            # What the user of an interactive program types has builtins of a domain, and is the application's.
            requester = attribution.frame_domain(frame) if attribution.first_opaque_frame(frame) is frame else domain
            made = self._made(requester, frame, (name, globals, fromlist, level))
            absolute = _absolute(name, globals, level)
            if absolute and type(made) is KIND:
                self._record(requester, absolute, fromlist or ())
            return made

        return __lazy_import__

    def _made(self, domain: Domain, frame: types.FrameType, arguments: tuple[Any, ...]) -> Any:
        """The lazy object as CPython makes it: builtins from its globals, the place in errors from a module's frame."""
        if not self._code:
            self._code.append(compile(f"made = {_NAME}(name, globals(), None, fromlist, level)", "", "exec"))
        code = self._code[0].replace(co_filename=frame.f_code.co_filename, co_firstlineno=frame.f_lineno or 1)
        name, namespace, fromlist, level = arguments
        space = {key: namespace[key] for key in _MODULE_GLOBALS if namespace is not None and key in namespace}
        space.update(name=name, fromlist=fromlist, level=level, __builtins__=self._builtins[domain])
        exec(code, space)
        return space["made"]

    # Parts of packages

    def _record(self, requester: Domain, name: str, fromlist: Iterable[str]) -> None:
        if fromlist:
            self._remember(self._possible_parts, requester, name, fromlist)
        while "." in name:
            name, _, part = name.rpartition(".")
            self._remember(self._parts, requester, name, [part])

    def _remember(self, parts: _Parts, requester: Domain, package: str, names: Iterable[str]) -> None:
        decision = self._table.decide(requester, package)
        domain, plain = decision.domain, decision.plain
        if domain is None or domain is self._table.root or not (domain.is_contested(plain) or plain != package):
            return  # CPython's own record is enough
        parts.setdefault(domain, {}).setdefault(plain, set()).update(names)
        module: Any = domain.loaded(plain)
        if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
            self.set_lazy_parts(domain, plain, module)

    def set_lazy_parts(self, domain: Domain, name: str, package: types.ModuleType) -> None:
        """Give the loaded ``package``, called ``name`` in ``domain``, its pending parts as lazy attributes."""
        parts, perhaps = (known.get(domain, {}).pop(name, set()) for known in (self._parts, self._possible_parts))
        namespace = vars(package)
        for part in parts | perhaps if "__path__" in namespace else ():
            if part in namespace or not part.isidentifier():
                continue
            if part in parts or self._is_module(domain, f"{name}.{part}", namespace["__path__"]):
                namespace[part] = self._part(domain, name, part)

    def _is_module(self, domain: Domain, name: str, path: Sequence[str]) -> bool:
        return self._finders[domain].find_spec(domain.qualified(name), path) is not None

    def _part(self, domain: Domain, package: str, part: str) -> Any:
        space = {"__builtins__": self._builtins[domain], "__name__": package}
        exec(f"lazy from {package} import {part} as made", space)
        return space["made"]


def _is_ours(namespace: Mapping[str, object] | None) -> bool:
    """Whether code of importshim imports: it must never do so lazily, whatever Python's setting."""
    return namespace is not None and namespace.get("__package__") == __package__


def _absolute(name: str, namespace: Mapping[str, object] | None, level: int) -> str:
    """The absolute form of a name; "" if it has none."""
    package = namespace.get("__package__") if namespace is not None else None
    if not level:
        return name
    if not isinstance(package, str) or package.count(".") < level - 1:
        return ""
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base


def _import_for_application(
    name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
) -> Any:
    return _import(name, globals, locals, fromlist, level)


def _with_builtins(function: Any, names: dict[str, Any]) -> FunctionType:
    """A copy of ``function`` whose frames have these builtins, by which they are attributed."""
    space = {"__builtins__": names, "__name__": function.__module__, "_import": _import}
    return types.FunctionType(function.__code__, space, "__import__", function.__defaults__)

"""The module ``builtins`` while a runtime is live: attributes set on it reach the code of every domain.

Code of a domain has a copy of Python's builtins, and its own ``builtins`` module, because libraries keep private names
there. Some (shiboken) replace ``__import__`` and call the one that was there: two versions would call each other
forever. So names with two underscores are per domain; all others are the same for all code.

If the ``__builtins__`` of some globals is a module, CPython takes its real dict, whatever its class defines. Code that
puts it there makes a namespace: for what its user types, which is then called ``__main__``, or for code of its own. So
the real dict of a domain's ``builtins`` is a third one. It marks these namespaces, and its ``__import__`` finds out
which of the two it is.
"""

from __future__ import annotations

import builtins
import sys

from importshim._classes import ModuleType
from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, SupportsIndex

    from importshim._domain import Domain

_python_builtins: dict[str, Any] = vars(builtins)
_import = builtins.__import__
_real_dict: Callable[[ModuleType], dict[str, Any]] = vars(ModuleType)["__dict__"].__get__
_shown: list[_ModuleNames] = []
"""The one view of Python's own builtins, while a runtime is live."""
_copies: list[dict[str, Any]] = []
"""The dicts, besides the module's own, that get what is set on the module."""
_template: dict[str, Any] = {}
"""While a runtime is live, what a domain that is prepared now has in common with those that were at the start."""


class BuiltinsPatch(Patch):
    """Makes what is set on ``builtins`` reach ``domains``, and gives each the module that its code finds."""

    def __init__(self, domains: Mapping[str, Domain]) -> None:
        super().__init__()
        self._domains = domains

    def apply(self, module: Any) -> None:
        """Make ``builtins`` a ``SharedBuiltins``, and the modules of the domains."""
        _shown[:] = [_ModuleNames(builtins, _python_builtins)]
        _template.update(_python_builtins)
        _copies[:] = [_shown[0], _template]
        builtins.__class__ = SharedBuiltins
        for domain in [domain for domain in self._domains.values() if domain.is_prepared]:
            self.complete_builtins(domain, domain.builtins)

    def complete_builtins(self, domain: Domain, names: dict[str, Any]) -> None:
        """Make the module that code of ``domain`` finds."""
        _copies.append(names)
        sys.modules[domain.prefix + "builtins"] = DomainBuiltins(domain, names)

    def undo(self) -> None:
        """Make ``builtins`` a plain module again."""
        builtins.__class__ = ModuleType
        _template.clear()


def new_builtins(own: Mapping[str, object]) -> dict[str, Any]:
    """Builtins for a domain: all of Python's, and what is its own."""
    return {**(_template or _python_builtins), **own}


def is_program(namespace: Mapping[str, object]) -> bool:
    """Whether globals are those of a program, or of what is typed into an interactive one."""
    return namespace.get("__name__") == "__main__"


def is_domain_builtins(names: object) -> bool:
    """Whether ``names``, the builtins of some globals, are what code of a domain finds as ``builtins``."""
    return type(names) is DomainBuiltins or (type(names) is _ModuleNames and type(names.module) is DomainBuiltins)


class SharedBuiltins(ModuleType):
    """Python's own module: every domain gets what the application and the standard library set on it."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Callable[..., Any], tuple[object, str]]:
        """Pickled as ``len.__self__``: that is this module for any reader, also without importshim."""
        return getattr, (len, "__self__")

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return _shown[0]

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name not in ("__import__", "__class__"):
            for names in _copies:
                dict.__setitem__(names, name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        for names in _copies:
            dict.pop(names, name, None)


class DomainBuiltins(ModuleType):
    """The module that code of ``domain`` gets by ``import builtins``."""

    __slots__ = ("_domain", "_view")
    _domain: Domain
    _view: _ModuleNames

    def __init__(self, domain: Domain, names: dict[str, Any]) -> None:
        super().__init__("builtins")
        made = _real_dict(self)
        made.update(names)
        view = _ModuleNames(self, made)
        made["__import__"] = _OwnerImport(domain)
        _domain.__set__(self, domain)
        _view.__set__(self, view)
        _copies.extend((made, view))
        for one in (made, view, self):
            domain.attribution.add_builtins_module(one, domain)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Callable[..., Any], tuple[str]]:
        """Pickled and copied by name: it becomes the module that the reader's ``import builtins`` gives."""
        from importlib import import_module

        return import_module, ("builtins",)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return self._view

    @property
    def __import__(self) -> Any:
        return self._domain.builtins["__import__"]

    def __setattr__(self, name: str, value: object) -> None:
        if not _is_private(name):
            setattr(builtins, name, value)
            return
        for names in self._private(name):
            dict.__setitem__(names, name, value)

    def __delattr__(self, name: str) -> None:
        if not _is_private(name):
            delattr(builtins, name)
            return
        if name not in self._domain.builtins:
            raise AttributeError(f"module 'builtins' has no attribute {name!r}")
        for names in self._private(name):
            dict.pop(names, name, None)

    def _private(self, name: str) -> tuple[dict[str, Any], ...]:
        """The dicts for a name with two underscores: the application may look for it, other domains have their own."""
        own = (self._domain.builtins, self._view)
        return own if name == "__import__" else (*own, _real_dict(self), _python_builtins)


_domain: Any = vars(DomainBuiltins)["_domain"]
_view: Any = vars(DomainBuiltins)["_view"]


class _OwnerImport:
    """The ``__import__`` of a namespace that was made with a domain's ``builtins``.

    ``__call__`` is a property, so that the importing frame decides whose import it is, with no frame of ours between.
    """

    __slots__ = ("_domain",)
    __name__ = "__import__"

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    @property
    def __call__(self) -> Callable[..., Any]:
        attribution = self._domain.attribution
        owner = attribution.owner_of_namespace(sys._getframe(1).f_globals, self._domain)
        return owner.import_ if owner is not attribution.root else _import


class _ModuleNames(dict[str, "Any"]):
    """The result of ``vars(module)``: its current names; what is written to it is set on the module."""

    __slots__ = ("module",)

    def __init__(self, module: ModuleType, names: Mapping[str, Any]) -> None:
        super().__init__(names)
        self.module = module

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        setattr(self.module, name, value)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        delattr(self.module, name)

    def __ior__(self, names: Any) -> Any:  # type: ignore[misc]  # any mapping, as update
        self.update(names)
        return self

    def setdefault(self, name: str, value: Any = None) -> Any:
        """As ``dict.setdefault``."""
        if name not in self:
            self[name] = value
        return self[name]

    def pop(self, name: str, *default: Any) -> Any:
        """As ``dict.pop``."""
        found = super().pop(name, *default)
        if hasattr(self.module, name):
            delattr(self.module, name)
        return found

    def update(self, *names: Any, **more: Any) -> None:
        """As ``dict.update``."""
        for name, value in dict(*names, **more).items():
            self[name] = value


def _is_private(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")

"""The module ``builtins`` while a runtime is live: what is set on it reaches the code of every domain.

Code of a domain has a copy of Python's builtins, and its own ``builtins`` module, for the names that libraries keep
there for themselves. Some replace ``__import__`` (shiboken) and call the one they found there: two versions would call
each other for ever. So names with two underscores are the domain's own; all others are everybody's.
"""

from __future__ import annotations

import builtins
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime

_everybodys = vars(builtins)


class SharedBuiltins(ModuleType):
    """The module itself: what the application and the standard library set on it, every domain gets."""

    runtime: Runtime

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name not in ("__import__", "__class__"):
            for domain in self.runtime.domains.values():
                domain.builtins[name] = value

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        for domain in self.runtime.domains.values():
            domain.builtins.pop(name, None)


class DomainBuiltins(ModuleType):
    """What code of ``domain`` gets by ``import builtins``."""

    __slots__ = ("_own",)

    def __init__(self, domain: Domain) -> None:
        _put_own(self, domain.builtins)

    def __getattribute__(self, name: str) -> Any:
        if _is_private(name):
            own = _get_own(self)
            if name in own:
                return own[name]
            if name == "__dict__":
                return _Names(self, own)
        return getattr(builtins, name)

    def __setattr__(self, name: str, value: object) -> None:
        if not _is_private(name):
            setattr(builtins, name, value)
            return
        _get_own(self)[name] = value
        if name != "__import__":
            _everybodys[name] = value  # the application may look for it, other domains have their own

    def __delattr__(self, name: str) -> None:
        if not _is_private(name):
            delattr(builtins, name)
            return
        if _get_own(self).pop(name, self) is self:
            raise AttributeError(f"module 'builtins' has no attribute {name!r}")
        if name != "__import__":
            _everybodys.pop(name, None)


class _Names(dict[str, "Any"]):
    """What ``vars`` of a domain's ``builtins`` holds right now; what is written to it is set on the module."""

    def __init__(self, module: DomainBuiltins, own: dict[str, Any]) -> None:
        super().__init__({**_everybodys, **{name: value for name, value in own.items() if _is_private(name)}})
        self._module = module

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        setattr(self._module, name, value)

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        delattr(self._module, name)

    def setdefault(self, name: str, value: Any = None) -> Any:
        """As ``dict.setdefault``."""
        if name not in self:
            self[name] = value
        return self[name]

    def pop(self, name: str, *default: Any) -> Any:
        """As ``dict.pop``."""
        if name in self:
            delattr(self._module, name)
        return super().pop(name, *default)

    def update(self, *names: Any, **more: Any) -> None:
        """As ``dict.update``."""
        for name, value in dict(*names, **more).items():
            self[name] = value


_get_own = DomainBuiltins._own.__get__  # type: ignore[attr-defined]
_put_own = DomainBuiltins._own.__set__  # type: ignore[attr-defined]


def _is_private(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")

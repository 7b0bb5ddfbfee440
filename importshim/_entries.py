"""Entries that code of a domain puts into ``sys.modules`` by plain name become that domain's own.

Libraries register modules they have made (``sys.modules["lib.moves"] = ...``), and some replace one of the standard
library (setuptools: distutils). After each module of a domain has run, the entries added since the last time are
examined. A sentinel, moved to the end each time, shows which are new: a count would not, because other threads add and
remove entries at the same time.
"""

from __future__ import annotations

import sys

from importshim._classes import ModuleType
from importshim._domain import PACKAGE, Domain
from importshim._keys import ContextKey, HiddenKey, tagged_domain
from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, SupportsIndex

    from importshim._attribution import Attribution
    from importshim._table import Table


_PROGRAMS = ("__main__", "__mp_main__")
_QUALIFIED = PACKAGE + "."


class _Sentinel(str):
    """A key that equals nothing but itself."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return other is self

    def __ne__(self, other: object) -> bool:
        return other is not self

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


class _PlainKey(str):
    """Finds the entry of a plain key in a dict, past contextual keys of the same text."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return type(other) is str and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other


class Entries(Patch):
    """Watches the entries of ``sys.modules``; calls ``adopt`` (see ``_adoption``) for names that code registers."""

    def __init__(self, table: Table, attribution: Attribution, adopt: Callable[[Domain, str], None]) -> None:
        super().__init__()
        self._table = table
        self._attribution = attribution
        self._adopt = adopt
        self._sentinel = _Sentinel("importshim.watched")
        self._unused: list[_Sentinel] = []
        self._count = 0
        self._application_modules: dict[str, Any] = {}

    def apply(self, module: Any) -> None:
        """Watch from now on."""
        sys.modules[self._sentinel] = sys.modules["importshim"]

    def undo(self) -> None:
        """Stop watching, and forget every module of a tree."""
        sys.modules.pop(self._sentinel, None)
        known = (PACKAGE, *self._table.sole, *self._table.aliases)
        for key in list(sys.modules):
            if isinstance(key, ContextKey) or str(key).partition(".")[0] in known:
                del sys.modules[key]
        sys.modules.update(self._application_modules)

    def is_foreign(self, name: str) -> bool:
        """Whether the entry of the plain key ``name`` is a module that no domain has loaded."""
        module = sys.modules.get(_PlainKey(name))
        loader = _own(module, "__loader__")
        return module is not None and _owner(name, module) is None and not hasattr(loader, "domain")

    def give_to_application(self, top: str) -> None:
        """Move all plain entries of the contested ``top``, and of its parts, to keys of the application."""
        root = self._table.root
        for key in [key for key in list(sys.modules) if type(key) is str and key.partition(".")[0] == top]:
            module = sys.modules.pop(_PlainKey(key))
            sys.modules[root.key(key)] = self._application_modules[key] = module

    def assign_new(self, executing: Domain) -> None:
        """Assign new entries to their owners; those that show none to ``executing``, whose code has just run."""
        if self._table.has_one_world:
            return
        last = self._move_sentinel()
        for key in _since(last):
            self._assign(executing, key)
        self._remove(last)

    def _move_sentinel(self) -> _Sentinel:
        """Move the sentinel to the end; return the previous one."""
        last = self._sentinel
        self._sentinel = sentinel = self._unused_sentinel()
        sys.modules[sentinel] = sys.modules["importshim"]
        return last

    def _unused_sentinel(self) -> _Sentinel:
        """One that is not in ``sys.modules``."""
        try:
            return self._unused.pop()
        except IndexError:
            self._count += 1
            return _Sentinel(f"importshim.watched.{self._count}")  # of equal names, each would be compared

    def _remove(self, sentinel: _Sentinel) -> None:
        if sys.modules.pop(sentinel, None) is not None:
            self._unused.append(sentinel)

    def domains_added(self) -> None:
        """Leave current entries as they are: they are assigned, or the only world's so far, under plain names."""
        self._remove(self._move_sentinel())

    def expose(self, top: str) -> None:
        """Move what was hidden to plain keys, which all code finds."""
        for key in [key for key in list(sys.modules) if type(key) is HiddenKey and key.top == top]:
            sys.modules[key.text] = sys.modules.pop(key)

    def _assign(self, executing: Domain, key: str) -> None:
        table, top = self._table, key.partition(".")[0]
        if top in table.sole or top in table.aliases:
            return
        module = sys.modules.get(_PlainKey(key))
        if top not in table.contested or top in sys.stdlib_module_names:
            creator = self.creator(executing, key)
            if creator is None:
                return
            self._adopt(creator, top)
        owner = _owner(key, module) or self._likely_owner(executing, key)
        if owner.is_contested(key) and owner is not table.root:
            sys.modules.pop(_PlainKey(key), None)
            self.put(owner, key, module)

    def creator(self, executing: Domain, name: str) -> Domain | None:
        """The domain that has made a module of a name that nobody provides, or in place of the standard library's."""
        module = sys.modules.get(_PlainKey(name))
        place, top = _own(module, "__file__"), name.partition(".")[0]
        if isinstance(place, str) and self._table.file_owners.owner(place) is executing:
            return executing
        if top in sys.stdlib_module_names or top in _PROGRAMS:
            return None
        return self._attribution.domain_of_globals({"__builtins__": _own(module, "__builtins__")})

    def is_plain(self, name: str) -> bool:
        """Whether there is an entry of the plain key ``name``."""
        return _PlainKey(name) in sys.modules

    def claim(self, domain: Domain, name: str) -> Any:
        """The module that code of ``domain``, still running, has just put under ``name``; None if there is none."""
        module = sys.modules.get(_PlainKey(name))
        if module is None or (_owner(name, module) or self._likely_owner(domain, name)) is not domain:
            return None
        sys.modules.pop(_PlainKey(name), None)
        self.put(domain, name, module)
        return module

    def drop_plain(self, name: str) -> None:
        """Forget the entry of the plain key ``name``, if there is one."""
        sys.modules.pop(_PlainKey(name), None)

    def _likely_owner(self, executing: Domain, name: str) -> Domain:
        """The likely owner of an entry that shows none: the domain in which its parent is loaded."""
        parent = name.rpartition(".")[0]
        if not parent or executing.loaded(parent) is not None:
            return executing
        domains = self._table.domains.values()
        others = (one for one in domains if one.is_contested(name) and one.loaded(parent) is not None)
        return next(others, executing)

    def put(self, domain: Domain, name: str, module: Any) -> None:
        """Make ``module`` the module of the plain, contested name ``name`` in ``domain``."""
        domain.register(name, module)
        sys.modules[domain.qualified(name)] = module
        if isinstance(module, ModuleType) and vars(module).get("__name__") == name:
            vars(module)["__name__"] = domain.tagged(name)


def _since(last: _Sentinel) -> list[str]:
    """The plain keys that are newer than ``last``, without qualified names."""
    while True:
        found: list[str] = []
        try:
            for key in reversed(sys.modules):
                if type(key) is str:
                    if not key.startswith(_QUALIFIED):
                        found.append(key)
                elif key is last:
                    break
        except RuntimeError:  # another thread has added one
            continue
        return found


def _owner(key: str, module: Any) -> Domain | None:
    """The domain that the entry itself shows, by its names or its spec."""
    name = _own(module, "__name__")
    for found in (
        tagged_domain(key),
        getattr(_own(module, "__spec__"), "domain", None),
        tagged_domain(name) if isinstance(name, str) else None,
        tagged_domain(type(module).__module__),
    ):
        if isinstance(found, Domain):
            return found
    return None


def _own(module: Any, attribute: str) -> Any:
    """The attribute in the object's own dict; ``getattr`` on a lazy module would load it."""
    try:
        namespace = object.__getattribute__(module, "__dict__")
    except AttributeError:
        return None
    return namespace.get(attribute)

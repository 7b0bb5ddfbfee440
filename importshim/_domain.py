"""A domain: a run-time namespace, with the builtins that mark its code and the names it serves.

Each world (the trees that are one environment) has one of its own, and what several share is in domains of theirs.
"""

from __future__ import annotations

import builtins
import sys
from types import FunctionType, ModuleType

from importshim._execute import Execute
from importshim._keys import ContextKey, HiddenKey, make_key, tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from importshim._finder import DomainFinder
    from importshim._runtime import Runtime

_MOST_NAMED = 3
PACKAGE = "py_modules"
"""The synthetic package under which every domain can be imported from: ``from py_modules.dep_a import pandas``."""


class Domain:
    """One run-time namespace; the application's is *root*, which has no folders of its own.

    ``trees``: the trees that it serves; ``is_world``: these are one environment, else several of them share it.
    ``routes``: top-level import name to the domain that serves it to code of this domain. ``spaces``: dotted names to
    domains, for namespace packages (PEP 420) that several domains fill. ``peers``: those of either that its trees have
    not got, and the application asks for. ``contested``: names of this domain that others provide too; its modules of
    those names are *qualified* (``py_modules.dep_a.pandas``) for the import system. ``hidden``: names that no one else
    provides and the application may not import. ``distributions``: name, version, import names, and the folder.
    """

    def __init__(self, name: str, trees: tuple[str, ...], paths: tuple[str, ...], runtime: Runtime) -> None:
        self.name = name
        self.trees = trees
        self.is_world = False
        self.paths = paths
        self.runtime = runtime
        self.prefix = f"{PACKAGE}.{name}."
        self.routes: dict[str, Domain] = {}
        self.spaces: dict[str, Domain] = {}
        self.peers: frozenset[str] = frozenset()
        self.contested: frozenset[str] = frozenset()
        self.hidden: frozenset[str] = frozenset()
        self.distributions: tuple[tuple[str, str, tuple[str, ...], str], ...] = ()
        self.builtins: dict[str, Any] = {}
        self.finder: DomainFinder
        self.published: set[str] = set()
        self._keys: dict[str, ContextKey] = {}
        self._tags: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"<domain {self.name}>"

    @property
    def label(self) -> str:
        """How messages call it: ``tree a``, or ``trees a, b``, the first of many by name."""
        return f"{'tree' if len(self.trees) == 1 else 'trees'} {listed(self.trees)}"

    def is_shared_by(self, other: Domain) -> bool:
        """Whether this domain serves all trees that ``other`` serves, and more."""
        return set(other.trees) < set(self.trees)

    def let_import(self, names: Mapping[str, Domain]) -> None:
        """Let code of this domain import ``names``; dotted ones are parts of namespace packages."""
        self.routes = {name: served for name, served in names.items() if "." not in name}
        self.spaces = {name: served for name, served in names.items() if "." in name}

    def providers(self) -> Iterator[tuple[str, Domain]]:
        """The top-level names that code of this domain may import, with who has them, or a part of them.

        A namespace that several domains fill is each one's own who imports from it.
        """
        yield from self.routes.items()
        for name, served in self.spaces.items():
            yield from ((name.partition(".")[0], one) for one in (self, served))

    def serving(self, name: str) -> Domain | None:
        """The domain that serves the module ``name`` to code of this domain, None if none does.

        Namespace packages whose parts come from several domains are its own.
        """
        if self.spaces:
            for space, served in self.spaces.items():
                if name == space or name.startswith(space + "."):
                    return served
                if space.startswith(name + "."):
                    return self
        return self.routes.get(name.partition(".")[0])

    def is_contested(self, name: str) -> bool:
        """Whether modules called ``name`` here are qualified."""
        return name.partition(".")[0] in self.contested

    def qualified(self, name: str) -> str:
        """What the import system calls this domain's module ``name``."""
        return self.prefix + name if self.is_contested(name) else name

    def plain(self, fullname: str) -> str:
        """What libraries call the module that the import system calls ``fullname``."""
        return fullname[len(self.prefix) :] if fullname.startswith(self.prefix) else fullname

    def key(self, name: str) -> str:
        """The object under which ``sys.modules`` holds this domain's module of the plain name ``name``."""
        found = self._keys.get(name)
        if found is not None:
            return found
        if self.is_contested(name):
            return self._keys.setdefault(name, make_key(ContextKey, name, self))
        if name in self.hidden:
            return self._keys.setdefault(name, make_key(HiddenKey, name, self))
        return name

    def show(self, top: str) -> None:
        """From now on, the hidden name ``top`` is contested."""
        self.hidden -= {top}
        self.contested |= {top}
        for name in [name for name in self._keys if name.partition(".")[0] == top]:
            del self._keys[name]

    def tagged(self, name: str) -> str:
        """The plain name as the one ``str`` object that tells this domain; plain for names that are not contested."""
        found = self._tags.get(name)
        if found is not None:
            return found
        return self._tags.setdefault(name, tag(name, self)) if self.is_contested(name) else name

    def publish(self, name: str, module: object) -> None:
        """Make ``module`` what code of this domain finds under the plain name ``name``."""
        sys.modules[self.key(name)] = module  # type: ignore[assignment]
        self.published.add(name)

    def loaded(self, name: str) -> ModuleType | None:
        """The module that code of this domain finds under the plain name ``name`` right now."""
        return sys.modules.get(self.key(name))

    def run(self, function: Callable[..., Any], *args: object) -> Any:
        """Call ``function`` from a frame of this domain.

        Native code that asks for the running frame's builtins or globals then finds this domain's.
        """
        trampoline = FunctionType(TRAMPOLINE, {"__builtins__": self.builtins, "__name__": self.name})
        return trampoline(function, args)

    def start(self, line: str, folder: str, file: str) -> None:
        """Execute a line of a ``.pth`` file of this domain, as ``site`` does for a plain environment's."""
        try:
            exec(line, {"__builtins__": self.builtins, "__name__": file, "sitedir": folder})
        except Exception as error:  # site goes on as well: one bad line must not keep Python from starting
            sys.stderr.write(f"importshim: {file} of {self.label} failed: {error!r}\n")

    def fill_builtins(self, import_: Callable[..., Any]) -> None:
        """Make the builtins of this domain: all that Python has, with an ``__import__`` that routes for it."""
        self.builtins.update(vars(builtins))
        self.import_ = self.builtins["__import__"] = import_
        self.builtins["exec"] = Execute

    def provided(self) -> list[str]:
        """The top-level names that are this domain's own."""
        return [name for name, served in self.routes.items() if served is self]

    def visible_distributions(self) -> list[str]:
        """The names of all distributions that every tree of this domain has from the same domain."""
        domains = (one for one in self.runtime.domains.values() if one is self or one.is_shared_by(self))
        return [item[0] for one in domains for item in one.distributions]

    def served_distributions(self, names: Iterable[str], user: Domain) -> list[str]:
        """The names of this domain's distributions of which ``user`` gets one of the import ``names``."""
        tops = {name.partition(".")[0] for name in names if user.serving(name) is self}
        return [item[0] for item in self.distributions if tops.intersection(item[2])]

    def owner_of(self, name: str) -> tuple[str, str] | None:
        """(distribution, version) that provides the top-level name of ``name`` here."""
        found = self._item_of(name)
        return found[:2] if found is not None else None

    def folder_of(self, name: str) -> str | None:
        """The site-packages from which the top-level name of ``name`` is loaded here."""
        found = self._item_of(name)
        return found[3] if found is not None else None

    def _item_of(self, name: str) -> tuple[str, str, tuple[str, ...], str] | None:
        top = name.partition(".")[0]
        return next((item for item in self.distributions if top in item[2]), None)


def listed(trees: Sequence[str]) -> str:
    """``a, b``, or ``a, b, c and 4 more``."""
    more = len(trees) - _MOST_NAMED
    return f"{', '.join(trees[:_MOST_NAMED])} and {more} more" if more > 1 else ", ".join(trees)


def _trampoline(function: Callable[..., Any], args: tuple[object, ...]) -> Any:
    return function(*args)


TRAMPOLINE = _trampoline.__code__
"""The code of the frame from which ``Domain.run`` calls: what runs there is the domain's."""

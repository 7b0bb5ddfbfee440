"""What programs can ask of the active runtime; behind the functions of ``importshim``."""

from __future__ import annotations

from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from typing import Any, NamedTuple

from importshim._asker import using as _using
from importshim._domain import Domain
from importshim._live import runtime


class _Origin(NamedTuple):
    tree: str
    distribution: str | None
    version: str | None


class Origin(_Origin):
    """Where an object comes from. ``distribution`` and ``version`` are None if no distribution claims the module.

    ``tree`` is the one that holds the files; ``trees`` are all that share the module, ``tree`` among them.
    """

    trees: tuple[str, ...]


def _domain(name: str) -> Domain:
    table = runtime().table
    if name not in table.trees:
        raise LookupError(table.missing_tree(name))
    return table.trees[name]


class Tree:
    """One tree of the active runtime."""

    def __init__(self, name: str) -> None:
        self._domain = _domain(name)
        self.name = name

    def __repr__(self) -> str:
        return f"<importshim tree {self.name}>"

    def import_module(self, name: str) -> Any:
        """The module of the absolute ``name`` as code of this tree imports it.

        :raises ModuleNotFoundError: this tree has no such module
        :raises TypeError: ``name`` is no text
        :raises ValueError: ``name`` is relative or empty
        """
        if not isinstance(name, str):
            raise TypeError(f"the name of a module is a str, not {type(name).__name__}")
        if not name or name.startswith("."):
            raise ValueError(f"{name!r} is no absolute name of a module; write it in full: 'package.module'")
        import_ = self._domain.builtins["__import__"]
        return import_(name, {}, {}, ("__name__",), 0)

    @property
    def distributions(self) -> dict[str, str]:
        """The versions of this tree's distributions, by name."""
        from importshim._metadata import in_folder

        sites = [site for site, tree in runtime().table.sites.items() if tree == self.name]
        return dict(sorted((one.metadata["Name"], one.version) for site in sites for one in in_folder(site)))


_entered: ContextVar[tuple[Using, Token[Domain | None], Any] | None] = ContextVar("importshim.entered", default=None)
"""The innermost ``with`` block of this context that speaks for a tree, with what ends it and the block around it."""


class Using(ContextDecorator):
    """See ``importshim.using``. It may be entered any number of times, by any thread or task."""

    def __init__(self, name: str) -> None:
        self._domain = _domain(name)

    def __repr__(self) -> str:
        return f"<importshim using tree {self._domain.name}>"

    def __enter__(self) -> None:
        _entered.set((self, _using.set(self._domain), _entered.get()))

    def __exit__(self, *error: object) -> None:
        innermost = _entered.get()
        if innermost is None or innermost[0] is not self:
            raise RuntimeError(f"{self!r} was not entered in this context, or another one inside it is not left yet")
        _using.reset(innermost[1])
        _entered.set(innermost[2])


def whose(thing: object) -> Origin | None:
    """See ``importshim.whose``."""
    found = runtime().place_of(thing)
    if found is None:
        return None
    domain, name = found
    owner = domain.owner_of(name)
    sites = runtime().table.sites
    origin = Origin(sites.get(domain.folder_of(name) or "", domain.trees[0]), *(owner or (None, None)))
    origin.trees = domain.trees
    return origin


def module_of(thing: Any) -> tuple[Domain, str] | None:
    """See ``Runtime.place_of``."""
    return runtime().place_of(thing)

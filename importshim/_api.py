"""The implementation of the public functions of ``importshim``, on the active runtime."""

from __future__ import annotations

import sys
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from importlib.machinery import PathFinder
from typing import Any, NamedTuple

from importshim._active import runtime
from importshim._adoption import ImportLookup
from importshim._callers import using as _using
from importshim._class_owners import module_in_tree
from importshim._domain import Domain, distribution_of, site_packages_of
from importshim._errors import describe_providers
from importshim._finder import DomainFinder
from importshim._table import DENIED
from importshim._trace import describe_result, reason_of, sentence


class _Origin(NamedTuple):
    tree: str
    distribution: str | None
    version: str | None


class Origin(_Origin):
    """Where an object comes from. ``distribution`` and ``version`` are None if no distribution claims the module.

    ``tree`` has the files; ``trees`` are all trees that share the module, including ``tree``.
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
        _domain(name)
        self.name = name

    def __repr__(self) -> str:
        return f"<importshim tree {self.name}>"

    def import_module(self, name: str) -> Any:
        """Import the module with the absolute ``name`` as code of this tree does, and return it.

        :raises ModuleNotFoundError: this tree has no such module
        :raises TypeError: ``name`` is not a ``str``
        :raises ValueError: ``name`` is relative or empty
        """
        if not isinstance(name, str):
            raise TypeError(f"a module name must be a str, not {type(name).__name__}")
        if not name or name.startswith("."):
            raise ValueError(f"{name!r} is not an absolute module name; write it in full: 'package.module'")
        import_ = _domain(self.name).builtins["__import__"]
        return import_(name, {}, {}, ("__name__",), 0)

    @property
    def distributions(self) -> dict[str, str]:
        """The versions of this tree's distributions, by name."""
        from importshim._metadata import in_folder

        sites = [site for site, tree in runtime().table.sites.items() if tree == self.name]
        return dict(sorted((one.metadata["Name"], one.version) for site in sites for one in in_folder(site)))


_entered: ContextVar[tuple[Using, Token[Domain | None], Any] | None] = ContextVar("importshim.entered", default=None)
"""The innermost active ``Using`` of this context, the token that ends it, and the entry for the one around it."""


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
            raise RuntimeError(f"{self!r} was not entered in this context, or one entered inside it has not been left")
        _using.reset(innermost[1])
        _entered.set(innermost[2])


def whose(thing: object) -> Origin | None:
    """See ``importshim.whose``."""
    found = module_in_tree(runtime(), thing)
    return _origin(*found) if found is not None else None


def _origin(domain: Domain, name: str) -> Origin:
    distribution = distribution_of(domain, name)
    sites = runtime().table.sites
    origin = Origin(sites.get(site_packages_of(domain, name) or "", domain.trees[0]), *(distribution or (None, None)))
    origin.trees = domain.trees
    return origin


class _ImportExplanation(NamedTuple):
    asker: str
    name: str
    origin: Origin | None
    rule: int
    reason: str


class ImportExplanation(_ImportExplanation):
    """What code gets for a name, and why; ``str()`` gives one line.

    ``asker``: whose code, ``tree a`` or ``the application``. ``origin`` is None for what no tree has. ``rule`` is the
    number of the rule in docs/runtime.md; 6 is an error.
    """

    text: str

    def __str__(self) -> str:
        return self.text


def explain_import(name: str, tree: str | None) -> ImportExplanation:
    """See ``importshim.explain_import``."""
    active = runtime()
    table = active.table
    requester = table.root if tree is None else _domain(tree)
    decision = table.decide(requester, name, ImportLookup(active.attribution, None, active.adoption))
    domain, rule = decision.domain, decision.rule
    origin = None
    what = describe_result(table, decision)
    reason = describe_providers(table, name) if domain is None else reason_of(decision)
    if domain is not None and domain is not table.root:
        origin = _origin(domain, decision.plain)
        if not _has(active.finders[domain], decision.plain):
            what, reason, rule = "nothing", f"{what} has no such module", DENIED
    elif domain is table.root and not _is_in_process(name.partition(".")[0]):
        what, reason, rule = "nothing", "nothing provides it", DENIED
    explanation = ImportExplanation(requester.label, name, origin, rule, reason)
    explanation.text = sentence(requester.label, name, what, rule, reason)
    return explanation


def _is_in_process(top: str) -> bool:
    names = (*sys.builtin_module_names, *sys.stdlib_module_names)
    return top in names or top in sys.modules or PathFinder.find_spec(top) is not None


def _has(finder: DomainFinder, name: str) -> bool:
    """Whether a domain has a module, as far as can be seen without executing one."""
    domain, path, found = finder.domain, None, ""
    for part in name.split("."):
        found = f"{found}.{part}".lstrip(".")
        module: Any = domain.loaded(found) or (path != [] and finder.find_spec(domain.qualified(found), path))
        if not module:
            return False
        path = list(getattr(module, "__path__", None) or getattr(module, "submodule_search_locations", None) or ())
    return True


def module_of(thing: Any) -> tuple[Domain, str] | None:
    """See ``_class_owners.module_in_tree``."""
    return module_in_tree(runtime(), thing)

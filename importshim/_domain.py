"""A domain: a run-time namespace, with the builtins that mark its code and the names it serves.

Each world (trees that form one environment) has its own domain; what several worlds share is in further domains.
"""

from __future__ import annotations

import builtins
import sys

from importshim._classes import FunctionType, ModuleType
from importshim._keys import ContextKey, HiddenKey, make_key, tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from importshim._attribution import Attribution

    _Contents = tuple[Any, frozenset[str], tuple[str, ...], bool, Mapping[str, "Domain"]]

_MOST_NAMED = 3
_FOUND = ("distributions", "peers", "trees", "is_shared", "_split_namespaces", "namespace_routes", "routes")
"""What of a domain is read from the map when it is first used."""
_PREPARED = ("builtins", "import_")
PACKAGE = "py_modules"
"""The synthetic package under which every domain can be imported from: ``from py_modules.dep_a import pandas``."""


class Domain:
    """One run-time namespace; the application's is *root*, which has no folders of its own.

    ``map_name``: its current name in the map. ``trees``: the trees that it serves; ``is_shared``: several worlds share
    it, and it is the domain of none; ``is_strict``: its code finds only what it requires (``peers = false``).
    ``contested``: the table's top-level names that several domains provide; a domain's own modules of those names are
    *qualified* (``py_modules.dep_a.pandas``) for the import system. ``routes``: top-level import name to the domain
    that provides it to code of this domain. ``namespace_routes``: the same for parts of namespace packages (PEP 420),
    longest first; a top-level name is in one of the two. ``peers``: those names of either that its trees lack and
    direct dependencies of the application provide. ``adopted``: those that its code has registered while it ran.
    ``hidden``: names that no other domain provides and that the application may not import. ``lookup_cache``: cached
    decisions for other names, dropped when the table changes. ``rebuilders``: the namespaces of its modules that
    re-create functions of others (cloudpickle), while those modules are being loaded. ``distributions``: name, version,
    import names, and the folder.
    """

    attribution: Attribution
    """Attributes look-ups in which keys of this domain are compared."""
    distributions: tuple[tuple[str, str, tuple[str, ...], str], ...]
    peers: frozenset[str]
    trees: tuple[str, ...]
    is_shared: bool
    routes: dict[str, Domain]
    namespace_routes: dict[str, Domain]
    _split_namespaces: frozenset[str]
    builtins: dict[str, Any]
    import_: Callable[..., Any]

    def __init__(self, name: str, trees: tuple[str, ...], paths: tuple[str, ...], contested: set[str]) -> None:
        self.name = self.map_name = name
        self.is_strict = False
        self.paths = paths
        self.prefix = f"{PACKAGE}.{name}."
        self.contested = contested
        self.adopted: set[str] = set()
        self.hidden: set[str] = set()
        self.lookup_cache: dict[str, Domain | None] = {}
        self.rebuilders: list[dict[str, Any]] = []
        self.registered: set[str] = set()
        self._keys: dict[str, ContextKey] = {}
        self._tags: dict[str, str] = {}
        self._uncontested_tags: dict[str, str] = {}
        self._set_contents(trees)

    def _set_contents(self, trees: tuple[str, ...]) -> None:
        self.distributions, self.peers, self.trees, self.is_shared = (), frozenset(), trees, False
        self.set_routes({})

    def __repr__(self) -> str:
        return f"<domain {self.name}>"

    @property
    def label(self) -> str:
        """Its name in messages: ``tree a``, or ``trees a, b``; of many, only the first are named."""
        if not self.trees:
            return "the application"
        return f"{'tree' if len(self.trees) == 1 else 'trees'} {listed(self.trees)}"

    def is_shared_by(self, other: Domain) -> bool:
        """Whether this domain serves all trees that ``other`` serves, and more."""
        return set(other.trees) < set(self.trees)

    def set_routes(self, names: Mapping[str, Domain]) -> None:
        """Make ``names`` what code of this domain may import; dotted ones are parts of namespace packages."""
        self._split_namespaces, self.namespace_routes, self.routes = _split_routes(names)

    def importable_names(self) -> Iterator[tuple[str, Domain]]:
        """The top-level names that code of this domain may import, with the domains that have them or a part of them.

        A namespace package with parts from several domains counts as the importing domain's own, too.
        """
        yield from self.routes.items()
        for name, provider in self.namespace_routes.items():
            yield from ((_top(name), one) for one in (self, provider))

    def is_in_split_namespace(self, name: str) -> bool:
        """Whether ``name`` is in a namespace package whose parts come from several domains to this one."""
        return _top(name) in self._split_namespaces

    def provider_of(self, name: str) -> Domain | None:
        """The domain that provides the module ``name`` to code of this domain, by the map and what was adopted since.

        Namespace packages whose parts come from several domains are its own. For the other rules, see ``Table.decide``.
        """
        top = name.partition(".")[0]
        if top not in self._split_namespaces:
            return self.routes.get(top)
        for portion, provider in self.namespace_routes.items():
            if name == portion or name.startswith(portion + "."):
                return provider
            if portion.startswith(name + "."):
                return self
        return None

    def is_contested(self, name: str) -> bool:
        """Whether ``name`` is a name of this domain whose modules are qualified here."""
        top = name.partition(".")[0]
        return top in self.contested and (self.routes.get(top) is self or top in self._split_namespaces)

    def qualified(self, name: str) -> str:
        """The import system's name for this domain's module ``name``."""
        return self.prefix + name if self.is_contested(name) else name

    def plain(self, fullname: str) -> str:
        """The name by which libraries know the module that is ``fullname`` for the import system."""
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

    def unhide(self, top: str) -> None:
        """Stop hiding the name ``top``, which so far only this domain provides."""
        self.hidden.discard(top)
        for name in [name for name in self._keys if _top(name) == top]:
            del self._keys[name]

    def tagged(self, name: str) -> str:
        """The plain name as this domain's tagged ``str`` object; unchanged for names that are not contested."""
        found = self._tags.get(name)
        if found is not None:
            return found
        return self._tags.setdefault(name, tag(name, self)) if self.is_contested(name) else name

    def always_tagged(self, name: str) -> str:
        """``name`` as this domain's tagged object, even if it is not contested."""
        if self.is_contested(name):
            return self.tagged(name)
        found = self._uncontested_tags.get(name)
        return found if found is not None else self._uncontested_tags.setdefault(name, tag(name, self))

    def register(self, name: str, module: object) -> None:
        """Make ``module`` what code of this domain finds under the plain name ``name``."""
        sys.modules[self.key(name)] = module  # type: ignore[assignment]
        self.registered.add(name)

    def loaded(self, name: str) -> ModuleType | None:
        """The module that code of this domain currently finds under the plain name ``name``."""
        return sys.modules.get(self.key(name))

    def run(self, function: Callable[..., Any], *args: object) -> Any:
        """Call ``function`` from a frame of this domain.

        Native code that reads the running frame's builtins or globals then finds this domain's.
        """
        trampoline = FunctionType(TRAMPOLINE, {"__builtins__": self.builtins, "__name__": self.name})
        return trampoline(function, args)

    @property
    def is_prepared(self) -> bool:
        """Whether it has its builtins: before that, none of its code can have run."""
        return "builtins" in vars(self)


class LazyDomain(Domain):
    """A domain that nothing was imported from yet: an application of hundreds of trees imports from few of them.

    What of it is read from the map is found on first use, if there is ``find``: that gives its distributions, peers and
    trees, whether it is shared, and the providers of all names. ``prepare`` makes ``builtins`` and ``import_``, the
    ``__import__`` in them, when code of this domain is about to run. Once it has both, it is a plain ``Domain``, whose
    attributes CPython finds faster.
    """

    prepare: Callable[[Domain], None] | None = None
    _find: Callable[[], _Contents] | None = None

    def __init__(
        self,
        name: str,
        trees: tuple[str, ...],
        paths: tuple[str, ...],
        contested: set[str],
        find: Callable[[], _Contents] | None = None,
    ) -> None:
        self._find = find
        super().__init__(name, trees, paths, contested)

    def _set_contents(self, trees: tuple[str, ...]) -> None:
        if self._find is None:
            super()._set_contents(trees)

    def __getattr__(self, name: str) -> Any:
        own = vars(self)
        if name not in (*(_FOUND if self._find else ()), *(_PREPARED if self.prepare else ())):
            raise AttributeError(f"{self!r} has no attribute {name!r}")
        if self._find is not None and not own.keys() >= {*_FOUND}:  # before its code runs, see _no_gil_release
            *contents, names = self._find()
            for attribute, value in zip(_FOUND, (*contents, *_split_routes(names)), strict=True):
                own.setdefault(attribute, value)  # another thread may have been first, and changed it since
        if name in _PREPARED and self.prepare is not None:
            self.prepare(self)
        if own.keys() >= {*_FOUND, *_PREPARED}:
            self.__class__ = Domain  # type: ignore[assignment]
        return own[name]


def add_rebuilder(domain: Domain, namespace: dict[str, Any]) -> None:
    """Prepare the module ``namespace``, whose code re-creates functions of others and gives them its ``__builtins__``.

    These would make such functions the module's own. So once it is loaded it gets other ``__builtins__``, with which
    the functions' namespace shows their owner (see ``Attribution.owner_of_namespace``).
    """
    domain.rebuilders.append(namespace)
    finish_rebuilders(domain)


def finish_rebuilders(domain: Domain, loaded: ModuleType | None = None) -> None:
    """Replace the ``__builtins__`` of rebuilders that have been loaded; ``loaded`` counts as loaded."""
    for namespace in domain.rebuilders[:]:
        is_loading = getattr(namespace.get("__spec__"), "_initializing", False)
        if not is_loading or (loaded is not None and namespace is vars(loaded)):
            domain.rebuilders.remove(namespace)
            namespace["__builtins__"] = sys.modules[domain.prefix + "builtins"]


def distribution_of(domain: Domain, name: str) -> tuple[str, str] | None:
    """(distribution, version) that provides the top-level name of ``name`` in ``domain``."""
    found = _item_of(domain, name)
    return found[:2] if found is not None else None


def site_packages_of(domain: Domain, name: str) -> str | None:
    """The site-packages from which the top-level name of ``name`` is loaded in ``domain``."""
    found = _item_of(domain, name)
    return found[3] if found is not None else None


def _item_of(domain: Domain, name: str) -> tuple[str, str, tuple[str, ...], str] | None:
    top = _top(name)
    return next((item for item in domain.distributions if top in item[2]), None)


def listed(trees: Sequence[str]) -> str:
    """``a, b``, or ``a, b, c and 4 more``."""
    more = len(trees) - _MOST_NAMED
    return f"{', '.join(trees[:_MOST_NAMED])} and {more} more" if more > 1 else ", ".join(trees)


def _split_routes(names: Mapping[str, Domain]) -> tuple[frozenset[str], dict[str, Domain], dict[str, Domain]]:
    """Of the ``names`` that code may import: those of split namespaces, the routes in these, and all others."""
    if "." not in "".join(names):
        return frozenset(), {}, dict(names)
    split = frozenset([_top(name) for name in names if "." in name])
    portions = sorted((name for name in names if _top(name) in split), key=len, reverse=True)
    namespace_routes = {name: names[name] for name in portions}
    return split, namespace_routes, {name: one for name, one in names.items() if name not in namespace_routes}


def _top(name: str) -> str:
    return name.partition(".")[0]


def _trampoline(function: Callable[..., Any], args: tuple[object, ...]) -> Any:
    return function(*args)


TRAMPOLINE = _trampoline.__code__
"""The code of the frame from which ``Domain.run`` calls: code that it runs is the domain's."""

run_as_application: Callable[..., Any] = FunctionType(
    TRAMPOLINE.replace(co_filename="<application>"), {"__builtins__": vars(builtins), "__name__": "application"}
)
"""Calls a function, with a tuple of arguments, from a frame of the application."""

"""The table: which domain has which name, and the rules that decide what code gets. Data, and one function.

Code that looks up a name, in whatever way, gets

1. what its world requires and has; code that several worlds share, what they mean by the name if all mean the same;
   the application, its direct dependencies;
2. else a direct dependency of the application, as its *peer*;
3. else, if several worlds share that code, what the name means in the world whose code called it (not for an
   ``import`` statement: its result must not depend on which world ran it first);
4. else what code of its world has registered while it ran (see ``_adoption``); from then on the world has it; the same
   for a module of the application whose name it was given, if that comes before the world's, or no other has it;
5. else the application's own modules and aliases, the standard library, everything else as usual; and what only one
   world has, if C code has the name from data (``pickle``), because then no code has chosen it;
6. but if another tree has the name: an error that says which, and what to write.

The map and what was adopted since decide 1, 2 and 6. *How* a name is looked up decides the rest, see ``Lookup``.
"""

from __future__ import annotations

import sys

from importshim._domain import Domain, LazyDomain, site_packages_of
from importshim._file_owners import FileOwners, folding
from importshim._map import DamagedMapError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from importshim._map import DomainEntry, ImportMap

HAS, PEER, CALLER, ADOPTED, USUAL, DENIED = range(1, 7)
"""The rules, by number."""


class Lookup:
    """How a name is looked up: what the rules must know that is not data. This is the minimum: the map decides."""

    __slots__ = ()

    @property
    def is_name_from_data(self) -> bool:
        """Whether C code got the name from data that it reads."""
        return False

    def calling_world(self, requester: Domain) -> Domain | None:
        """The world whose code has called that of ``requester``, which several share."""
        return None

    def adopter(self, requester: Domain, top: str) -> Domain | None:
        """The domain whose code has registered ``top``, for ``requester``."""
        return None

    def application_comes_first(self, top: str) -> bool:
        """Whether the application has a module ``top`` of its own, before libraries on ``sys.path``."""
        return False

    def is_dynamic_import(self, provider: Domain, top: str) -> bool:
        """Whether code was given the name at run time, and ``provider`` has nothing of ``top`` loaded yet."""
        return False

    def application_has(self, top: str) -> bool:
        """Whether the application has a module ``top`` of its own."""
        return False


MAP_LOOKUP = Lookup()


class Decision:
    """What ``requester`` gets for ``name``: the module of the plain name ``plain`` in ``domain``, by ``rule``.

    ``domain``: root for what is no tree's, None if only others have the name. ``calling_world``: that of rule 3.
    """

    __slots__ = ("calling_world", "domain", "name", "plain", "requester", "rule")

    def __init__(self, requester: Domain, name: str, domain: Domain | None, rule: int, plain: str = "") -> None:
        self.requester = requester
        self.name = name
        self.domain = domain
        self.rule = rule
        self.plain = plain or name
        self.calling_world: Domain | None = None


class Table:
    """All domains of an import map, by name, and *root*, the application's.

    ``trees``: tree to the domain of its world; ``sites``: site-packages to its tree; ``aliases``: alias to domain and
    module. ``silent``: project to domain, for direct dependencies without anything to import. ``contested``: top-level
    names that several domains provide; ``sole``: those that one provides, with that domain. ``has_one_world``: only
    what the application may import has to be decided. All this is changed only by ``adopt``, ``mark_contested``,
    ``set_process_owner`` and a refresh.
    """

    trees: dict[str, Domain]
    sites: dict[str, str]
    reports_decisions = False
    """Whether each decision has to be made by ``decide``, even if it is known without."""

    def __init__(self, import_map: ImportMap) -> None:
        self._map = import_map
        self.contested: set[str] = set()
        self.root = Domain("", (), (), self.contested)
        self.root.builtins = {}
        self.domains = {entry.name: self._lazy_domain(entry) for entry in import_map.domains}
        self.aliases = {name: (self.domains[domain], module) for name, (domain, module) in import_map.aliases.items()}
        self.root.set_routes({name: self.domains[domain] for name, domain in import_map.root.items()})
        self.silent = {project: self.domains[domain] for project, domain in import_map.silent.items()}
        self.own_routes = self.root.routes
        self.has_one_world = len(self.domains) <= 1
        self.file_owners = FileOwners(self.domains.values(), folding(sys.platform))
        self.contested.update(import_map.contested)
        self.sole: dict[str, Domain] = {}
        for provider, names in import_map.sole.items():
            self.sole.update(dict.fromkeys(names, self.domains[provider]))
            self.domains[provider].hidden.update(set(names).difference(self.root.routes))

    def _lazy_domain(self, entry: DomainEntry) -> Domain:
        def find() -> tuple[Any, frozenset[str], tuple[str, ...], bool, dict[str, Domain]]:
            try:
                names = {name: self.domains[one] for name, one in {**entry.peers, **entry.routes}.items()}
            except KeyError as error:
                raise DamagedMapError(entry.place, error) from None
            is_shared = self.domains[entry.name] not in self.trees.values()
            return entry.distributions, frozenset(entry.peers), entry.trees, is_shared, names

        domain = LazyDomain(entry.name, (), entry.paths, self.contested, find)
        domain.is_strict = entry.is_strict
        return domain

    def __getattr__(self, name: str) -> Any:
        if name not in ("trees", "sites"):
            raise AttributeError(name)
        trees = self._map.trees.items()
        if name == "sites":
            return vars(self).setdefault(name, {site: tree for tree, (_, site) in trees})
        try:
            return vars(self).setdefault(name, {tree: self.domains[domain] for tree, (domain, _) in trees})
        except KeyError as error:
            raise DamagedMapError(self._map.place, error) from None

    # Looking up

    def decide(self, requester: Domain, name: str, lookup: Lookup = MAP_LOOKUP) -> Decision:
        """What code of ``requester`` gets for ``name`` by this kind of ``lookup``: the rules above."""
        root, top = self.root, name.partition(".")[0]
        provider = requester.provider_of(name)
        yields = provider is not None and provider is not root and self._yields(requester, provider, top, lookup)
        if provider is not None and provider is not root and not yields:
            return Decision(requester, name, provider, self._rule(requester, name, top))
        if requester is root and top in self.aliases:
            return self._own(requester, name, HAS)
        is_known = top in self.contested or top in self.sole
        if provider is None and is_known and requester.is_shared:
            world = lookup.calling_world(requester)
            meant = world.provider_of(name) if world is not None else None
            if meant is not None and meant is not root:
                decision = Decision(requester, name, meant, CALLER)
                decision.calling_world = world
                return decision
        adopter = root if yields and requester is not root else lookup.adopter(requester, top)
        if adopter is not None:
            return Decision(requester, name, adopter, ADOPTED)
        is_usual = not is_known or top in sys.stdlib_module_names or root.provider_of(top) is root
        if is_usual or (requester is root and (provider is not None or lookup.application_has(top))):
            return self._own(requester, name, USUAL)
        return self._from_elsewhere(requester, name, lookup)

    @staticmethod
    def _yields(requester: Domain, provider: Domain, top: str, lookup: Lookup) -> bool:
        """Whether the application's own module comes before what ``provider``, another domain than root, has."""
        return (not requester.trees or lookup.is_dynamic_import(provider, top)) and lookup.application_comes_first(top)

    def _from_elsewhere(self, requester: Domain, name: str, lookup: Lookup) -> Decision:
        """The decision for a name that only others have."""
        top = name.partition(".")[0]
        if requester is not self.root and lookup.is_dynamic_import(requester, top) and lookup.application_has(top):
            return Decision(requester, name, self.root, ADOPTED)
        data = self.sole.get(top)
        if data is not None and lookup.is_name_from_data:
            return Decision(requester, name, data, USUAL)
        return Decision(requester, name, None, DENIED)

    def _own(self, requester: Domain, name: str, rule: int) -> Decision:
        """The application's own meaning of a name, for itself or for a library that was given the name."""
        top = name.partition(".")[0]
        if top not in self.aliases:
            return Decision(requester, name, self.root, rule)
        domain, module = self.aliases[top]
        plain = module + name[len(top) :]
        return Decision(requester, name, domain.provider_of(plain) or domain, rule, plain)

    @staticmethod
    def _rule(requester: Domain, name: str, top: str) -> int:
        if top in requester.adopted:
            return ADOPTED
        return PEER if requester.peers and any(f"{name}.".startswith(f"{one}.") for one in requester.peers) else HAS

    @property
    def is_unambiguous(self) -> bool:
        """Whether a name means the same for all code; adopted names of the standard library are disregarded."""
        return self.has_one_world and self.contested <= sys.stdlib_module_names

    def is_known(self, top: str) -> bool:
        """Whether a tree has a top-level name."""
        return top in self.contested or top in self.sole

    def domain_named(self, name: str) -> Domain | None:
        """The domain of this name, or of the world that the tree of this name is in."""
        found = self.domains.get(name) or self.trees.get(name)
        return found or next((one for one in self.domains.values() if one.map_name == name), None)

    def project_of(self, domain: Domain, top: str) -> str:
        """The project that provides the top-level name ``top`` in ``domain``; of several, one that names a tree.

        An adopted name may come from any of the domain's projects.
        """
        may_be_any = top in domain.adopted
        found = [item[0] for item in domain.distributions if may_be_any or top in item[2]]
        return next((one for one in found if one.replace("-", "_") in domain.trees), found[0] if found else top)

    def projects_in(self, tree: str) -> set[str]:
        """The projects that a tree has, of its own or shared."""
        domains = (one for one in self.domains.values() if tree in one.trees)
        return {item[0] for one in domains for item in one.distributions}

    def missing_tree(self, name: object) -> str:
        """The message if there is no tree ``name``."""
        return f"there is no tree {name!r}; there are: {', '.join(sorted(self.trees))}"

    def note_project(self, requester: Domain, project: str) -> None:
        """Record that strict code has not found what it would have with peers (see ``_strict_report``)."""

    def note(self, text: str) -> None:
        """Record a fact about this process that decisions depend on; a table that reports decisions reports it too."""

    # Changing

    def set_process_owner(self, process_owner: Domain | None) -> None:
        """Let the application import what ``process_owner`` may, whose program this process runs."""
        self.root.routes = {**(process_owner.routes if process_owner is not None else {}), **self.own_routes}
        self.clear_decisions()

    def adopt(self, domain: Domain, top: str, requester: Domain | None = None) -> None:
        """From now on, ``domain`` has its own modules of the top-level name ``top``, and ``requester`` gets them.

        If the name is in the standard library, all other code still gets that module.
        """
        self.clear_decisions()
        for one in {domain, requester or domain}:
            one.routes[top] = domain
            one.adopted.add(top)
            if one is self.root:
                self.own_routes = {**self.own_routes, top: domain}
        if self.sole.get(top) is domain:
            return
        is_standard = top in sys.stdlib_module_names
        if self.has_one_world and not is_standard and domain is not self.root:
            self.sole[top] = domain
            return
        self.mark_contested(top)
        for other in (self.root, *self.domains.values()) if is_standard else ():
            other.routes.setdefault(top, self.root)

    def mark_contested(self, top: str) -> None:
        """From now on, several have ``top``: the modules of its only provider so far become qualified."""
        self.clear_decisions()
        owner = self.sole.pop(top, None)
        self.contested.add(top)
        if owner is not None:
            owner.unhide(top)

    def clear_decisions(self) -> None:
        """Drop cached decisions; a decision in progress is stored in a dict that is no longer used."""
        for domain in (self.root, *self.domains.values()):
            domain.lookup_cache = {}


def tree_with(table: Table, domain: Domain, name: str) -> str:
    """The tree of ``domain`` to name for its module ``name``: that of its project, else one that has it."""
    tree = table.project_of(domain, name.partition(".")[0]).replace("-", "_")
    if tree in domain.trees:
        return tree
    tree = table.sites.get(site_packages_of(domain, name) or "", "")
    return tree if tree in domain.trees else domain.trees[0]


def provider_by_map(table: Table, requester: Domain, name: str) -> Domain | None:
    """The domain that ``decide`` gives for the minimal look-up."""
    provider = requester.provider_of(name)
    return provider if is_decided(table, requester, provider) else table.decide(requester, name).domain


def is_decided(table: Table, requester: Domain, provider: Domain | None) -> bool:
    """Whether ``decide`` need not be asked: the map gives code of a tree a ``provider`` that is a tree's."""
    is_tree_s = provider is not None and provider is not table.root and bool(requester.trees)
    return is_tree_s and not table.reports_decisions

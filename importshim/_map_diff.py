"""What becomes of a running table when the map has changed: which domains are kept or added, and what is refused.

How it works. What is loaded stays as it is, so a domain with loaded modules is kept, under its name, and takes its
routes from the entry of the new map that its trees are in now. A new tree that agrees with all of a world extends that
world; any other gets its own domain. What is loaded and would be in a domain of several worlds by the new map stays
where it is: it *stays in place*, and is provided to other worlds from there.

Nothing is changed here. A map is refused if loaded code would find another module than before, if the tree that it
came from was removed or replaced, or if loaded worlds would merge or split.
"""

from __future__ import annotations

from importshim._domain import Domain, LazyDomain, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from importshim._map import DomainEntry, ImportMap
    from importshim._table import Table

    _Item = tuple[str, str, tuple[str, ...], str]


class RefreshError(ImportError):
    """This process cannot use the new map, because of what is loaded; nothing has changed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}. What is loaded and the map stay as they are; restart this process to change them")


class MapDiff:
    """The change from ``table`` to ``import_map``, if it is possible.

    ``loaded``: domain to the top-level names of its loaded modules; ``replaced``: the site-packages that were replaced
    since something was loaded from them. ``domains``: name of an entry of the map to its domain in this process;
    ``added``: those of them that are new, ``kept``: all running ones that continue, with their entry.

    :raises RefreshError: it is not possible
    """

    def __init__(
        self,
        table: Table,
        import_map: ImportMap,
        loaded: Mapping[Domain, set[str]],
        replaced: Container[str],
    ) -> None:
        self._table = table
        self._map = import_map
        self._loaded = loaded
        self._replaced = replaced
        self._entries = {entry.name: entry for entry in import_map.domains}
        self._loaded_items = {domain: dict(self._loaded_distributions(domain)) for domain in loaded}
        self.domains: dict[str, Domain] = {}
        self.kept: dict[Domain, DomainEntry] = {}
        self._staying: dict[tuple[str, str], Domain] = {}
        self._match_worlds()
        self._match_shared()
        self._find_staying()
        self.added = tuple(self._added())
        self._check_what_loaded_code_finds()

    # What is loaded, and where the new map has it

    def _loaded_distributions(self, domain: Domain) -> Iterator[tuple[_Item, DomainEntry]]:
        """The distributions with something loaded in ``domain``, each with the entry that has it."""
        for item in domain.distributions:
            if self._loaded[domain].intersection(item[2]):
                yield item, self._entry_of(item)

    def _entry_of(self, item: _Item) -> DomainEntry:
        name, version, _, site = item
        tree = self._table.sites.get(site, "")
        if site not in {place for _, place in self._map.trees.values()}:
            raise RefreshError(f"tree {tree} was removed, but {name} {version} is loaded from it")
        if site in self._replaced:
            raise RefreshError(f"tree {tree} was replaced, but {name} {version} is loaded from the old one")
        for entry in self._map.domains:
            for other in entry.distributions if tree in entry.trees else ():
                if other[0] == name and other[1] == version:
                    return entry
                if other[0] == name:
                    raise RefreshError(f"tree {tree} has {name} {other[1]} now, but {name} {version} is loaded")
        raise RefreshError(f"tree {tree} no longer has {name}, but {name} {version} is loaded from it")

    # Which domain takes over which entry

    def _match_worlds(self) -> None:
        """Worlds with something loaded come first: no other may take over their entries."""
        for domain in sorted(self._worlds(), key=lambda one: one not in self._loaded):
            names = {self._map.trees[tree][0] for tree in self._trees_in_use(domain)}
            if domain not in self._loaded:
                if len(names) == 1 and names.isdisjoint(self.domains):
                    self._keep(domain, names.pop())
                continue
            if len(names) > 1:
                raise RefreshError(f"{domain.label} would no longer be one environment, but something of it is loaded")
            name = names.pop()
            if name in self.domains:
                worlds = f"{self.domains[name].label} and {domain.label}"
                raise RefreshError(f"{worlds} are loaded as two environments, but would become one")
            self._keep(domain, name)

    def _worlds(self) -> Iterator[Domain]:
        return (domain for domain in self._table.domains.values() if not domain.is_shared)

    def _trees_in_use(self, domain: Domain) -> set[str]:
        """The trees from which something of a world is loaded; all of them if that is not known."""
        if domain in self._loaded and self._loaded_items[domain]:
            return {self._table.sites[item[3]] for item in self._loaded_items[domain]}
        gone = [tree for tree in domain.trees if tree not in self._map.trees]
        if gone and domain in self._loaded:
            raise RefreshError(f"tree {gone[0]} was removed, but something of {domain.label} is loaded")
        return set(domain.trees).difference(gone)

    def _match_shared(self) -> None:
        """A shared domain takes over an entry that is still shared, if there is one; else it is only kept."""
        for domain in [one for one in self._table.domains.values() if one.is_shared and one in self._loaded]:
            entries = sorted(set(self._loaded_items[domain].values()), key=lambda one: (len(one.trees), one.name))
            free = [one for one in entries if one.name not in self.domains and self._is_shared(one)]
            if free:
                self._keep(domain, free[0].name)
            elif entries:
                self.kept[domain] = entries[0]

    def _is_shared(self, entry: DomainEntry) -> bool:
        return entry.name not in {name for name, _ in self._map.trees.values()}

    def _keep(self, domain: Domain, name: str) -> None:
        self.domains[name] = domain
        self.kept[domain] = self._entries[name]

    def _find_staying(self) -> None:
        for domain, items in self._loaded_items.items():
            for item, entry in items.items():
                other = self._staying.setdefault((entry.name, item[0]), domain)
                if other is not domain:
                    raise RefreshError(
                        f"{item[0]} {item[1]}, loaded once for {other.label} and once for {domain.label}, "
                        "would become one"
                    )

    def _added(self) -> Iterator[Domain]:
        taken = set(self._table.domains)
        for entry in self._map.domains:
            if entry.name not in self.domains:
                name = entry.name
                while name in taken:
                    name += "~"
                taken.add(name)
                domain = self.domains[entry.name] = LazyDomain(name, entry.trees, entry.paths, self._table.contested)
                domain.is_shared = self._is_shared(entry)
                yield domain

    # What each domain finds

    def entries(self) -> Iterator[tuple[Domain, DomainEntry]]:
        """Every domain after the change, with the entry that says what its code may import."""
        yield from self.kept.items()
        yield from ((domain, self._entries[name]) for name, domain in self.domains.items() if domain not in self.kept)

    def provider_of(self, entry_name: str, name: str) -> Domain:
        """The domain of this process that has what the entry provides under ``name``."""
        top = name.partition(".")[0]
        for item in self._entries[entry_name].distributions:
            domain = self._staying.get((entry_name, item[0])) if top in item[2] else None
            if domain is not None and domain.provider_of(name) is domain:
                return domain
        return self.domains[entry_name]

    def names(self, names: Mapping[str, str]) -> dict[str, Domain]:
        """The map's names, with the domains of this process that provide them."""
        return {name: self.provider_of(entry, name) for name, entry in names.items()}

    def distributions(self, domain: Domain, entry: DomainEntry) -> tuple[_Item, ...]:
        """The distributions of ``domain``: loaded ones stay as they are."""
        loaded = list(self._loaded_items.get(domain, ()))
        names = {item[0] for item in loaded}
        own = entry.distributions if self.domains.get(entry.name) is domain else ()
        others = (item for item in own if self._staying.get((entry.name, item[0]), domain) is domain)
        return tuple(sorted([*loaded, *(item for item in others if item[0] not in names)]))

    def paths(self, domain: Domain, entry: DomainEntry) -> tuple[str, ...]:
        """The folders of ``domain``, including those that something is loaded from."""
        own = entry.paths if self.domains.get(entry.name) is domain else ()
        return tuple(dict.fromkeys((*own, *(item[3] for item in self._loaded_items.get(domain, ())))))

    def _check_what_loaded_code_finds(self) -> None:
        root = self._table.root
        names = {
            domain: {**entry.peers, **entry.routes} for domain, entry in self.kept.items() if domain in self._loaded
        }
        for requester, found in ((root, self._map.root), *names.items()):
            for name, provider in self.names(found).items():
                before = requester.provider_of(name)
                top = name.partition(".")[0]
                if (
                    before in (None, provider, root)
                    or top in requester.adopted
                    or top not in self._loaded.get(before, ())
                ):
                    continue
                raise RefreshError(
                    f"{requester.label} would find {name} of {provider.label}, but that of {before.label} is loaded"
                )
        self._check_aliases()

    def _check_aliases(self) -> None:
        for alias, (domain, module) in self._table.aliases.items():
            top = module.partition(".")[0]
            if alias in self._map.aliases and top in self._loaded.get(domain, ()):
                entry, new = self._map.aliases[alias]
                if (self.domains[entry], new) != (domain, module):
                    raise RefreshError(f"the alias {alias} would mean {new} of {listed(self._entries[entry].trees)}")

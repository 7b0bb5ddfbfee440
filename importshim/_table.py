"""The table: which domain has which name, and the rules that decide what an asker gets. Data, and one function.

Code that looks up a name, in whatever way, gets

1. what its world requires and has; code that several worlds share, what they mean by the name if all mean the same;
   the application, its direct dependencies;
2. else a direct dependency of the application, as its *peer*;
3. else, if several worlds share that code, what the world whose code has called it means (not for an ``import``
   statement: its result must not depend on who came first);
4. else what code of its world has registered while it ran (see ``_adoption``); from then on the world has it; the same
   for a module of the application whose name it was given, if that comes before the world's, or no other has it;
5. else the application's own modules and aliases, the standard library, everything else as usual; and what only one
   world has, if C code has the name from data (``pickle``), because then no code has chosen it;
6. but if another tree has the name: an error that says which, and what to write.

The map and what was adopted since decide 1, 2 and 6. *How* a name is looked up decides the rest, see ``Way``.
"""

from __future__ import annotations

import sys

from importshim._domain import Domain, folder_of
from importshim._file_owners import Places, folding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._map import DomainEntry, ImportMap

HAS, PEER, CALLER, ADOPTED, WORLD, DENIED = range(1, 7)
"""The rules, by number."""


class Way:
    """How a name is looked up. This is the minimum: a look at the map."""

    __slots__ = ()

    @property
    def is_data(self) -> bool:
        """Whether C code got the name from data that it reads."""
        return False

    def user(self, asker: Domain) -> Domain | None:
        """The world whose code has called that of ``asker``, which several share."""
        return None

    def adopter(self, asker: Domain, top: str) -> Domain | None:
        """The domain whose code has registered ``top``, for ``asker``."""
        return None

    def is_first(self, top: str) -> bool:
        """Whether the application has a module ``top`` of its own, before libraries on ``sys.path``."""
        return False

    def is_told(self, served: Domain, top: str) -> bool:
        """Whether code of a domain was given the name as it ran, and ``served`` has nothing of ``top`` loaded yet."""
        return False

    def is_own(self, top: str) -> bool:
        """Whether the application has a module ``top`` of its own."""
        return False


LOOK = Way()


class Decision:
    """What ``asker`` gets for ``name``: the module of the plain name ``plain`` in ``domain``, by ``rule``.

    ``domain``: root for what is no tree's, None if only others have the name. ``user``: the world that rule 3 means.
    """

    __slots__ = ("asker", "domain", "name", "plain", "rule", "user")

    def __init__(
        self, asker: Domain, name: str, domain: Domain | None, rule: int, plain: str = "", user: Domain | None = None
    ) -> None:
        self.asker = asker
        self.name = name
        self.domain = domain
        self.rule = rule
        self.plain = plain or name
        self.user = user

    @property
    def reason(self) -> str:
        """Why, in a few words."""
        if self.rule == CALLER and self.user is not None:
            return f"called by code of {self.user.label}"
        if self.rule == WORLD and self.plain != self.name:
            return f"the application's alias for {self.plain}"
        if self.rule == HAS and not self.asker.trees:
            return "its direct dependency" if self.plain == self.name else f"its alias for {self.plain}"
        if self.rule == WORLD and self.domain is not None and self.domain.trees:
            return "all trees have the same one, and the name comes from data"
        if self.rule == WORLD and self.name.partition(".")[0] in sys.stdlib_module_names:
            return "the standard library"
        return _REASONS[self.rule]


_REASONS = {
    HAS: "its world has it",
    PEER: "a direct dependency of the application",
    ADOPTED: "its code registered it",
    WORLD: "no tree has it; imported as usual",
    DENIED: "only other trees have it",
}


class Table:
    """All domains of an import map, by name, and *root*, the application's.

    ``trees``: tree to the domain of its world; ``sites``: site-packages to its tree; ``places``: the owners of files.
    ``aliases``: alias to domain and module. ``silent``: project to domain, for direct dependencies without anything to
    import. ``contested``: top-level names that several domains provide; ``sole``: those that one provides, with that
    domain. ``is_one``: there is only one world, so only what the application may import has to be decided. All this is
    changed only by ``adopt``, ``contest``, ``speak_for`` and a refresh.
    """

    def __init__(self, import_map: ImportMap) -> None:
        self.contested: set[str] = set()
        self.root = Domain("", (), (), self.contested)
        self.domains = {one.name: Domain(one.name, one.trees, one.paths, self.contested) for one in import_map.domains}
        for entry in import_map.domains:
            self._fill(self.domains[entry.name], entry)
        self.trees = {name: self.domains[domain] for name, (domain, _) in import_map.trees.items()}
        self.sites = {site: name for name, (_, site) in import_map.trees.items()}
        for domain in self.domains.values():
            domain.is_shared = domain not in self.trees.values()
        self.aliases = {name: (self.domains[domain], module) for name, (domain, module) in import_map.aliases.items()}
        self.root.let_import({name: self.domains[domain] for name, domain in import_map.root.items()})
        self.silent = {project: self.domains[domain] for project, domain in import_map.silent.items()}
        self.own_routes = self.root.routes
        self.is_one = len(self.domains) <= 1
        self.places = Places(self.domains.values(), folding(sys.platform))
        self.sole = self.judge_names()

    def _fill(self, domain: Domain, entry: DomainEntry) -> None:
        domain.distributions = entry.distributions
        domain.peers = frozenset(entry.peers)
        domain.is_strict = entry.is_strict
        domain.let_import({name: self.domains[one] for name, one in {**entry.peers, **entry.routes}.items()})

    def judge_names(self) -> dict[str, Domain]:
        """Find the contested names; return the sole ones, with the domain of each."""
        providers: dict[str, set[Domain]] = {}
        for domain in (self.root, *self.domains.values()):
            for name, served in domain.providers():
                providers.setdefault(name, set()).add(served)
        self.contested.update(name for name, found in providers.items() if len(found) > 1)
        sole = {name: found.pop() for name, found in providers.items() if len(found) == 1}
        for name, domain in sole.items():
            if name not in self.root.routes:
                domain.hidden.add(name)
        return sole

    # Looking up

    def decide(self, asker: Domain, name: str, way: Way = LOOK) -> Decision:
        """What code of ``asker`` gets for ``name`` if it looks it up in this ``way``, by the rules above."""
        root, top = self.root, name.partition(".")[0]
        served = asker.serving(name)
        yields = served is not None and served is not root and self._yields(asker, served, top, way)
        if served is not None and served is not root and not yields:
            return Decision(asker, name, served, self._rule(asker, name, top))
        if asker is root and top in self.aliases:
            return self._own(asker, name, HAS)
        is_known = top in self.contested or top in self.sole
        if served is None and is_known and asker.is_shared:
            user = way.user(asker)
            meant = user.serving(name) if user is not None else None
            if meant is not None and meant is not root:
                return Decision(asker, name, meant, CALLER, user=user)
        adopter = root if yields and asker is not root else way.adopter(asker, top)
        if adopter is not None:
            return Decision(asker, name, adopter, ADOPTED)
        is_worlds = not is_known or top in sys.stdlib_module_names or root.serving(top) is root
        if is_worlds or (asker is root and (served is not None or way.is_own(top))):
            return self._own(asker, name, WORLD)
        return self._from_elsewhere(asker, name, way)

    @staticmethod
    def _yields(asker: Domain, served: Domain, top: str, way: Way) -> bool:
        """Whether the application's own module comes before what ``served``, another domain than root, has."""
        return (not asker.trees or way.is_told(served, top)) and way.is_first(top)

    def _from_elsewhere(self, asker: Domain, name: str, way: Way) -> Decision:
        """The decision for a name that only others have."""
        top = name.partition(".")[0]
        if asker is not self.root and way.is_told(asker, top) and way.is_own(top):
            return Decision(asker, name, self.root, ADOPTED)
        data = self.sole.get(top)
        if data is not None and way.is_data:
            return Decision(asker, name, data, WORLD)
        return Decision(asker, name, None, DENIED)

    def _own(self, asker: Domain, name: str, rule: int) -> Decision:
        """The application's own meaning of a name, for itself or for a library that was given the name."""
        top = name.partition(".")[0]
        if top not in self.aliases:
            return Decision(asker, name, self.root, rule)
        domain, module = self.aliases[top]
        plain = module + name[len(top) :]
        return Decision(asker, name, domain.serving(plain) or domain, rule, plain)

    @staticmethod
    def _rule(asker: Domain, name: str, top: str) -> int:
        if top in asker.adopted:
            return ADOPTED
        return PEER if asker.peers and any(f"{name}.".startswith(f"{one}.") for one in asker.peers) else HAS

    @property
    def is_plain(self) -> bool:
        """Whether a name means the same for all code; adopted names of the standard library are disregarded."""
        return self.is_one and self.contested <= sys.stdlib_module_names

    def is_known(self, top: str) -> bool:
        """Whether a tree has a top-level name."""
        return top in self.contested or top in self.sole

    def domain_called(self, name: str) -> Domain | None:
        """The domain of this name, or of the world that the tree of this name is in."""
        found = self.domains.get(name) or self.trees.get(name)
        return found or next((one for one in self.domains.values() if one.called == name), None)

    def project_of(self, domain: Domain, top: str) -> str:
        """The project that provides the top-level name ``top`` in ``domain``; of several, one that names a tree.

        An adopted name may come from any of the domain's projects.
        """
        may_be_any = top in domain.adopted
        found = [item[0] for item in domain.distributions if may_be_any or top in item[2]]
        return next((one for one in found if one.replace("-", "_") in domain.trees), found[0] if found else top)

    def projects_in(self, tree: str) -> set[str]:
        """The projects that a tree has, alone or shared."""
        holding = (one for one in self.domains.values() if tree in one.trees)
        return {item[0] for one in holding for item in one.distributions}

    def missing_tree(self, name: object) -> str:
        """The message if there is no tree ``name``."""
        return f"there is no tree {name!r}; there are: {', '.join(sorted(self.trees))}"

    def note_project(self, asker: Domain, project: str) -> None:
        """Record that strict code has not found what it would have with peers (see ``_strict_report``)."""

    def note(self, text: str) -> None:
        """Record a fact about this process that decisions depend on; a table that reports decisions reports it too."""

    # Changing

    def speak_for(self, principal: Domain | None) -> None:
        """Let the application import what ``principal`` may, whose program this process runs."""
        self.root.routes = {**(principal.routes if principal is not None else {}), **self.own_routes}
        self.forget()

    def adopt(self, domain: Domain, top: str, asker: Domain | None = None) -> None:
        """From now on, ``domain`` has its own modules of the top-level name ``top``, and ``asker`` gets them.

        If the name is in the standard library, all other code still gets that module.
        """
        self.forget()
        for one in {domain, asker or domain}:
            one.routes[top] = domain
            one.adopted.add(top)
            if one is self.root:
                self.own_routes = {**self.own_routes, top: domain}
        if self.sole.get(top) is domain:
            return
        is_standard = top in sys.stdlib_module_names
        if self.is_one and not is_standard and domain is not self.root:
            self.sole[top] = domain
            return
        self.contest(top)
        for other in (self.root, *self.domains.values()) if is_standard else ():
            other.routes.setdefault(top, self.root)

    def contest(self, top: str) -> None:
        """From now on, several have ``top``: the modules of its only provider so far become qualified."""
        self.forget()
        owner = self.sole.pop(top, None)
        self.contested.add(top)
        if owner is not None:
            owner.show(top)

    def forget(self) -> None:
        """Drop cached decisions; a decision in progress is stored in a dict that is no longer used."""
        for domain in (self.root, *self.domains.values()):
            domain.looked = {}


def tree_with(table: Table, domain: Domain, name: str) -> str:
    """The tree of ``domain`` to name for its module ``name``: that of its project, else one that has it."""
    tree = table.project_of(domain, name.partition(".")[0]).replace("-", "_")
    if tree in domain.trees:
        return tree
    tree = table.sites.get(folder_of(domain, name) or "", "")
    return tree if tree in domain.trees else domain.trees[0]

"""Adds what is new in a changed import map to a running process, after ``_map_diff`` has found that possible."""

from __future__ import annotations

import sys

from importshim._domain import PACKAGE
from importshim._keys import ContextKey
from importshim._load_lock import LOAD_TIMEOUT
from importshim._map_diff import MapDiff, RefreshError
from importshim._startup import Startup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from importshim._domain import Domain
    from importshim._map import ImportMap
    from importshim._runtime import Runtime
    from importshim._table import Table


def refresh(runtime: Runtime, import_map: ImportMap) -> None:
    """Add what is new in ``import_map`` to the process of ``runtime``, and leave what is loaded as it is.

    :raises RefreshError: that is not possible; then nothing has changed, and no more is loaded from replaced folders
    """
    table, loaded = runtime.table, _loaded(runtime)
    replaced = set[str]().union(*(one.replaced() for one in runtime.finders.values()))
    try:
        diff, sole = MapDiff(table, import_map, loaded, replaced), table.sole
    except RefreshError:
        for finder in runtime.finders.values():
            finder.replaced_folders = replaced
        raise
    for domain in diff.added:
        runtime.attribution.add(domain)
        runtime.add_domain(domain)
    hidden = {top for domain in runtime.domains.values() for top in domain.hidden}
    _apply(table, diff, import_map, loaded)
    for top, owner in sole.items():
        if top in table.contested:
            runtime.adoption.qualify(owner, top)
    for top in hidden & runtime.root.routes.keys():
        runtime.entries.expose(top)
    _update_dependents(runtime)
    startup = runtime.startup = runtime.startup or Startup(diff.domains, import_map)
    startup.set_lines(diff.domains, import_map)
    startup.run()


def _loaded(runtime: Runtime) -> dict[Domain, set[str]]:
    """Domain to the top-level names of its loaded modules; ``""`` if a start-up line has run in it."""
    found: dict[Domain, set[str]] = {}
    for started in runtime.startup.started_domains() if runtime.startup is not None else ():
        found.setdefault(started, set()).add("")
    for key in list(sys.modules):
        top = str.partition(key, ".")[0]
        domain = key.domain if isinstance(key, ContextKey) else runtime.table.sole.get(top)
        if domain is not None and domain is not runtime.root:
            found.setdefault(domain, set()).add(top)
    return found


def _update_dependents(runtime: Runtime) -> None:
    """Update everything that depends on which domains the table has."""
    domains = runtime.domains.values()
    for gone in [one for one in runtime.finders if one not in domains]:
        del runtime.finders[gone]
    for finder in runtime.finders.values():
        finder.domains_added()
    if not runtime.table.has_one_world:
        runtime.load_lock.set_timeout(LOAD_TIMEOUT)
    runtime.ledger.domains_added()
    runtime.adoption.adopt_loaded()
    runtime.extensions.domains_added()
    process_owner = runtime.attribution.process_owner
    if process_owner is not None and process_owner not in domains:
        runtime.attribution.process_owner = runtime.table.trees.get(process_owner.trees[0])
    runtime.apply_process_owner()
    for name in [name for name in sys.modules if type(name) is str and name.startswith(f"{PACKAGE}.")]:
        _forget_package(runtime, name)


def _forget_package(runtime: Runtime, name: str) -> None:
    """Have ``py_modules.<tree>`` recreated if it is now the package of another domain."""
    tree = name.partition(".")[2]
    loader = getattr(getattr(sys.modules[name], "__spec__", None), "loader", None)
    if "." not in tree and getattr(loader, "domain", None) is not runtime.table.domain_named(tree):
        del sys.modules[name]
        vars(sys.modules[PACKAGE]).pop(tree, None)


def _apply(table: Table, diff: MapDiff, import_map: ImportMap, loaded: Mapping[Domain, set[str]]) -> None:
    """Change ``table`` to what ``import_map`` says, as far as ``diff`` has found that possible.

    Contested names stay contested: their modules are qualified. Names of ``loaded`` modules do not become hidden.
    """
    meaning = {domain: diff.names({**entry.peers, **entry.routes}) for domain, entry in diff.entries()}
    root, aliases = diff.names(import_map.root), import_map.aliases.items()
    table.aliases = {name: (diff.provider_of(domain, module), module) for name, (domain, module) in aliases}
    table.silent = {project: diff.domains[domain] for project, domain in import_map.silent.items()}
    for domain, entry in diff.entries():
        known = domain.trees, domain.map_name  # read what is not read yet, by the old map
        is_same = diff.domains.get(entry.name) is domain
        domain.trees, domain.map_name = (entry.trees, entry.name) if is_same else known
        domain.paths, domain.distributions = diff.paths(domain, entry), diff.distributions(domain, entry)
        domain.peers, domain.is_strict = frozenset(entry.peers), entry.is_strict
    gone = [name for name, domain in table.domains.items() if domain not in meaning]
    table.domains.update({domain.name: domain for domain in meaning})
    for name in gone:
        del table.domains[name]
    table.trees = {name: diff.domains[domain] for name, (domain, _) in import_map.trees.items()}
    table.sites = {site: name for name, (_, site) in import_map.trees.items()}
    for domain, names in (*meaning.items(), (table.root, root)):
        _set_routes(table, domain, names)
    table.own_routes = table.root.routes
    table.has_one_world = len(table.domains) <= 1
    table.file_owners.fill(table.domains.values())
    _reclassify_names(table, loaded)


def _set_routes(table: Table, domain: Domain, names: Mapping[str, Domain]) -> None:
    """Set the names that ``domain`` may import; adopted ones stay as they are."""
    own = {top: domain.routes[top] for top in domain.adopted}
    standard = {top for top in table.contested if top in sys.stdlib_module_names}
    domain.set_routes({name: provider for name, provider in names.items() if name.partition(".")[0] not in own})
    domain.routes.update(own)
    for top in standard:
        domain.routes.setdefault(top, table.root)


def names_by_providers(table: Table) -> tuple[set[str], dict[str, Domain]]:
    """The top-level names that several domains provide, and those that one does, by the table as it is now."""
    providers: dict[str, set[Domain]] = {}
    for domain in (table.root, *table.domains.values()):
        for name, provider in domain.importable_names():
            providers.setdefault(name, set()).add(provider)
    contested = {name for name, found in providers.items() if len(found) > 1}
    return contested, {name: found.pop() for name, found in providers.items() if len(found) == 1}


def _reclassify_names(table: Table, loaded: Mapping[Domain, set[str]]) -> None:
    table.clear_decisions()
    before = {domain: domain.hidden for domain in (table.root, *table.domains.values())}
    for domain in before:
        domain.hidden = set()
    contested, sole = names_by_providers(table)
    table.contested.update(contested)
    table.sole = {name: domain for name, domain in sole.items() if name not in table.contested}
    for name in sole.keys() - table.root.routes.keys():
        sole[name].hidden.add(name)
    for domain, hidden in before.items():
        domain.hidden -= loaded.get(domain, set()) - hidden
        domain.hidden -= table.contested | (domain.adopted - hidden)
        for top in hidden - domain.hidden:
            domain.unhide(top)

"""Takes what a changed import map has more into a running process, which ``_growth`` has found to be possible."""

from __future__ import annotations

import sys

from importshim._domain import PACKAGE
from importshim._growth import Growth
from importshim._keys import ContextKey
from importshim._turn import PATIENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._domain import Domain
    from importshim._map import ImportMap
    from importshim._runtime import Runtime


def refresh(runtime: Runtime, import_map: ImportMap) -> None:
    """Take in what ``import_map`` has more than the process of ``runtime``, and leave what is loaded as it is.

    :raises RefreshError: that cannot be; then nothing has changed
    """
    table, loaded = runtime.table, _loaded(runtime)
    replaced = set[str]().union(*(one.replaced() for one in runtime.finders.values()))
    growth, sole = Growth(table, import_map, loaded, replaced), table.sole
    for domain in growth.added:
        runtime.asker.add(domain)
        runtime.admit(domain)
    hidden = {top for domain in runtime.domains.values() for top in domain.hidden}
    table.grow(growth, import_map, loaded)
    for top, owner in sole.items():
        if top in table.contested:
            runtime.adoption.qualify(owner, top)
    for top in hidden & runtime.root.routes.keys():
        runtime.entries.expose(top)
    _tell_all(runtime)
    runtime.startup.take(growth.domains, import_map)
    runtime.startup.run()


def _loaded(runtime: Runtime) -> dict[Domain, set[str]]:
    """By domain: the top-level names of which modules are loaded; ``""`` if a line at the start has run in it."""
    found: dict[Domain, set[str]] = {}
    for started in runtime.startup.concerned():
        found.setdefault(started, set()).add("")
    for key in list(sys.modules):
        top = str.partition(key, ".")[0]
        domain = key.domain if isinstance(key, ContextKey) else runtime.table.sole.get(top)
        if domain is not None and domain is not runtime.root:
            found.setdefault(domain, set()).add(top)
    return found


def _tell_all(runtime: Runtime) -> None:
    """Let all that serves the process know of the domains that the table has now."""
    domains = runtime.domains.values()
    for gone in [one for one in runtime.finders if one not in domains]:
        del runtime.finders[gone]
    for finder in runtime.finders.values():
        finder.grow()
    if not runtime.table.is_one:
        runtime.turn.be_patient(PATIENCE)
    runtime.ledger.grow()
    runtime.adoption.claim_loaded()
    runtime.extensions.grow()
    principal = runtime.asker.principal
    if principal is not None and principal not in domains:
        runtime.asker.principal = runtime.table.trees.get(principal.trees[0])
    runtime.settle_principal()
    for name in [name for name in sys.modules if type(name) is str and name.startswith(f"{PACKAGE}.")]:
        _forget_package(runtime, name)


def _forget_package(runtime: Runtime, name: str) -> None:
    """Have ``py_modules.<tree>`` made anew if that is the package of another domain by now."""
    tree = name.partition(".")[2]
    loader = getattr(getattr(sys.modules[name], "__spec__", None), "loader", None)
    if "." not in tree and getattr(loader, "domain", None) is not runtime.table.domain_called(tree):
        del sys.modules[name]
        vars(sys.modules[PACKAGE]).pop(tree, None)

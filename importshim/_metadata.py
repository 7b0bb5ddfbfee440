"""``importlib.metadata``: code of a domain sees its own distributions, the application those it may use."""

from __future__ import annotations

import re
import sys
from importlib.metadata import DistributionFinder, MetadataPathFinder, PathDistribution

from importshim._callers import callers, calling_world_of
from importshim._domain import PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from importshim._attribution import Attribution
    from importshim._domain import Domain
    from importshim._table import Table

_Context = DistributionFinder.Context


def distributions(
    table: Table, attribution: Attribution, context: _Context | None, view: Container[str] = ()
) -> Iterator[PathDistribution]:
    """The distributions visible to the running code, narrowed by ``context.name``.

    Later finders must skip ``view``, which has links to the same ones.
    """
    name = getattr(context, "name", None)
    if context is not None:
        if "path" in vars(context):
            return  # a search of given folders is for other finders
        vars(context)["path"] = [entry for entry in sys.path if entry not in view]
    frame = sys._getframe()
    domain = attribution.frame_domain(frame)
    effective = calling_world_of(attribution, domain, frame) or domain
    found = list(_visible(table, effective, name))
    if name is None and domain.is_shared:
        found += _plugins(table, set(callers(attribution, frame)))
    if effective.is_strict:
        _note_hidden(table, effective, name)
    yield from _distinct(found)


def _note_hidden(table: Table, requester: Domain, name: str | None) -> None:
    """Record what the application requires and ``requester`` does not find: by ``name``, or as a plug-in for it."""
    own = tuple(top for top in requester.routes if len(top) > 1)
    seen = {requester, *requester.routes.values()}
    for provider, tops in _provider_tops(table.root, (*table.root.routes, *table.root.namespace_routes)).items():
        items = (item[0] for item in provider.distributions if tops.intersection(item[2]))
        for one in () if provider in seen else _named_distributions(provider, name, items):
            if name is not None or any(point.group.startswith(own) for point in one.entry_points):
                table.note_project(requester, normalised(one.metadata["Name"]))


def _distinct(found: Iterable[PathDistribution]) -> Iterator[PathDistribution]:
    """The first of each name."""
    seen: set[str] = set()
    for one in found:
        name = normalised(one.metadata["Name"])
        if name not in seen:
            seen.add(name)
            yield one


def _plugins(table: Table, framework: set[tuple[Domain, str]]) -> Iterator[PathDistribution]:
    """What uses all of the calling ``framework``, in trees from which the application may import something.

    The framework is shared code, and the code of a world that has called it, if any, each with the module that it is
    in. To use it means to import from each of these domains, and to get no other module by these names.
    """
    trees = {tree for _, provider in table.root.importable_names() for tree in provider.trees}
    domains = {domain for domain, _ in framework}
    for user in table.domains.values():
        uses = domains.issubset(user.routes.values())
        if uses and trees.intersection(user.trees) and all(user.routes.get(top, one) is one for one, top in framework):
            yield from _named_distributions(user, None, (item[0] for item in user.distributions))


def _visible(table: Table, domain: Domain, name: str | None) -> Iterator[PathDistribution]:
    """What code of ``domain`` may import from: all that its world has, or that its trees have in common; peers."""
    names: Iterable[str] = domain.peers
    if domain is table.root:
        names = (*domain.routes, *domain.namespace_routes)
        for project, provider in table.silent.items():
            yield from _named_distributions(provider, name, [project])
    elif domain.is_shared:
        for one in table.domains.values():
            if one is domain or one.is_shared_by(domain):
                yield from _named_distributions(one, name, (item[0] for item in one.distributions))
    else:
        yield from _distributions_in(domain, name)
    for provider, tops in sorted(_provider_tops(domain, names).items(), key=lambda pair: pair[0].name):
        yield from _named_distributions(
            provider, name, (item[0] for item in provider.distributions if tops.intersection(item[2]))
        )


def _provider_tops(domain: Domain, names: Iterable[str]) -> dict[Domain, set[str]]:
    """The other domains that provide import ``names`` to ``domain``, with the top-level parts of these."""
    found: dict[Domain, set[str]] = {}
    for one in names:
        provider = domain.provider_of(one)
        if provider is not None and provider is not domain:
            found.setdefault(provider, set()).add(one.partition(".")[0])
    return found


def _named_distributions(domain: Domain, name: str | None, distributions: Iterable[str]) -> Iterator[PathDistribution]:
    names = {normalised(one) for one in distributions}
    return (found for found in _distributions_in(domain, name) if normalised(found.metadata["Name"]) in names)


def normalised(name: str) -> str:
    """The name of a project in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _distributions_in(domain: Domain, name: str | None) -> Iterator[PathDistribution]:
    """All distributions in the folders of ``domain``: for a tree, everything in it."""
    if name is not None and name.startswith(PACKAGE + "."):
        name = name.rpartition(".")[2]
    yield from MetadataPathFinder.find_distributions(_Context(name=name, path=list(domain.paths)))


def in_folder(site: str, name: str | None = None) -> Iterator[PathDistribution]:
    """All distributions in one site-packages, or only ``name``."""
    return iter(MetadataPathFinder.find_distributions(_Context(name=name, path=[site])))

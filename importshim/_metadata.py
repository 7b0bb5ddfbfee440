"""``importlib.metadata`` by who asks: code of a domain sees its own distributions, the application those it may use."""

from __future__ import annotations

import re
import sys
from importlib.metadata import DistributionFinder, MetadataPathFinder, PathDistribution

from importshim._behalf import callers, user_of
from importshim._domain import PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from importshim._domain import Domain
    from importshim._runtime import Runtime

_Context = DistributionFinder.Context


def distributions(runtime: Runtime, context: _Context | None) -> Iterator[PathDistribution]:
    """The distributions visible to whoever asks, narrowed by ``context.name``."""
    name = getattr(context, "name", None)
    if context is not None and "path" in vars(context):
        return  # a search of given folders is none of ours
    domain = runtime.asker_here()
    if domain is runtime.root:
        yield from _exposed(runtime, name)
        return
    speaker = user_of(runtime, domain, sys._getframe(1)) or domain
    found = list(_visible(speaker, name))
    if name is None and not speaker.is_world:
        found += _plugins(runtime, set(callers(runtime, sys._getframe(1))))
    yield from _distinct(found)


def _distinct(found: Iterable[PathDistribution]) -> Iterator[PathDistribution]:
    """The first of each name."""
    there: set[str] = set()
    for one in found:
        name = normalised(one.metadata["Name"])
        if name not in there:
            there.add(name)
            yield one


def _exposing(runtime: Runtime) -> list[Domain]:
    """The domains that the application may import something from."""
    exposing = {*runtime.root.routes.values(), *runtime.root.spaces.values()} - {runtime.root}
    return sorted(exposing, key=lambda one: one.name)


def _exposed(runtime: Runtime, name: str | None) -> Iterator[PathDistribution]:
    """What the application may import something of."""
    root = runtime.root
    for served in _exposing(runtime):
        yield from _among(served, name, served.served_distributions((*root.routes, *root.spaces), root))


def _plugins(runtime: Runtime, framework: set[Domain]) -> Iterator[PathDistribution]:
    """What uses all domains of a ``framework``, in trees from which the application may import something."""
    trees = {tree for served in _exposing(runtime) for tree in served.trees}
    for user in runtime.domains.values():
        if framework.issubset(user.routes.values()) and trees.intersection(user.trees):
            yield from _among(user, None, (item[0] for item in user.distributions))


def _visible(domain: Domain, name: str | None) -> Iterator[PathDistribution]:
    """What code of ``domain`` may import something of."""
    yield from _in(domain, name) if domain.is_world else _among(domain, name, domain.visible_distributions())
    for served in {found for peer in domain.peers if (found := domain.serving(peer)) is not None}:
        yield from _among(served, name, served.served_distributions(domain.peers, domain))


def _among(domain: Domain, name: str | None, distributions: Iterable[str]) -> Iterator[PathDistribution]:
    names = {normalised(one) for one in distributions}
    return (found for found in _in(domain, name) if normalised(found.metadata["Name"]) in names)


def normalised(name: str) -> str:
    """The name of a project in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _in(domain: Domain, name: str | None) -> Iterator[PathDistribution]:
    """All that lies in the folders of ``domain``: of a tree, everything that it holds."""
    if name is not None and name.startswith(PACKAGE + "."):
        name = name.rpartition(".")[2]
    yield from MetadataPathFinder.find_distributions(_Context(name=name, path=list(domain.paths)))


def in_folder(site: str) -> Iterator[PathDistribution]:
    """All that lies in one site-packages."""
    return iter(MetadataPathFinder.find_distributions(_Context(path=[site])))

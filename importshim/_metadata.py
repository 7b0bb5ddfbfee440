"""``importlib.metadata`` by who asks: code of a domain sees its own distributions, the application those it may use."""

from __future__ import annotations

import re
import sys
from importlib.metadata import DistributionFinder, MetadataPathFinder, PathDistribution

from importshim._behalf import callers, is_spelled, user_of
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
    speaker = _speaker(domain, name)
    found = list(_visible(speaker, name))
    yield from found
    if name is None and len(speaker.trees) > 1:
        there = {normalised(one.metadata["Name"]) for one in found}
        for one in _plugins(runtime, set(callers(runtime, sys._getframe(1)))):
            if normalised(one.metadata["Name"]) not in there:
                there.add(normalised(one.metadata["Name"]))
                yield one


def _speaker(domain: Domain, name: str | None) -> Domain:
    """Code that trees share looks on behalf of the tree that has called it, but for what it spells out itself."""
    frame = sys._getframe(2)
    runtime = domain.runtime
    if name is not None and is_spelled(runtime, frame, domain, name):
        return domain
    return user_of(runtime, domain, frame) or domain


def _exposing(runtime: Runtime) -> list[Domain]:
    """The domains that the application may import something from."""
    exposing = {*runtime.root.routes.values(), *runtime.root.spaces.values()} - {runtime.root}
    return sorted(exposing, key=lambda one: one.name)


def _exposed(runtime: Runtime, name: str | None) -> Iterator[PathDistribution]:
    """What the application may import something of."""
    for served in _exposing(runtime):
        yield from _among(served, name, served.exposed_distributions(runtime.root))


def _plugins(runtime: Runtime, framework: set[Domain]) -> Iterator[PathDistribution]:
    """What uses all domains of a ``framework``, in trees from which the application may import something."""
    trees = {tree for served in _exposing(runtime) for tree in served.trees}
    for user in runtime.domains.values():
        if framework.issubset(user.routes.values()) and trees.intersection(user.trees):
            yield from _among(user, None, (name for name, _, _ in user.distributions))


def _visible(domain: Domain, name: str | None) -> Iterator[PathDistribution]:
    """What code of ``domain`` may import something of."""
    return _in(domain, name) if len(domain.trees) == 1 else _among(domain, name, domain.visible_distributions())


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

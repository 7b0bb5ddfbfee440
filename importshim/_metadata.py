"""``importlib.metadata`` by who asks: code of a domain sees its own distributions, the application those it may use."""

from __future__ import annotations

import re
from importlib.metadata import DistributionFinder, MetadataPathFinder, PathDistribution

from importshim._domain import PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from importshim._domain import Domain
    from importshim._runtime import Runtime

_Context = DistributionFinder.Context


def distributions(runtime: Runtime, context: _Context | None) -> Iterator[PathDistribution]:
    """The distributions visible to whoever asks, narrowed by ``context.name``."""
    name = getattr(context, "name", None)
    if context is not None and "path" in vars(context):
        return  # a search of given folders is none of ours
    domain = runtime.asker_here()
    if domain is not runtime.root:
        yield from _of(domain, name)
        return
    for served in sorted({*runtime.root.routes.values(), *runtime.root.spaces.values()}, key=lambda one: one.name):
        names = {normalised(one) for one in served.exposed_distributions(runtime.root)}
        yield from (found for found in _of(served, name) if normalised(found.metadata["Name"]) in names)


def normalised(name: str) -> str:
    """The name of a project in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of(domain: Domain, name: str | None) -> Iterator[PathDistribution]:
    folders = dict.fromkeys(path for served in domain.closure() for path in served.paths)
    if name is not None and name.startswith(PACKAGE + "."):
        name = name.rpartition(".")[2]
    yield from MetadataPathFinder.find_distributions(_Context(name=name, path=list(folders)))

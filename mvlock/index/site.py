"""One index as the rest of this stage sees it: where it is, what is remembered of it, how to ask it."""

from __future__ import annotations

from dataclasses import dataclass

from mvlock.index.cache import IndexCache
from mvlock.index.network import Label, Network


@dataclass(frozen=True, slots=True)
class Site:
    """``url`` is the root of the Simple API (PEP 503), ending in ``/``, without credentials."""

    name: str
    url: str
    cache: IndexCache
    network: Network

    def label(self, what: str) -> Label:
        """This index being asked for ``what``, for messages."""
        return Label(self.name, self.url, what)

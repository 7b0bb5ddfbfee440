"""One index as the rest of this layer sees it: its URL, its cache, and the network to reach it."""

from __future__ import annotations

import msgspec

from mvlock.index.cache import IndexCache
from mvlock.index.network import Label, Network


class ConfiguredIndex(msgspec.Struct, frozen=True):
    """``url`` is the root of the Simple API (PEP 503), ending in ``/``, or a page, without credentials."""

    name: str
    url: str
    cache: IndexCache
    network: Network
    advice: str | None = None
    """The hint if it cannot be reached."""

    def label(self, what: str) -> Label:
        """The label of a request to this index for ``what``."""
        return Label(self.name, self.url, what, self.advice)

"""Connections that several projects use one after the other, with the pages that were read on them."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from mvlock.index.network import Network, NetworkSettings


@final
class Connections:
    """Networks by their settings: projects with the same indexes share one, so no page is read twice."""

    def __init__(self) -> None:
        self._networks: list[tuple[NetworkSettings, Network]] = []

    def __enter__(self) -> Connections:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, network in self._networks:
            network.close()

    def network(self, settings: NetworkSettings, make: Callable[[], Network]) -> Network:
        """The network with these settings, made if there is none that is open."""
        open_ones = (network for known, network in self._networks if known == settings and not network.is_closed)
        found = next(open_ones, None)
        if found is None:
            found = make()
            self._networks.append((settings, found))
        return found

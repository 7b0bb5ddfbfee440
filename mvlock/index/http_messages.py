"""What passes between the index client and the network; importing it costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import msgspec


class TransportFailure(Exception):
    """No usable response. ``cause`` says why in words, without addresses or credentials."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class WrongSize(TransportFailure):
    """The server answers, but with more bytes than are acceptable, or at every attempt with fewer than announced."""


class Request(msgspec.Struct, frozen=True):
    """One request: a URL, headers, and the most bytes of body that are acceptable."""

    url: str
    headers: Mapping[str, str]
    limit: int


class Response(msgspec.Struct, frozen=True):
    """A complete response. Header names are lower case, ``body`` is decompressed, ``url`` is where it came from."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Sink(Protocol):
    """Takes the bytes of a download; ``restart`` discards them, for another attempt."""

    def restart(self) -> None:
        """Discard all bytes taken so far."""

    def write(self, chunks: Iterator[bytes]) -> None:
        """Take all bytes."""

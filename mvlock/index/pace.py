"""How fast what a request asks for must arrive: a server that sends a byte now and then never ends.

A timeout of the socket starts again with every byte. All that is read counts, headers and lengths of chunks as well as
bodies, so this is below urllib3: its connections make responses of ``http.client`` whose stream is watched.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from mvlock.base.limits import SLOWEST_PACE
from mvlock.index.http_messages import TransportFailure

_REQUESTS = threading.local()


class _Pace:
    """The time of a request, with its redirects and attempts."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._received = 0

    def count(self, received: int) -> None:
        self._received += received
        if time.monotonic() > self._end + self._received / SLOWEST_PACE:
            raise TransportFailure(f"it sends too slowly: {self._received} bytes so far")


@contextmanager
def paced(seconds: float) -> Iterator[None]:
    """The requests of this thread, within this block, must end in this time, and that for their bytes.

    :raises TransportFailure: in the block, when something has arrived too late
    """
    _REQUESTS.pace = _Pace(seconds)
    try:
        yield
    finally:
        _REQUESTS.pace = None


class _Stream(io.RawIOBase):
    def __init__(self, stream: io.RawIOBase, pace: _Pace) -> None:
        self._stream = stream
        self._pace = pace

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        received = self._stream.readinto(buffer)
        self._pace.count(received or 0)
        return received

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        pace = getattr(_REQUESTS, "pace", None)
        if pace is not None:
            self.fp = io.BufferedReader(_Stream(self.fp.detach(), pace))


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
"""By scheme: pools whose connections are ``paced``."""

"""Requests over kept-alive connections, retried where that can help.

Each request is a loop of attempts around one exchange. Transient failures (no connection, a broken transfer,
429, 5xx) are retried after a pause that doubles, or that the server asks for; redirects are followed here, so
that every hop gets its own credentials and none leads from https to http.
"""

from __future__ import annotations

import random
import ssl
import threading
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec
import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

from mvlock.base.outside import is_web_url
from mvlock.base.urls import without_credentials
from mvlock.index.causes import cause_of, is_final, status_phrase
from mvlock.index.credentials import Credentials
from mvlock.index.http_messages import Request, Response, Sink, TransportFailure, WrongSize
from mvlock.index.pace import POOLS, paced
from mvlock.progress import Count, count_nothing

T = TypeVar("T")

_CHUNK = 1 << 16
_TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 10
_MAX_BACKOFF = 20.0


class TransportSettings(msgspec.Struct, frozen=True):
    """How requests are made: seconds to wait, attempts, seconds between them, connections per host.

    ``total``: seconds for a request, besides those that its bytes may take (``paced``).
    """

    timeout: float = 30.0
    total: float = 300.0
    connect_timeout: float = 10.0
    retries: int = 3
    backoff: float = 0.2
    connections: int = 16


class _TransientError(Exception):
    """A response that a later attempt may improve on. ``retry_after`` is the server's Retry-After in seconds."""

    def __init__(self, cause: str, retry_after: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.retry_after = retry_after


class _IncompleteBody(_TransientError):
    """A body that ended early."""


class Transport:
    """Thread-safe. ``close`` ends pauses and refuses later requests."""

    def __init__(self, settings: TransportSettings, credentials: Credentials, count: Count = count_nothing) -> None:
        self._settings = settings
        self._credentials = credentials
        self._count = count
        self._pools: dict[tuple[str, str], urllib3.PoolManager] = {}
        self._pools_lock = threading.Lock()
        self._responses: set[urllib3.BaseHTTPResponse] = set()
        """Those that are being read."""
        self._closed = threading.Event()
        self._proxies = urllib.request.getproxies()

    def get(self, request: Request) -> Response:
        """The complete response, whatever its status except transient ones (429, 5xx).

        :raises TransportFailure: no response after all attempts, or one that is too large or redirects wrongly
        """

        def read(response: urllib3.BaseHTTPResponse, url: str) -> Response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            if "Range" in request.headers and response.status == 200:
                return Response(200, headers, b"", url)  # the whole file, not a range: too slow to read
            content = b"".join(self._chunks(response, request.limit))
            body = _decompressed(content, headers.get("content-encoding"), request.limit)
            return Response(response.status, headers, body, url)

        with paced(self._settings.total):
            return self._attempts(request, read)

    def download(self, request: Request, sink: Sink) -> int:
        """Pass the body to ``sink``, byte for byte; returns the status, and only 200 has a body.

        :raises TransportFailure: as ``get``
        :raises WrongSize: every attempt got a response, and every body ended early; or a body is too large
        """

        def write(response: urllib3.BaseHTTPResponse, _: str) -> int:
            if response.status == 200:
                sink.restart()
                sink.write(self._chunks(response, request.limit))
            return response.status

        with paced(self._settings.total):
            return self._attempts(request, write)

    def close(self) -> None:
        """End pauses between attempts and transfers under way, and close idle connections."""
        self._closed.set()
        for response in tuple(self._responses):
            with suppress(ValueError, OSError):  # it has been read to its end
                response.shutdown()
        for pool in self._pools.values():
            pool.clear()

    def _attempts(self, request: Request, consume: Callable[[urllib3.BaseHTTPResponse, str], T]) -> T:
        got_response = True
        for attempt in range(self._settings.retries + 1):
            try:
                return self._follow(request, consume)
            except (HTTPError, _TransientError) as error:  # an OSError of the sink is about the disk
                got_response = got_response and isinstance(error, _IncompleteBody)
                if attempt == self._settings.retries or is_final(error):
                    cause = error.cause if isinstance(error, _TransientError) else cause_of(error)
                    raise (WrongSize if got_response else TransportFailure)(cause) from error
                self._back_off(attempt, error)
        raise TransportFailure("no attempt was made")

    def _back_off(self, attempt: int, error: Exception) -> None:
        retry_after = error.retry_after if isinstance(error, _TransientError) else None
        backoff = self._settings.backoff * 2**attempt * random.uniform(0.8, 1.2)
        self._closed.wait(min(backoff if retry_after is None else max(backoff, retry_after), _MAX_BACKOFF))

    def _follow(self, request: Request, consume: Callable[[urllib3.BaseHTTPResponse, str], T]) -> T:
        url = request.url
        for _ in range(_MAX_REDIRECTS):
            response = self._send(url, request.headers)
            self._responses.add(response)
            try:
                self._check_open()  # it may have been closed before the response was one of those that are ended
                if response.status in _TRANSIENT_STATUSES:
                    raise _TransientError(_status_text(response), _retry_after(response.headers.get("retry-after")))
                if response.status not in _REDIRECTS:
                    return consume(response, without_credentials(url))
                url = _redirect_target(url, response.headers.get("location"))
            finally:
                self._responses.discard(response)
                response.close()  # a body that was read to its end has already returned its connection
        raise TransportFailure(f"it redirects more than {_MAX_REDIRECTS} times")

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise TransportFailure("it was closed")

    def _chunks(self, response: urllib3.BaseHTTPResponse, limit: int) -> Iterator[bytes]:
        for chunk in _chunks(response, limit):
            self._count("bytes received", len(chunk))
            yield chunk

    def _send(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        self._check_open()
        self._count("requests", 1)
        try:
            return self._pool(url).request(
                "GET",
                without_credentials(url),
                headers={**headers, **self._credentials.headers(url)},
                retries=False,
                redirect=False,
                preload_content=False,
            )
        except ValueError as error:  # LocationParseError and UnicodeError are
            raise TransportFailure("its URL is not valid") from error

    def _pool(self, url: str) -> urllib3.PoolManager:
        key = url.partition(":")[0].lower(), self._proxy(url)
        with self._pools_lock:
            if key not in self._pools:
                self._pools[key] = self._new_pool(*key)
            return self._pools[key]

    def _proxy(self, url: str) -> str:
        """The proxy for ``url`` by the environment's ``…_proxy`` variables; "" for none."""
        parts = urlsplit(url)
        proxy = self._proxies.get(parts.scheme) or self._proxies.get("all") or ""
        if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
            return ""
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        if not proxy.startswith(("http://", "https://")):
            raise TransportFailure("its proxy is neither http nor https")
        return proxy

    def _new_pool(self, scheme: str, proxy: str) -> urllib3.PoolManager:
        """Connections of one scheme: the certificates for TLS take long to load, and may not be needed."""
        settings = self._settings
        timeout = urllib3.Timeout(connect=settings.connect_timeout, read=settings.timeout)
        tls = ssl.create_default_context() if "https" in {scheme, proxy.partition(":")[0]} else None
        if not proxy:
            manager = urllib3.PoolManager(maxsize=settings.connections, timeout=timeout, ssl_context=tls)
            manager.pool_classes_by_scheme = POOLS
            return manager
        address = urlsplit(proxy)
        secret = f"{address.username}:{address.password or ''}" if address.username else None
        manager = urllib3.ProxyManager(
            without_credentials(proxy),
            proxy_headers=urllib3.make_headers(proxy_basic_auth=secret),
            maxsize=settings.connections,
            timeout=timeout,
            ssl_context=tls,
        )
        manager.pool_classes_by_scheme = POOLS
        return manager


def _chunks(response: urllib3.BaseHTTPResponse, limit: int) -> Iterator[bytes]:
    """The body as sent, still encoded, as it arrives; a short one raises, because Content-Length is enforced."""
    received = 0
    try:
        while chunk := response.read1(_CHUNK, decode_content=False):
            received += len(chunk)
            if received > limit:
                raise WrongSize(f"it sent more than {limit} bytes")
            yield chunk
    except ProtocolError as error:
        expected = response.headers.get("content-length", "an unknown number of")
        raise _IncompleteBody(f"the connection was interrupted before all {expected} bytes had arrived") from error


def _decompressed(body: bytes, encoding: str | None, limit: int) -> bytes:
    if encoding in {None, "", "identity"} or not body:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise TransportFailure("it used a compression that was not requested")
    decompressor = zlib.decompressobj(wbits=31)
    try:
        content = decompressor.decompress(body, limit + 1)
    except zlib.error as error:
        raise _TransientError("its compressed response cannot be unpacked") from error
    if len(content) > limit:
        raise WrongSize(f"it sent more than {limit} bytes")
    if not decompressor.eof:
        raise _TransientError("its compressed response is cut off")
    return content


def _status_text(response: urllib3.BaseHTTPResponse) -> str:
    return f"it returned {response.status} {status_phrase(response.status)}".rstrip()


def _retry_after(header: str | None) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3); the form with a date is rare and is not read."""
    return float(header) if header and header.isascii() and header.isdigit() else None


def _redirect_target(url: str, location: str | None) -> str:
    if not location:
        raise TransportFailure("it redirects without saying where")
    try:
        target = urljoin(url, location)
    except ValueError:
        target = ""
    if not is_web_url(target) or (url.startswith("https:") and target.startswith("http:")):
        raise TransportFailure("it redirects to a URL that is not safe")
    return target

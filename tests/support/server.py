"""The HTTP side of the local index: kept-alive connections, ranges, ETags, gzip, and faults on demand."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.support.faults import Fault


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived; header names in lower case, ``path`` unquoted and without a query."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password of basic authentication."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        user, _, password = base64.b64decode(value).decode().partition(":")
        return user, password


@dataclass(slots=True)
class Response:
    """A response; the server adds ETag, Cache-Control, ranges and compression."""

    status: int
    body: bytes
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = False
    etag: bool = True
    gzip: bool = False
    max_age: int | None = None
    fault: Fault | None = None


class IndexServer:
    """Runs a handler in threads of this process; ``stop`` closes every connection and may be repeated."""

    def __init__(self, respond: Callable[[Request], Response]) -> None:
        self._server = _Server(respond)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._stopped = False

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Start to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on and end those that are open."""
        if not self._stopped:
            self._stopped = True
            self._server.shutdown()
            self._server.server_close()
            self._server.close_connections()
            self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # sixteen threads connect at once, and a refused connection costs a second

    def __init__(self, respond: Callable[[Request], Response]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.respond = respond
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that closes its connection is not an error here."""

    def close_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(urlsplit(self.path).path), headers)
        self._send(request, self.server.respond(request))

    do_HEAD = do_GET  # noqa: N815 - named by http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Tests look at ``requests`` instead."""

    def _send(self, request: Request, response: Response) -> None:
        fault = response.fault
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault and fault.kind == "drop":
            self.close_connection = True
        elif fault and fault.kind == "drip-headers":
            self._drip_headers(fault)
        elif fault and fault.kind == "status":
            self._write(request, Response(fault.status, b"a planned fault"))
        else:
            self._write(request, _compressed(_ranged(_revalidated(response, request), request), request))

    def _write(self, request: Request, response: Response) -> None:
        body = response.body
        if response.fault and response.fault.kind == "corrupt" and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if request.method != "HEAD":
            self._write_body(body, response.fault)

    def _drip_headers(self, fault: Fault) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(1000):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(fault.seconds)

    def _write_body(self, body: bytes, fault: Fault | None) -> None:
        if fault and fault.kind == "truncate":
            body = body[: len(body) // 2]
            self.close_connection = True
        size = fault.size if fault and fault.kind == "drip" else max(1, len(body))
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            if fault and fault.kind == "drip":
                self.wfile.flush()
                time.sleep(fault.seconds)


def _revalidated(response: Response, request: Request) -> Response:
    """Add the validators of RFC 9111, and make it a 304 if the client has the current one."""
    if response.status != 200:
        return response
    if response.max_age is not None:
        response.headers["Cache-Control"] = f"max-age={response.max_age}"
    if response.etag:
        response.headers["ETag"] = f'"{hashlib.sha256(response.body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == response.headers["ETag"]:
            response.status, response.body = 304, b""
    return response


def _ranged(response: Response, request: Request) -> Response:
    """One range of RFC 9110, section 14, if ranges are offered."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if not match or not response.ranges or response.status != 200:
        return response
    size = len(response.body)
    start, stop = _bounds(match[1], match[2], size)
    if start >= size:
        response.status, response.body = 416, b""
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    response.status, response.body = 206, response.body[start:stop]
    response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


def _compressed(response: Response, request: Request) -> Response:
    """Pages are compressed, as real indexes send them; files are not."""
    accepted = "gzip" in request.headers.get("accept-encoding", "")
    if response.gzip and accepted and response.status == 200 and "simple" in request.path:
        response.body = gzip.compress(response.body, 1)
        response.headers["Content-Encoding"] = "gzip"
    return response

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
class Answer:
    """What to send; the server adds ETag, Cache-Control, ranges and compression."""

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

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._server = _Server(answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._stopped = False

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse connections from now on and end those that are open."""
        if not self._stopped:
            self._stopped = True
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # sixteen threads knock at once, and a refused knock costs a second

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
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
        """A client that hangs up is no news here."""

    def hang_up(self) -> None:
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
        self._send(request, self.server.answer(request))

    do_HEAD = do_GET  # noqa: N815 - named by http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Tests look at ``requests`` instead."""

    def _send(self, request: Request, answer: Answer) -> None:
        fault = answer.fault
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault and fault.kind == "drop":
            self.close_connection = True
        elif fault and fault.kind == "status":
            self._write(request, Answer(fault.status, b"a planned fault"))
        else:
            self._write(request, _compressed(_ranged(_revalidated(answer, request), request), request))

    def _write(self, request: Request, answer: Answer) -> None:
        body = answer.body
        if answer.fault and answer.fault.kind == "corrupt" and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if request.method != "HEAD":
            self._write_body(body, answer.fault)

    def _write_body(self, body: bytes, fault: Fault | None) -> None:
        if fault and fault.kind == "truncate":
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)


def _revalidated(answer: Answer, request: Request) -> Answer:
    """Add the validators of RFC 9111 and answer 304 to the one the client has."""
    if answer.status != 200:
        return answer
    if answer.max_age is not None:
        answer.headers["Cache-Control"] = f"max-age={answer.max_age}"
    if answer.etag:
        answer.headers["ETag"] = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == answer.headers["ETag"]:
            answer.status, answer.body = 304, b""
    return answer


def _ranged(answer: Answer, request: Request) -> Answer:
    """One range of RFC 9110, section 14, if ranges are offered."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if not match or not answer.ranges or answer.status != 200:
        return answer
    size = len(answer.body)
    start, stop = _bounds(match[1], match[2], size)
    if start >= size:
        answer.status, answer.body = 416, b""
        answer.headers["Content-Range"] = f"bytes */{size}"
        return answer
    answer.status, answer.body = 206, answer.body[start:stop]
    answer.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return answer


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size


def _compressed(answer: Answer, request: Request) -> Answer:
    """Pages travel compressed, as they do from real indexes; files do not."""
    accepted = "gzip" in request.headers.get("accept-encoding", "")
    if answer.gzip and accepted and answer.status == 200 and "simple" in request.path:
        answer.body = gzip.compress(answer.body, 1)
        answer.headers["Content-Encoding"] = "gzip"
    return answer

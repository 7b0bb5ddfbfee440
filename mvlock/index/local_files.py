"""Files of this machine, read as the network is: ``file:`` URLs come only from pages that are themselves local."""

from __future__ import annotations

from pathlib import Path

from mvlock.index.http_messages import Request, Response, Sink, TransportFailure

_CHUNK = 1 << 20


def read_file(path: Path, request: Request) -> Response:
    """The response with the file's content, or with status 404.

    :raises TransportFailure: it cannot be read
    """
    try:
        return Response(200, {}, path.read_bytes(), request.url)
    except FileNotFoundError:
        return Response(404, {}, b"", request.url)
    except OSError as error:
        raise TransportFailure(f"{error.filename}: {error.strerror}") from error


def copy_file(path: Path, sink: Sink) -> int:
    """Pass the file's content to ``sink``; returns 200.

    :raises TransportFailure: it cannot be read
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise TransportFailure(f"{error.filename}: {error.strerror}") from error
    with stream:
        sink.restart()
        sink.write(iter(lambda: stream.read(_CHUNK), b""))
    return 200

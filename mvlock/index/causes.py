"""Why a request failed, in words, from urllib3's exceptions and HTTP status codes.

The text of network exceptions contains addresses and sometimes proxy passwords; none of it is repeated.
"""

from __future__ import annotations

import ssl
from http import HTTPStatus

from urllib3.exceptions import (
    ConnectTimeoutError,
    IncompleteRead,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)


def cause_of(error: BaseException) -> str:
    """One short clause, fit for "… because <clause>"."""
    if isinstance(error, ProxyError):
        return "the proxy does not respond"
    if isinstance(error, NameResolutionError):
        return "its host name could not be resolved"
    if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
        return "it did not accept the connection in time"
    if isinstance(error, ReadTimeoutError | TimeoutError):
        return "it did not respond in time"
    return _other_cause(error)


def is_final(error: BaseException) -> bool:
    """Whether a retry cannot help: the server's identity is not verified."""
    return _certificate_error(error) is not None


def status_phrase(status: int) -> str:
    """``Not Found`` for 404; empty for an unknown code."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _other_cause(error: BaseException) -> str:
    certificate = _certificate_error(error)
    if certificate is not None:
        return f"its certificate is not trusted ({certificate.verify_message})"
    if isinstance(error, SSLError):
        return "the TLS handshake failed"
    if isinstance(error, NewConnectionError):
        return "the connection is refused" if _root(error, ConnectionRefusedError) else "no connection can be made"
    if isinstance(error, IncompleteRead | ProtocolError | ConnectionError):
        return "the connection was interrupted"
    return "the request failed"


def _certificate_error(error: BaseException) -> ssl.SSLCertVerificationError | None:
    found = _root(error, ssl.SSLCertVerificationError)
    return found if isinstance(found, ssl.SSLCertVerificationError) else None


def _root(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The first exception of this type in the chain of causes; urllib3 keeps some in ``args``."""
    seen: set[int] = set()
    pending = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        if isinstance(current, kind):
            return current
        seen.add(id(current))
        inner = [arg for arg in current.args if isinstance(arg, BaseException)]
        pending += [current.__cause__, current.__context__, *inner]
    return None

"""Access to the network, or its absence: set up at the first request, so that work from the cache never pays for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from mvlock.errors import BadArtifact, LocalError, NetworkFailure
from mvlock.index.credentials import Credentials, netrc_path
from mvlock.index.http_messages import Request, Response, Sink, TransportFailure, WrongSize
from mvlock.index.keyring import Keyring
from mvlock.index.local_files import copy_file, read_file
from mvlock.progress import Count, count_nothing
from mvlock.project.index_address import local_path

if TYPE_CHECKING:
    from mvlock.index.model import ProjectPage
    from mvlock.index.transport import Transport

_DEFAULT_CONCURRENCY = 16
_MAX_CONCURRENCY = 256


class NetworkSettings(msgspec.Struct, frozen=True):
    """The settings for requests from the environment; ``urls`` are the indexes' URLs, with their credentials."""

    environment: Mapping[str, str]
    urls: Sequence[str] = ()
    offline: bool = False
    advice: str | None = None
    """The hint if the default index cannot be reached."""

    @property
    def concurrency(self) -> int:
        """``MVLOCK_CONCURRENCY``: concurrent requests, and threads.

        :raises LocalError: ``variable-invalid``
        """
        return int(self._number("MVLOCK_CONCURRENCY", _DEFAULT_CONCURRENCY, 1, _MAX_CONCURRENCY))

    @property
    def retries(self) -> int:
        """``MVLOCK_HTTP_RETRIES``: the number of retries."""
        return int(self._number("MVLOCK_HTTP_RETRIES", 3, 0, 20))

    @property
    def timeout(self) -> float:
        """``MVLOCK_HTTP_TIMEOUT``: seconds without any data."""
        return self._number("MVLOCK_HTTP_TIMEOUT", 30.0, 0.01, 3600)

    @property
    def total(self) -> float:
        """``MVLOCK_HTTP_TOTAL_TIMEOUT``: seconds for a response that arrives slowly."""
        return self._number("MVLOCK_HTTP_TOTAL_TIMEOUT", 10 * self.timeout, 0.01, 24 * 3600)

    def _number(self, name: str, default: float, minimum: float, maximum: float) -> float:
        text = self.environment.get(name, "").strip()
        if not text:
            return default
        try:
            value = float(text) if isinstance(default, float) else int(text)
        except ValueError:
            value = -1
        if not minimum <= value <= maximum:
            raise LocalError("variable-invalid", f"{name} is {text!r}; it must be a number from {minimum} to {maximum}")
        return value


class Label(msgspec.Struct, frozen=True):
    """Which ``index`` is queried ("" for a direct URL), and for what (``the page of pandas``), in words.

    ``advice``: the hint if it cannot be reached.
    """

    index: str
    url: str
    what: str
    advice: str | None = None

    @property
    def place(self) -> str:
        """``index pypi (https://…)``, or the URL alone."""
        return f"index {self.index} ({self.url})" if self.index else self.url


class Network:
    """Requests to indexes; failures become errors that name the index and what was wanted.

    ``count``: takes ``requests``, ``bytes received`` and ``cache hits``.
    """

    def __init__(self, settings: NetworkSettings, count: Count = count_nothing) -> None:
        self._settings = settings
        self.count = count
        self.is_closed = False
        self.pages: dict[tuple[object, ...], ProjectPage | None] = {}
        """What was read on it, by the kind of index, its name and URL, and the project."""
        self._transport: Transport | None = None
        self._lock = threading.Lock()

    @property
    def offline(self) -> bool:
        """Whether requests are refused."""
        return self._settings.offline

    def get(self, request: Request, label: Label) -> Response:
        """The complete response.

        :raises NetworkFailure: ``index-offline``, ``index-unreachable``
        """
        path = local_path(request.url)
        try:
            return self._open(label).get(request) if path is None else read_file(path, request)
        except TransportFailure as failure:
            raise self._unreachable(label, failure.cause) from failure

    def download(self, request: Request, sink: Sink, label: Label) -> None:
        """Pass the body of a 200 response to ``sink``.

        :raises BadArtifact: ``size-mismatch``: it is too large, or the download ends early at every attempt
        :raises NetworkFailure: ``index-offline``, ``index-unreachable`` (any other status too)
        """
        path = local_path(request.url)
        try:
            status = self._open(label).download(request, sink) if path is None else copy_file(path, sink)
        except WrongSize as failure:
            raise _wrong_size(label, failure.cause) from failure
        except TransportFailure as failure:
            raise self._unreachable(label, failure.cause) from failure
        if status != 200:
            raise bad_status(label, status)

    def close(self) -> None:
        """End all requests."""
        self.is_closed = True
        if self._transport is not None:
            self._transport.close()

    def _unreachable(self, label: Label, cause: str) -> NetworkFailure:
        """The error, with what other installers are configured for so that they can connect."""
        from mvlock.index.other_installers import network_advice

        hints = [*filter(None, [label.advice]), *network_advice(self._settings.environment)]
        return unreachable(msgspec.structs.replace(label, advice="\n".join(hints) or None), cause)

    def _open(self, label: Label) -> Transport:
        if self._settings.offline:
            raise offline(label)
        with self._lock:
            if self._transport is None:
                self._transport = _new_transport(self._settings, self.count)
            return self._transport


def offline(label: Label) -> NetworkFailure:
    """The error, when offline, for what is not in the cache."""
    return NetworkFailure(
        "index-offline",
        f"{label.what} from {label.place} is not in the cache, and `--offline` is set",
        hint="run once without `--offline`",
        facts={"index": label.index, "url": label.url, "missing": label.what},
    )


def unreachable(label: Label, cause: str, hint: str | None = None) -> NetworkFailure:
    """The error for an index that gave no usable response."""
    text, facts = _failure_text(label, cause), _facts(label, cause)
    return NetworkFailure("index-unreachable", text, hint=label.advice or hint, facts=facts)


def bad_status(label: Label, status: int) -> NetworkFailure:
    """The error for a response with a status of failure."""
    from mvlock.index.causes import status_phrase

    hint = (
        "it needs a login: name and password in the index's URL or netrc, or the password in the keyring"
        if status in {401, 403, 407}
        else None
    )
    return unreachable(label, f"it returned {status} {status_phrase(status)}".rstrip(), hint)


def _wrong_size(label: Label, cause: str) -> BadArtifact:
    """The error for a file that exists, but arrives with the wrong size at every attempt."""
    hint = "if this happens again, the server or a proxy has a damaged copy"
    return BadArtifact("size-mismatch", _failure_text(label, cause), hint=hint, facts=_facts(label, cause))


def _failure_text(label: Label, cause: str) -> str:
    return f"could not fetch {label.what} from {label.place}: {cause}"


def _facts(label: Label, cause: str) -> dict[str, object]:
    return {"index": label.index, "url": label.url, "wanted": label.what, "cause": cause}


def _new_transport(settings: NetworkSettings, count: Count) -> Transport:
    from mvlock.index.other_installers import default_indexes, further_indexes
    from mvlock.index.transport import Transport, TransportSettings

    found = (*default_indexes(settings.environment), *further_indexes(settings.environment))
    others = [one.value for one in found]
    urls, keyring = [*others, *settings.urls], Keyring(settings.environment)
    credentials = Credentials(urls, netrc_path(settings.environment), keyring)
    transport_settings = TransportSettings(
        timeout=settings.timeout, total=settings.total, retries=settings.retries, connections=settings.concurrency
    )
    return Transport(transport_settings, credentials, count)

"""A package index on 127.0.0.1, in this process; a release is published in one line.

with LocalIndex() as index:
    index.publish("a", "1.0", requires=["b>=2"])
    index.url        # http://127.0.0.1:…/simple/, for [[tool.mvlock.index]]
    index.requests   # the requests so far, to be asserted
    index.fail("a-1.0", "drop", times=1)
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from packaging.utils import canonicalize_name

from tests.support.faults import Fault, FaultKind, Faults
from tests.support.pages import ServedFile, html_page, json_page
from tests.support.release import Content, Release, metadata, sdist, wheel
from tests.support.server import IndexServer, Request, Response

_UPLOADED = "2024-01-01T00:00:00Z"
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPE = "text/html; charset=utf-8"


@dataclass(slots=True)
class IndexSettings:
    """What the index supports. ``max_age`` in seconds, None: no Cache-Control; ``credentials``: basic ones."""

    json: bool = True
    metadata: bool = True
    ranges: bool = True
    etag: bool = True
    gzip: bool = True
    advisories: bool = True
    max_age: int | None = 0
    credentials: tuple[str, str] | None = None


@final
@dataclass(slots=True)
class LocalIndex:
    """The index. ``settings`` may be changed at any time; ``requests`` grows with every request.

    ``redirects`` maps paths to locations, answered with 302; ``statuses`` projects to status and reason (PEP 792).
    """

    settings: IndexSettings = field(default_factory=IndexSettings)
    requests: list[Request] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)
    _projects: dict[str, dict[str, ServedFile]] = field(default_factory=dict)
    _pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _vulnerabilities: dict[tuple[str, str], list[Mapping[str, object]]] = field(default_factory=dict)
    _faults: Faults = field(default_factory=Faults)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: IndexServer = field(init=False)

    def __post_init__(self) -> None:
        self._server = IndexServer(self._respond)

    def __enter__(self) -> LocalIndex:
        self._server.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.stop()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def url(self) -> str:
        """The root of the Simple API."""
        return f"{self.origin}/simple/"

    def publish(
        self,
        name: str,
        version: str,
        *,
        requires: Sequence[str] = (),
        python: str | None = None,
        wheel_tags: str | Sequence[str] = "py3-none-any",
        files: Mapping[str, Content] | None = None,
        sdist: bool = False,
        yanked: str | None = None,
        upload_time: str | None = _UPLOADED,
        extras: Mapping[str, Sequence[str]] | None = None,
        scripts: Mapping[str, str] | None = None,
        dynamic: Sequence[str] = (),
        build_requires: Sequence[str] = (),
        build_error: str | None = None,
        hash_names: Sequence[str] = ("sha256",),
        headers: Sequence[str] = (),
        vulnerabilities: Sequence[Mapping[str, object]] = (),
    ) -> list[ServedFile]:
        """Add a release: a wheel per tag (``wheel_tags=()`` for none), then an sdist if requested."""
        release = Release(
            name=name,
            version=version,
            requires=requires,
            python=python,
            extras=extras or {},
            scripts=scripts or {},
            files=files,
            dynamic=dynamic,
            build_requires=build_requires,
            build_error=build_error,
            headers=headers,
        )
        self._vulnerabilities[canonicalize_name(name), version] = list(vulnerabilities)
        published = _Published(python, yanked, upload_time, tuple(hash_names))
        return self._publish(release, [wheel_tags] if isinstance(wheel_tags, str) else wheel_tags, sdist, published)

    def publish_file(
        self,
        project: str,
        filename: str,
        content: bytes,
        *,
        hashes: Mapping[str, str] | None = None,
        metadata: bytes | None = None,
        provenance: bytes | None = None,
    ) -> ServedFile:
        """Add any bytes under any name, with the hashes for the page (None: the correct sha256)."""
        claimed = _hashes(content, ["sha256"]) if hashes is None else hashes
        url = f"{self.origin}/files/{filename}"
        file = ServedFile(filename, content, url, claimed, None, None, _UPLOADED, metadata, provenance)
        return self._add(project, file)

    def publish_page(self, project: str, content: bytes, content_type: str = JSON_TYPE) -> None:
        """Serve exactly these bytes as the page of ``project``."""
        self._pages[canonicalize_name(project)] = content_type, content

    def remove_project(self, project: str) -> None:
        """Remove a project and all its files."""
        self._projects.pop(canonicalize_name(project), None)

    def fail(
        self,
        part: str,
        kind: FaultKind,
        *,
        status: int = 500,
        seconds: float = 0.2,
        times: int | None = None,
        size: int = 16 * 1024,
    ) -> None:
        """Make requests whose path contains ``part`` fail, ``times`` times (None: always)."""
        self._faults.plan(Fault(part, kind, status, seconds, times, size))

    def clear_faults(self) -> None:
        """Let all later requests succeed."""
        self._faults.clear_faults()

    def stop(self) -> None:
        """Close the server: later connections are refused."""
        self._server.stop()

    def paths(self, part: str = "") -> list[str]:
        """The paths requested so far that contain ``part``, in order."""
        return [request.path for request in list(self.requests) if part in request.path]

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()

    def _publish(
        self, release: Release, tags: Sequence[str], with_sdist: bool, published: _Published
    ) -> list[ServedFile]:
        text = metadata(release)
        wheels = [(*wheel(release, tag), text) for tag in tags]
        files = [self._served_file(filename, content, published, data) for filename, content, data in wheels]
        if with_sdist:
            files.append(self._served_file(*sdist(release), published, None))
        return [self._add(release.name, file) for file in files]

    def _served_file(self, filename: str, content: bytes, published: _Published, data: bytes | None) -> ServedFile:
        return ServedFile(
            filename=filename,
            content=content,
            url=f"{self.origin}/files/{filename}",
            hashes=_hashes(content, published.hash_names),
            python=published.python,
            yanked=published.yanked,
            upload_time=published.upload_time,
            metadata=data,
        )

    def _add(self, project: str, file: ServedFile) -> ServedFile:
        self._projects.setdefault(canonicalize_name(project), {})[file.filename] = file
        return file

    def _respond(self, request: Request) -> Response:
        with self._lock:
            self.requests.append(request)
        fault = self._faults.take(request.path)
        response = self._response_without_fault(request)
        response.fault = fault
        response.etag, response.max_age, response.gzip = self.settings.etag, self.settings.max_age, self.settings.gzip
        return response

    def _response_without_fault(self, request: Request) -> Response:
        if self.settings.credentials and request.credentials != self.settings.credentials:
            return Response(401, b"authentication required", headers={"WWW-Authenticate": "Basic"})
        if request.path in self.redirects:
            return Response(302, b"elsewhere", headers={"Location": self.redirects[request.path]})
        folder, _, rest = request.path.lstrip("/").partition("/")
        if folder == "simple":
            return self._page(rest.rstrip("/"), request)
        if folder == "pypi" and self.settings.advisories:
            return self._release(rest)
        return self._file(rest) if folder == "files" else Response(404, b"no such path")

    def _page(self, project: str, request: Request) -> Response:
        if project in self._pages:
            content_type, content = self._pages[project]
            return Response(200, content, content_type)
        if project not in self._projects:
            return Response(404, b"no such project")
        files = [self._as_listed(file) for file in self._projects[project].values()]
        if self.settings.json and JSON_TYPE in request.headers.get("accept", ""):
            return Response(200, json_page(project, files, self.statuses.get(project)), JSON_TYPE)
        return Response(200, html_page(project, files, self.statuses.get(project)), HTML_TYPE)

    def _release(self, rest: str) -> Response:
        """What the JSON API of the public index says of a release, as far as it is about vulnerabilities."""
        name, version, _ = rest.split("/")
        if (name, version) not in self._vulnerabilities:
            return Response(404, b"no such release")
        facts = {"info": {"name": name}, "vulnerabilities": self._vulnerabilities[name, version]}
        return Response(200, json.dumps(facts).encode(), "application/json")

    def _as_listed(self, file: ServedFile) -> ServedFile:
        if self.settings.metadata or file.metadata is None:
            return file
        return ServedFile(
            file.filename, file.content, file.url, file.hashes, file.python, file.yanked, file.upload_time
        )

    def _file(self, filename: str) -> Response:
        for files in list(self._projects.values()):
            if filename in files:
                return Response(200, files[filename].content, ranges=self.settings.ranges)
            found = files.get(filename.removesuffix(".metadata"))
            if found and found.metadata is not None and self.settings.metadata:
                return Response(200, found.metadata)
            attested = files.get(filename.removesuffix(".provenance"))
            if attested and attested.provenance is not None:
                return Response(200, attested.provenance)
        return Response(404, b"no such file")


@dataclass(frozen=True, slots=True)
class _Published:
    """What the page says about every file of a release."""

    python: str | None
    yanked: str | None
    upload_time: str | None
    hash_names: tuple[str, ...]


def _hashes(content: bytes, names: Sequence[str]) -> dict[str, str]:
    return {name: hashlib.new(name, content).hexdigest() for name in names}

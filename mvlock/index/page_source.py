"""Pages of one index, from the cache as long as HTTP allows, else requested (RFC 9111)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import quote

import msgspec
from packaging.utils import NormalizedName

from mvlock.index.cache import CachedPage, decoded_files
from mvlock.index.configured_index import ConfiguredIndex
from mvlock.index.http_messages import Request, Response
from mvlock.index.model import ProjectPage
from mvlock.index.network import bad_status
from mvlock.index.pages import ACCEPT, PageOrigin, read_page

_Rows = Mapping[str, msgspec.Raw]
"""By version: its files, encoded."""
_MAX_PAGE_BYTES = 512 * 1024 * 1024
_NOT_FOUND = frozenset({404, 410})
_HEADERS = {"Accept": ACCEPT, "Accept-Encoding": "gzip"}
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?(\d{1,9})")
_NO_REUSE = re.compile(r"(?:^|[,\s])no-(?:cache|store)")


class PageSource:
    """Finds pages. Nothing is memoised here; thread-safe."""

    def __init__(self, index: ConfiguredIndex) -> None:
        self._index = index

    def page(self, project: NormalizedName) -> ProjectPage | None:
        """The project's files; None if this index does not have it.

        :raises NetworkFailure: the page cannot be fetched, or is not one of the Simple API
        """
        cache = self._index.cache
        cached = cache.page(project)
        if cached is not None and (self._index.network.offline or cache.is_fresh(project, cached)):
            rows = cached.rows()
            if rows is not None:
                return None if cached.absent else self._page(project, rows)
        return self._request(project, cached)

    def _request(self, project: NormalizedName, cached: CachedPage | None) -> ProjectPage | None:
        label = self._index.label(f"the page of {project}")
        request = Request(f"{self._index.url}{quote(project)}/", {**_HEADERS, **_validators(cached)}, _MAX_PAGE_BYTES)
        response = self._index.network.get(request, label)
        if response.status in _NOT_FOUND:
            self._index.cache.store_page(project, CachedPage(absent=True))
            return None
        if response.status == 304 and cached is not None:
            return self._not_modified(project, cached)
        if response.status != 200:
            raise bad_status(label, response.status)
        return self._page(project, self._new_rows(project, response, cached))

    def _not_modified(self, project: NormalizedName, cached: CachedPage) -> ProjectPage | None:
        rows = cached.rows()
        if rows is None:
            return self._request(project, None)
        self._index.cache.mark_page_fresh(project)
        return self._page(project, rows)

    def _new_rows(self, project: NormalizedName, response: Response, cached: CachedPage | None) -> _Rows:
        """The files of a new page, cached; not parsed again if its bytes equal those of the cached page."""
        entry = _entry(response)
        if cached is not None and cached.same_content(entry) and (known := cached.rows()) is not None:
            if cached.same_validators(entry):
                self._index.cache.mark_page_fresh(project)
            else:
                self._index.cache.store_page(project, entry.with_encoded(cached.encoded))
            return known
        origin = PageOrigin(self._index.name, project, response.url)
        entry = entry.with_files(read_page(response.body, response.headers.get("content-type", ""), origin))
        self._index.cache.store_page(project, entry)
        return entry.rows() or {}

    def _page(self, project: NormalizedName, rows: _Rows) -> ProjectPage:
        return ProjectPage(project, self._index.name, rows, lambda version: decoded_files(rows[version]))


def _validators(cached: CachedPage | None) -> dict[str, str]:
    if cached is None:
        return {}
    if cached.etag:
        return {"If-None-Match": cached.etag}
    return {"If-Modified-Since": cached.modified} if cached.modified else {}


def _entry(response: Response) -> CachedPage:
    """The cache entry for a response, still without files. The digest covers all they depend on."""
    content_type = response.headers.get("content-type", "")
    return CachedPage(
        etag=response.headers.get("etag"),
        modified=response.headers.get("last-modified"),
        max_age=_max_age(response.headers),
        digest=hashlib.sha256(f"{response.url}\n{content_type}\n".encode() + response.body).digest(),
    )


def _max_age(headers: Mapping[str, str]) -> int:
    control = headers.get("cache-control", "").lower()
    match = None if _NO_REUSE.search(control) else _MAX_AGE.search(control)
    return int(match[1]) if match else 0

"""Pages of one index, from the cache as long as HTTP allows, else requested (RFC 9111)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import quote

from msgspec.structs import replace
from packaging.utils import NormalizedName

from mvlock.base.limits import LARGEST_PAGE
from mvlock.index.cache import CachedPage, decoded_rows
from mvlock.index.configured_index import ConfiguredIndex
from mvlock.index.http_messages import Request, Response
from mvlock.index.model import IndexFile, ProjectPage
from mvlock.index.network import Label, bad_status
from mvlock.index.pages import ACCEPT, read_page
from mvlock.index.rows import PageOrigin, PageRows, by_version, index_file, left_out

_NOT_FOUND = frozenset({404, 410})
PAGE_HEADERS = {"Accept": ACCEPT, "Accept-Encoding": "gzip"}
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?(\d{1,9})")
_NO_REUSE = re.compile(r"(?:^|[,\s])no-(?:cache|store)")


class PageSource:
    """Finds pages; each is read once on a network. Thread-safe."""

    def __init__(self, index: ConfiguredIndex) -> None:
        self._index = index

    def page(self, project: NormalizedName) -> ProjectPage | None:
        """The project's files; None if this index does not have it.

        :raises NetworkFailure: the page cannot be fetched, or is not one of the Simple API
        """
        pages, key = self._index.network.pages, (type(self), self._index.name, self._index.url, project)
        if key not in pages:
            pages[key] = self._found(project)
        return pages[key]

    def _found(self, project: NormalizedName) -> ProjectPage | None:
        cache = self._index.cache
        cached = cache.page(project)
        if cached is not None and (self._index.network.offline or cache.is_fresh(project, cached)):
            self._index.network.count("cache hits", 1)
            return self._page(project, cached)
        return self._request(project, cached)

    def _request(self, project: NormalizedName, cached: CachedPage | None) -> ProjectPage | None:
        response = self._fetch(project, cached)
        if response.status in _NOT_FOUND:
            self._index.cache.store_page(project, CachedPage(absent=True))
            return None
        if response.status == 304 and cached is not None:
            self._index.cache.mark_page_fresh(project)
            return self._page(project, cached)
        if response.status != 200:
            raise bad_status(self._label(project), response.status)
        return self._page(project, self._new_entry(project, response, cached))

    def _fetch(self, project: NormalizedName, cached: CachedPage | None) -> Response:
        headers = {**PAGE_HEADERS, **_validators(cached)}
        request = Request(f"{self._index.url}{quote(project)}/", headers, LARGEST_PAGE)
        return self._index.network.get(request, self._label(project))

    def _label(self, project: NormalizedName) -> Label:
        return self._index.label(f"the page of {project}")

    def _new_entry(self, project: NormalizedName, response: Response, cached: CachedPage | None) -> CachedPage:
        """The entry for a new page, cached; not parsed again if its bytes equal those of the cached page."""
        entry = _entry(response)
        if cached is None or not cached.same_content(entry):
            entry = self._with_rows(entry, project, response)
        elif cached.same_validators(entry):
            self._index.cache.mark_page_fresh(project)
            return cached
        else:
            entry = entry.with_rows_of(cached)
        self._index.cache.store_page(project, entry)
        return entry

    def _with_rows(self, entry: CachedPage, project: NormalizedName, response: Response) -> CachedPage:
        origin = PageOrigin(self._index.name, project, response.url)
        page = self._read(response, origin)
        versions = by_version(page.rows, project, page.base)
        entry = replace(entry, left_out=left_out(page, versions), status=page.status)
        return entry.with_rows(versions, page.base)

    def _read(self, response: Response, origin: PageOrigin) -> PageRows:
        return read_page(response.body, response.headers.get("content-type", ""), origin)

    def _page(self, project: NormalizedName, entry: CachedPage) -> ProjectPage | None:
        if entry.absent:
            return None
        origin = PageOrigin(self._index.name, project, entry.base)

        def files_of(version: str) -> tuple[IndexFile, ...]:
            return tuple(index_file(row, version, origin) for row in decoded_rows(entry.rows[version]))

        return ProjectPage(project, self._index.name, entry.rows, files_of, entry.left_out, status=entry.status)


def _validators(cached: CachedPage | None) -> dict[str, str]:
    if cached is None:
        return {}
    if cached.etag:
        return {"If-None-Match": cached.etag}
    return {"If-Modified-Since": cached.modified} if cached.modified else {}


def _entry(response: Response) -> CachedPage:
    """The cache entry for a response, still without rows. The digest covers all they depend on."""
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

"""One page on the web with links to files of several projects (pip's ``--find-links``), as if each had a page."""

from __future__ import annotations

import threading

from packaging.utils import NormalizedName

from mvlock.base.limits import LARGEST_PAGE
from mvlock.index.cache import CachedPage
from mvlock.index.configured_index import ConfiguredIndex
from mvlock.index.http_messages import Request, Response
from mvlock.index.model import ProjectPage
from mvlock.index.page_source import PAGE_HEADERS, PageSource
from mvlock.index.rows import PageOrigin, PageRows


class FlatPage(PageSource):
    """Requests and parses the page once; the cache has what it says of each project. Thread-safe."""

    def __init__(self, index: ConfiguredIndex) -> None:
        super().__init__(index)
        self._lock = threading.Lock()
        self._response: Response | None = None
        self._rows: PageRows | None = None

    def _fetch(self, project: NormalizedName, cached: CachedPage | None) -> Response:
        with self._lock:
            if self._response is None:
                request = Request(self._index.url, PAGE_HEADERS, LARGEST_PAGE)
                self._response = self._index.network.get(request, self._index.label("the page of all projects"))
            return self._response

    def _read(self, response: Response, origin: PageOrigin) -> PageRows:
        with self._lock:
            if self._rows is None:
                self._rows = super()._read(response, origin)
            return self._rows

    def _page(self, project: NormalizedName, entry: CachedPage) -> ProjectPage | None:
        return super()._page(project, entry) if entry.rows else None

"""Pages of one index, from the cache as long as HTTP allows, else requested (RFC 9111)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import quote

from packaging.utils import NormalizedName

from mvlock.index.cache import CachedPage
from mvlock.index.exchange import Ask, Reply
from mvlock.index.model import IndexFile, ProjectPage
from mvlock.index.network import refused
from mvlock.index.pages import ACCEPT, PageOrigin, read_page
from mvlock.index.site import Site

_MOST = 512 * 1024 * 1024
_ABSENT = frozenset({404, 410})
_HEADERS = {"Accept": ACCEPT, "Accept-Encoding": "gzip"}
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age=\"?(\d{1,9})")
_NO_REUSE = re.compile(r"(?:^|[,\s])no-(?:cache|store)")


class PageSource:
    """Finds pages. Nothing is memoised here; thread-safe."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def page(self, project: NormalizedName) -> ProjectPage | None:
        """The project's files; None if this index does not have it.

        :raises IndexFailure: the page cannot be fetched, or is not one of the Simple API
        """
        cache = self._site.cache
        cached = cache.page(project)
        if cached is not None and (self._site.network.offline or cache.is_fresh(project, cached)):
            files = cached.files()
            if files is not None:
                return None if cached.absent else self._page(project, files)
        return self._ask(project, cached)

    def _ask(self, project: NormalizedName, cached: CachedPage | None) -> ProjectPage | None:
        label = self._site.label(f"the page of {project}")
        ask = Ask(f"{self._site.url}{quote(project)}/", {**_HEADERS, **_validators(cached)}, _MOST)
        reply = self._site.network.get(ask, label)
        if reply.status in _ABSENT:
            self._site.cache.keep_page(project, CachedPage(absent=True))
            return None
        if reply.status == 304 and cached is not None:
            return self._confirmed(project, cached)
        if reply.status != 200:
            raise refused(label, reply.status)
        return self._page(project, self._new_files(project, reply, cached))

    def _confirmed(self, project: NormalizedName, cached: CachedPage) -> ProjectPage | None:
        files = cached.files()
        if files is None:
            return self._ask(project, None)
        self._site.cache.confirm_page(project)
        return self._page(project, files)

    def _new_files(self, project: NormalizedName, reply: Reply, cached: CachedPage | None) -> tuple[IndexFile, ...]:
        """The files of a new page, cached; not parsed again if its bytes equal those of the cached page."""
        entry = _entry(reply)
        if cached is not None and cached.same_content(entry) and (known := cached.files()) is not None:
            if cached.same_validators(entry):
                self._site.cache.confirm_page(project)
            else:
                self._site.cache.keep_page(project, entry.with_encoded(cached.encoded))
            return known
        origin = PageOrigin(self._site.name, project, reply.url)
        files = read_page(reply.body, reply.headers.get("content-type", ""), origin)
        self._site.cache.keep_page(project, entry.with_files(files))
        return files

    def _page(self, project: NormalizedName, files: tuple[IndexFile, ...]) -> ProjectPage:
        return ProjectPage(project, self._site.name, files)


def _validators(cached: CachedPage | None) -> dict[str, str]:
    if cached is None:
        return {}
    if cached.etag:
        return {"If-None-Match": cached.etag}
    return {"If-Modified-Since": cached.modified} if cached.modified else {}


def _entry(reply: Reply) -> CachedPage:
    """The cache entry for a response, still without files. The digest covers all they depend on."""
    content_type = reply.headers.get("content-type", "")
    return CachedPage(
        etag=reply.headers.get("etag"),
        modified=reply.headers.get("last-modified"),
        max_age=_max_age(reply.headers),
        digest=hashlib.sha256(f"{reply.url}\n{content_type}\n".encode() + reply.body).digest(),
    )


def _max_age(headers: Mapping[str, str]) -> int:
    control = headers.get("cache-control", "").lower()
    match = None if _NO_REUSE.search(control) else _MAX_AGE.search(control)
    return int(match[1]) if match else 0

"""All configured indexes as one ``PackageIndex``.

    page(project) ──► Memo ──► PageSource of each index in order ──► cache │ network
    metadata(file) ─► Memo ──► WheelSource of the file's index ────► cache │ network

``prefetch`` queues work for a thread pool; a caller that needs an answer before its turn takes the work out of
the queue and does it itself. Nothing is requested twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import final

from packaging.utils import NormalizedName

from mvlock.base.concurrency import Memo
from mvlock.base.urls import without_credentials
from mvlock.errors import BadArtifact, LocalError
from mvlock.index.cache import IndexCache
from mvlock.index.configured_index import ConfiguredIndex
from mvlock.index.connections import Connections
from mvlock.index.download import download
from mvlock.index.filenames import file_version
from mvlock.index.flat_page import FlatPage
from mvlock.index.folder_pages import FolderPages
from mvlock.index.http_messages import Request
from mvlock.index.model import Advisory, CoreMetadata, IndexFile, ProjectPage, Received, receive
from mvlock.index.network import Label, Network, NetworkSettings, bad_status
from mvlock.index.order import IndexOrder, index_order, shown_url
from mvlock.index.page_source import PageSource
from mvlock.index.wheel_source import WheelSource
from mvlock.progress import Count, Reporter
from mvlock.project.index_address import IndexFormat, local_path
from mvlock.project.model import Project

_FileKey = tuple[str, str]
_MAX_PROVENANCE = 4 * 1024 * 1024
_PROVENANCE_HEADERS = {"Accept": "application/vnd.pypi.integrity.v1+json", "Accept-Encoding": "gzip"}


def open_index(
    project: Project,
    *,
    cache: Path,
    offline: bool = False,
    index_url: str | None = None,
    locked: Mapping[NormalizedName, str] = MappingProxyType({}),
    environ: Mapping[str, str] | None = None,
    advice: str | None = None,
    connections: Connections | None = None,
    reporter: Reporter,
) -> MultiIndex:
    """The indexes of a project, ready for requests; close them, or use them as a context manager.

    ``index_url`` replaces the URL of the default index, not its name: a lock is the same behind any mirror.
    ``locked``: the indexes that projects must still come from, as a lock names them.
    ``offline``: only the cache is used. ``advice``: the hint if the default index cannot be reached. ``connections``:
    those that other projects share with this one. Of ``environ``
    (None: the variables of this process) these are read: ``MVLOCK_CONCURRENCY``, ``MVLOCK_HTTP_RETRIES``,
    ``MVLOCK_HTTP_TIMEOUT``, ``MVLOCK_HTTP_TOTAL_TIMEOUT`` and ``NETRC``, of the process also ``SSL_CERT_FILE`` and
    ``…_proxy``.

    :raises LocalError: an index, or one of these variables, is not valid
    """
    order = index_order(project, index_url, locked)
    urls = [source.url for source in order.sources.values()]
    settings = NetworkSettings(dict(os.environ if environ is None else environ), urls, offline, advice)
    for name in order.general:
        reporter.detail(f"index {name}: {shown_url(order.sources[name])}")
    return MultiIndex(order, cache, settings, reporter.count, connections)


@final
class MultiIndex:
    """A ``FileIndex``. Remembers pages, metadata and failures for its lifetime; thread-safe."""

    def __init__(
        self,
        order: IndexOrder,
        cache: Path,
        settings: NetworkSettings,
        count: Count,
        connections: Connections | None = None,
    ) -> None:
        self._order = order
        self._is_shared = connections is not None
        make = partial(Network, settings, count)
        self._network = make() if connections is None else connections.network(settings, make)
        self._executor = ThreadPoolExecutor(settings.concurrency, thread_name_prefix="mvlock-index")
        indexes = _indexes(order, cache, self._network, settings.advice)
        self._indexes = indexes
        self._pages = {name: _pages_of(index, order.sources[name].format) for name, index in indexes.items()}
        self._wheels = {name: WheelSource(index) for name, index in indexes.items()}
        self._page_memo: Memo[NormalizedName, ProjectPage | None] = Memo(self._executor)
        self._metadata_memo: Memo[_FileKey, CoreMetadata] = Memo(self._executor)
        self._names_memo: Memo[_FileKey, tuple[str, ...]] = Memo(self._executor)

    def __enter__(self) -> MultiIndex:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_shared and kind is None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        else:
            self.close()

    def close(self) -> None:
        """Drop work that has not started, end transfers under way, and wait for their threads. Idempotent."""
        self._network.close()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def page(self, project: NormalizedName) -> ProjectPage | None:
        """See ``PackageIndex.page``."""
        return self._page_memo.get(project, partial(self._find_page, project))

    def file(self, project: NormalizedName, filename: str, index: str | None) -> IndexFile | None:
        """See ``FileIndex.file``."""
        page, version = self._locked_page(project, index), file_version(filename, project)
        if page is not None and page.status.is_quarantined:
            raise _quarantined(page)
        files = page.files_of(version) if page and version in page.versions else ()
        return next((file for file in files if file.filename == filename), None)

    def prefetch(self, projects: Iterable[NormalizedName]) -> None:
        """See ``PackageIndex.prefetch``."""
        for project in projects:
            self._page_memo.start(project, partial(self._find_page, project))

    def prefetch_metadata(self, files: Iterable[IndexFile]) -> None:
        """See ``PackageIndex.prefetch_metadata``."""
        for file in files:
            self._metadata_memo.start(_key(file), partial(self._find_metadata, file))

    def prefetch_names(self, files: Iterable[IndexFile]) -> None:
        """Start fetching paths of files in wheels in the background; never raises."""
        for file in files:
            self._names_memo.start(_key(file), partial(self._find_names, file))

    def metadata(self, file: IndexFile) -> CoreMetadata:
        """See ``PackageIndex.metadata``."""
        return self._metadata_memo.get(_key(file), partial(self._find_metadata, file))

    def wheel_names(self, file: IndexFile) -> tuple[str, ...]:
        """See ``PackageIndex.wheel_names``."""
        return self._names_memo.get(_key(file), partial(self._find_names, file))

    def license(self, file: IndexFile) -> str | None:
        """See ``FileIndex.license``."""
        return self._wheel_source(file).license(file)

    def advisories(self, project: NormalizedName, version: str, index: str) -> tuple[Advisory, ...] | None:
        """See ``FileIndex.advisories``."""
        from mvlock.index.advisories import AdvisorySource

        return AdvisorySource(self._indexes[self._order.locked_index(project, index)]).of(project, version)

    def download(self, file: IndexFile, destination: Path, received: Received = receive) -> None:
        """See ``PackageIndex.download``; the file need not come from an index (a direct URL)."""
        index = self._indexes.get(file.index)
        url = index.url if index else without_credentials(file.url)
        download(self._network, file, Label(file.index, url, file.filename), destination, received)

    def provenance(self, file: IndexFile) -> bytes | None:
        """See ``FileIndex.provenance``."""
        if file.provenance is None:
            return None
        label = Label(file.index, self._indexes[file.index].url, f"the attestations of {file.filename}")
        response = self._network.get(Request(file.provenance, _PROVENANCE_HEADERS, _MAX_PROVENANCE), label)
        if response.status != 200:
            raise bad_status(label, response.status)
        return response.body

    def _find_page(self, project: NormalizedName) -> ProjectPage | None:
        for name in self._order.names_for(project):
            page = self._pages[name].page(project)
            if page is not None:
                self._order.check_found(project, name)
                return page
        return None

    def _locked_page(self, project: NormalizedName, index: str | None) -> ProjectPage | None:
        if index is None:
            return self._find_page(project)
        return self._pages[self._order.locked_index(project, index)].page(project)

    def _find_metadata(self, file: IndexFile) -> CoreMetadata:
        return self._wheel_source(file).metadata(file)

    def _find_names(self, file: IndexFile) -> tuple[str, ...]:
        return self._wheel_source(file).names(file)

    def _wheel_source(self, file: IndexFile) -> WheelSource:
        source = self._wheels.get(file.index)
        if source is None:
            raise LocalError("index-unknown", f"{file.filename} is from index {file.index}, which is not configured")
        return source


def _indexes(order: IndexOrder, cache: Path, network: Network, advice: str | None) -> Mapping[str, ConfiguredIndex]:
    return {
        name: ConfiguredIndex(
            name,
            shown_url(source),
            IndexCache(cache, name, shown_url(source)),
            network,
            advice if name == order.default else None,
        )
        for name, source in order.sources.items()
    }


def _pages_of(index: ConfiguredIndex, format_: IndexFormat) -> PageSource | FolderPages:
    folder = local_path(index.url)
    if folder is not None:
        return FolderPages(index, folder)
    return FlatPage(index) if format_ == "flat" else PageSource(index)


def _quarantined(page: ProjectPage) -> BadArtifact:
    """The error for a project whose files must not be used (PEP 792)."""
    return BadArtifact(
        "project-quarantined",
        f"index {page.index} says of {page.project}: {page.status.advice}; none of its files is installed",
        hint=f"find out why, and remove {page.project} from the project if it was an attack",
        facts={"project": page.project, "index": page.index, "reason": page.status.reason},
    )


def _key(file: IndexFile) -> _FileKey:
    return file.index, file.filename

"""Pages of an index that is a folder of this machine: files next to each other, or a folder for each project.

    wheels/a-1.0-py3-none-any.whl           flat
    simple/a/index.html                     a page of PEP 503, with links to files anywhere
    simple/a/a-1.0-py3-none-any.whl         the same without pages
    wheels.html                             a page with links to files of several projects

Nothing is cached, as the files are here. A file without a hash on its page is hashed when its version is considered.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import quote

from msgspec.structs import replace
from packaging.utils import NormalizedName

from mvlock.base.digests import sha256_of, strong_hashes
from mvlock.index.configured_index import ConfiguredIndex
from mvlock.index.model import IndexFile, ProjectPage
from mvlock.index.network import unreachable
from mvlock.index.pages import read_page
from mvlock.index.rows import FileRow, PageOrigin, PageRows, by_version, index_file
from mvlock.project.index_address import local_path

_PAGE = "index.html"


class FolderPages:
    """Finds the files of projects in a folder; thread-safe."""

    def __init__(self, index: ConfiguredIndex, root: Path) -> None:
        self._index = index
        self._root = root

    def page(self, project: NormalizedName) -> ProjectPage | None:
        """The project's files; None if the folder has none.

        :raises NetworkFailure: there is no such folder, or a page cannot be read
        """
        try:
            page = self._rows(project)
        except OSError as error:
            label = self._index.label(f"the files of {project}")
            raise unreachable(label, f"{error.filename}: {error.strerror}") from error
        versions = by_version(page.rows, project, page.base)
        origin = PageOrigin(self._index.name, project, page.base)

        def files_of(version: str) -> tuple[IndexFile, ...]:
            return tuple(_with_facts(index_file(row, version, origin)) for row in versions[version])

        return ProjectPage(project, self._index.name, versions, files_of, status=page.status) if versions else None

    def _rows(self, project: NormalizedName) -> PageRows:
        own = self._root / project
        if self._root.is_file():
            return self._page_rows(self._root, project)
        if (own / _PAGE).is_file():
            return self._page_rows(own / _PAGE, project)
        if own.is_dir():
            return PageRows(_files_in(own), f"{own.as_uri()}/")
        return PageRows(self._files, f"{self._root.as_uri()}/")

    def _page_rows(self, page: Path, project: NormalizedName) -> PageRows:
        origin = PageOrigin(self._index.name, project, page.as_uri())
        return read_page(page.read_bytes(), "text/html", origin)

    @cached_property
    def _files(self) -> list[FileRow]:
        return _files_in(self._root)


def _files_in(folder: Path) -> list[FileRow]:
    """A row for each file, which need not be a distribution."""
    return [FileRow(path.name, quote(path.name)) for path in sorted(folder.iterdir()) if path.is_file()]


def _with_facts(file: IndexFile) -> IndexFile:
    """The file with what its page does not say of it; a file that is not there is left to whoever opens it."""
    path = local_path(file.url)
    if path is None or not path.is_file():
        return file
    status = path.stat()
    known = strong_hashes(file.hashes) or {"sha256": _digest(path, status.st_mtime_ns, status.st_size)}
    return replace(file, hashes=known, size=status.st_size)


@lru_cache(maxsize=65536)
def _digest(path: Path, modified: int, size: int) -> str:
    """The sha256 of a file in this state."""
    return sha256_of(path)

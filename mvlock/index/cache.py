"""Responses of an index kept on disk: pages under HTTP caching rules, facts about a file's content forever.

    <cache>/index-v2/<key of the index>/pages/<project>
                                       /metadata/<first two digits>/<sha256 of the wheel>
                                       /names/<first two digits>/<sha256 of the wheel>
                                       /licenses/<first two digits>/<sha256 of the wheel>

The key is derived from the index's name and URL, so that indexes never share entries. Entries are written by
rename, so several processes may share the folder. An entry that cannot be read counts as absent; a failed write
is ignored.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from mvlock.base.drafts import draft_file
from mvlock.index.metadata import MetadataText
from mvlock.index.model import ProjectStatus
from mvlock.index.rows import FileRow

T = TypeVar("T")
_LAYOUT = "index-v2"
_MAX_AGE = 24 * 3600


class CachedPage(msgspec.Struct, array_like=True):
    """A page's validators (RFC 9111), its body's digest, its rows by version, still encoded, and its project's status.

    ``absent``: 404. ``base``: the URL that those of the rows are relative to. ``project`` tells mixed-up entries apart.
    ``left_out``: what of the page is in no row, in words.
    """

    etag: str | None = None
    modified: str | None = None
    max_age: int = 0
    digest: bytes = b""
    absent: bool = False
    base: str = ""
    rows: dict[str, memoryview] = {}
    project: str = ""
    left_out: str = ""
    status: ProjectStatus = ProjectStatus()

    def with_rows(self, rows: Mapping[str, Sequence[FileRow]], base: str) -> CachedPage:
        """The same entry with these rows."""
        encoded = {version: memoryview(_ENCODER.encode(several)) for version, several in rows.items()}
        return msgspec.structs.replace(self, base=base, rows=encoded)

    def with_rows_of(self, other: CachedPage) -> CachedPage:
        """The same entry with what the page of another says."""
        return msgspec.structs.replace(
            self, base=other.base, rows=other.rows, left_out=other.left_out, status=other.status
        )

    def same_content(self, other: CachedPage) -> bool:
        """Whether both were made from the same bytes."""
        return not self.absent and self.digest == other.digest

    def same_validators(self, other: CachedPage) -> bool:
        """Whether nothing but the time has changed."""
        return (self.etag, self.modified, self.max_age) == (other.etag, other.modified, other.max_age)


_ENCODER = msgspec.msgpack.Encoder()
_ROWS = msgspec.msgpack.Decoder(list[FileRow])
_PAGE = msgspec.msgpack.Decoder(CachedPage)
_METADATA = msgspec.msgpack.Decoder(MetadataText)
_NAMES = msgspec.msgpack.Decoder(tuple[str, ...])
_LICENSE = msgspec.msgpack.Decoder(str)


def decoded_rows(encoded: memoryview) -> list[FileRow]:
    """The rows of one version."""
    return _ROWS.decode(encoded)


class IndexCache:
    """The entries of one index."""

    def __init__(self, folder: Path, index: str, url: str) -> None:
        key = hashlib.sha256(f"{index}\n{url}".encode()).hexdigest()[:20]
        self._root = folder / _LAYOUT
        self._folder = self._root / key

    def page(self, project: str) -> CachedPage | None:
        """The newest cached page, fresh or stale."""
        page = _read(self._page_path(project), _PAGE)
        return page if page is not None and page.project == project else None

    def page_age(self, project: str) -> float:
        """Seconds since the index last confirmed the page; infinite if that time is in the future."""
        try:
            age = time.time() - self._page_path(project).stat().st_mtime
        except OSError:
            return float("inf")
        return age if age >= 0 else float("inf")

    def is_fresh(self, project: str, page: CachedPage) -> bool:
        """Whether the page can be used without a request."""
        return page.max_age > 0 and self.page_age(project) < min(page.max_age, _MAX_AGE)

    def store_page(self, project: str, page: CachedPage) -> None:
        """Store the page that the index just sent."""
        self._write(self._page_path(project), _ENCODER.encode(msgspec.structs.replace(page, project=project)))

    def mark_page_fresh(self, project: str) -> None:
        """Record that the index just confirmed the page."""
        with contextlib.suppress(OSError):
            os.utime(self._page_path(project))

    def metadata(self, sha256: str) -> MetadataText | None:
        """The headers of the wheel with this digest."""
        return _read(self._path("metadata", sha256), _METADATA)

    def store_metadata(self, sha256: str, text: MetadataText) -> None:
        """Keep the headers of a wheel."""
        self._write(self._path("metadata", sha256), _ENCODER.encode(text))

    def names(self, sha256: str) -> tuple[str, ...] | None:
        """The paths of the files in the wheel with this digest."""
        return _read(self._path("names", sha256), _NAMES)

    def store_names(self, sha256: str, names: tuple[str, ...]) -> None:
        """Keep the paths of the files in a wheel."""
        self._write(self._path("names", sha256), _ENCODER.encode(names))

    def license(self, sha256: str) -> str | None:
        """The licence of the wheel with this digest, "" if it declares none."""
        return _read(self._path("licenses", sha256), _LICENSE)

    def store_license(self, sha256: str, text: str) -> None:
        """Keep the licence of a wheel."""
        self._write(self._path("licenses", sha256), _ENCODER.encode(text))

    def _write(self, path: Path, content: bytes) -> None:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft_file(self._root, path) as file:
                file.write(_checksum(content))
                file.write(content)

    def _page_path(self, project: str) -> Path:
        return self._folder / "pages" / project

    def _path(self, kind: Literal["metadata", "names", "licenses"], sha256: str) -> Path:
        return self._folder / kind / sha256[:2] / sha256


def _read(path: Path, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
    try:
        content = memoryview(path.read_bytes())
        intact = content[:4] == _checksum(content[4:])
        return decoder.decode(content[4:]) if intact else None
    except (OSError, ValueError, msgspec.DecodeError):
        return None


def _checksum(content: bytes | memoryview) -> bytes:
    """Protects against crashes and bad disks, not against tampering: the cache is the user's own."""
    return zlib.adler32(content).to_bytes(4, "big")

"""Responses of an index kept on disk: pages under HTTP caching rules, facts about a file's content forever.

    <cache>/index-v1/<key of the index>/rows/<project>
                                       /metadata/<first two digits>/<sha256 of the wheel>
                                       /names/<first two digits>/<sha256 of the wheel>

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
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from mvlock.base import atomic
from mvlock.index.metadata import MetadataText
from mvlock.index.model import IndexFile, by_version

T = TypeVar("T")
_LAYOUT = "index-v1"
_MAX_AGE = 24 * 3600


class CachedPage(msgspec.Struct, array_like=True):
    """A page's validators (RFC 9111), its body's digest, its files by version, still encoded; ``absent``: 404."""

    etag: str | None = None
    modified: str | None = None
    max_age: int = 0
    digest: bytes = b""
    absent: bool = False
    encoded: msgspec.Raw = msgspec.Raw(b"\x80")

    def rows(self) -> Mapping[str, msgspec.Raw] | None:
        """By version: its files, for ``decoded_files``; None if the entry is damaged."""
        try:
            return _ROWS.decode(self.encoded)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def with_files(self, files: Iterable[IndexFile]) -> CachedPage:
        """The same entry with these files."""
        return self.with_encoded(msgspec.Raw(msgspec.msgpack.encode(by_version(files))))

    def with_encoded(self, encoded: msgspec.Raw) -> CachedPage:
        """The same entry with the files of another."""
        return msgspec.structs.replace(self, encoded=encoded)

    def same_content(self, other: CachedPage) -> bool:
        """Whether both were made from the same bytes."""
        return not self.absent and self.digest == other.digest

    def same_validators(self, other: CachedPage) -> bool:
        """Whether nothing but the time has changed."""
        return (self.etag, self.modified, self.max_age) == (other.etag, other.modified, other.max_age)


_FILES = msgspec.msgpack.Decoder(tuple[IndexFile, ...])
_ROWS = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
_PAGE = msgspec.msgpack.Decoder(CachedPage)
_METADATA = msgspec.msgpack.Decoder(MetadataText)
_NAMES = msgspec.msgpack.Decoder(tuple[str, ...])


def decoded_files(row: msgspec.Raw) -> tuple[IndexFile, ...]:
    """The files of one version."""
    return _FILES.decode(row)


class IndexCache:
    """The entries of one index."""

    def __init__(self, folder: Path, index: str, url: str) -> None:
        key = hashlib.sha256(f"{index}\n{url}".encode()).hexdigest()[:20]
        self._folder = folder / _LAYOUT / key

    def page(self, project: str) -> CachedPage | None:
        """The newest cached page, fresh or stale."""
        return _read(self._page_path(project), _PAGE)

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
        _write(self._page_path(project), msgspec.msgpack.encode(page))

    def mark_page_fresh(self, project: str) -> None:
        """Record that the index just confirmed the page."""
        with contextlib.suppress(OSError):
            os.utime(self._page_path(project))

    def metadata(self, sha256: str) -> MetadataText | None:
        """The headers of the wheel with this digest."""
        return _read(self._path("metadata", sha256), _METADATA)

    def store_metadata(self, sha256: str, text: MetadataText) -> None:
        """Keep the headers of a wheel."""
        _write(self._path("metadata", sha256), msgspec.msgpack.encode(text))

    def names(self, sha256: str) -> tuple[str, ...] | None:
        """The paths of the files in the wheel with this digest."""
        return _read(self._path("names", sha256), _NAMES)

    def store_names(self, sha256: str, names: tuple[str, ...]) -> None:
        """Keep the paths of the files in a wheel."""
        _write(self._path("names", sha256), msgspec.msgpack.encode(names))

    def _page_path(self, project: str) -> Path:
        return self._folder / "rows" / project

    def _path(self, kind: Literal["metadata", "names"], sha256: str) -> Path:
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


def _write(path: Path, content: bytes) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replacing(path, mode=atomic.OWNER_ONLY) as file:
            file.write(_checksum(content))
            file.write(content)

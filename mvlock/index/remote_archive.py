"""A remote zip archive: a seekable file whose bytes come by range requests (RFC 9110, 14)."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import IO

from mvlock.base.limits import LARGEST_METADATA
from mvlock.base.wheel_paths import is_described_by
from mvlock.errors import BadArtifact
from mvlock.index.metadata import metadata_invalid
from mvlock.index.model import IndexFile

_SMALL_TAIL, _LARGE_TAIL, _LARGE = 64 * 1024, 256 * 1024, 4 * 1024 * 1024

_READ_BEFORE = 16 * 1024
_MIN_READ = 32 * 1024
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What installers know (PEP 427)."""

Fetch = Callable[[int, int], bytes]


class RemoteFile(io.RawIOBase):
    """Reads a remote file of ``size`` bytes through ``fetch(start, stop)``; ``tail`` are its last bytes."""

    def __init__(self, size: int, tail: bytes, fetch: Fetch) -> None:
        super().__init__()
        self._size = size
        self._fetch = fetch
        self._windows = [(size - len(tail), tail)]
        self._position = 0

    def readable(self) -> bool:
        """Yes (``io.IOBase``)."""
        return True

    def seekable(self) -> bool:
        """Yes (``io.IOBase``)."""
        return True

    def tell(self) -> int:
        """The position of the next read (``io.IOBase``)."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move there; past the end is allowed (``io.IOBase``)."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("before the start of the file")  # zipfile expects what a real file does
        self._position = start + offset
        return self._position

    def readinto(self, buffer: object) -> int:
        """Read at most what fits; nothing at the end (``io.RawIOBase``)."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # typeshed has no buffer in 3.10
        stop = min(self._position + len(view), self._size)
        content = self._from(self._position, stop) if stop > self._position else b""
        view[: len(content)] = content
        self._position += len(content)
        return len(content)

    def _from(self, start: int, stop: int) -> bytes:
        """Some bytes from ``start`` on: a raw read may be short, so any window with the first byte will do."""
        for first, window in self._windows:
            if first <= start < first + len(window):
                return window[start - first : stop - first]
        first, last = max(0, start - _READ_BEFORE), min(self._size, max(stop, start + _MIN_READ))
        self._windows.append((first, self._fetch(first, last)))
        return self._windows[-1][1][start - first : stop - first]


def tail_length(size: int | None) -> int:
    """Bytes to fetch first: a wheel ends with its list of members and usually its METADATA (PEP 427).

    A further request costs more than extra bytes, so more is fetched of a large wheel, which has many members.
    """
    return _LARGE_TAIL if size is not None and size > _LARGE else _SMALL_TAIL


def content_range(header: str | None) -> tuple[int, int, int] | None:
    """Start, stop (exclusive) and total size from a Content-Range header."""
    match = _CONTENT_RANGE.fullmatch(header or "")
    if match is None:
        return None
    return int(match[1]), int(match[2]) + 1, int(match[3])


def member_names(archive: IO[bytes], file: IndexFile) -> tuple[str, ...]:
    """The names of all members, sorted.

    :raises BadArtifact: ``wheel-invalid``
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            return tuple(sorted(opened.namelist()))
    except _BROKEN as error:
        raise BadArtifact(
            "wheel-invalid", f"{file.filename} is not a wheel: {error}", facts={"file": file.filename}
        ) from error


def member_metadata(archive: IO[bytes], file: IndexFile) -> bytes:
    """The content of the wheel's METADATA.

    :raises BadArtifact: ``metadata-invalid`` if there is none, or it cannot be read
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            member = opened.getinfo(_metadata_name(opened.namelist(), file))
            if member.compress_type not in _METHODS:
                raise metadata_invalid(file.filename, f"it is compressed by method {member.compress_type}")
            with opened.open(member) as stream:
                content = stream.read(LARGEST_METADATA + 1)
    except _BROKEN as error:
        raise metadata_invalid(file.filename, f"the wheel cannot be read: {error}") from error
    if len(content) > LARGEST_METADATA:
        raise metadata_invalid(file.filename, f"it is larger than {LARGEST_METADATA} bytes")
    return content


def _metadata_name(names: list[str], file: IndexFile) -> str:
    """The METADATA whose folder is named after the project (PEP 427), in any spelling."""
    found = [name for name in names if is_described_by(name)]
    own = [name for name in found if _project(name) == file.project]
    if len(own) != 1:
        raise metadata_invalid(file.filename, f"the wheel has {len(own) or 'no'} METADATA of its own")
    return own[0]


def _project(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("-")[0]).lower()

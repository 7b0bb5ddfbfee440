"""Reproducible archives, the same entries give byte-identical files: sorted, with one time, one owner and two modes.

The time is the oldest that all formats can store. Libraries repeat from tree to tree, so Zstandard uses the largest
window that every decoder accepts without an option (2**27 bytes).
"""

from __future__ import annotations

import gzip
import shutil
import stat
import struct
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import IO

from mvlock.pack.entry import Entry, File, Link

TIME = 315532800
"""1980-01-01, UTC: the modification time of everything in an archive."""

FORMATS = ("tar.zst", "tar.gz", "zip")
_DATE = (1980, 1, 1, 0, 0, 0)
_LEVEL = 9
_WINDOW = 27
_LARGE = 1 << 31


def write_archive(stream: IO[bytes], entries: Iterable[Entry], kind: str, done: Callable[[], object]) -> None:
    """Write ``entries`` in the format ``kind`` (of ``FORMATS``) to ``stream``; ``done`` is called after each entry."""
    ordered = sorted(entries, key=lambda entry: entry.path.split("/"))
    if kind == "zip":
        _write_zip(stream, ordered, done)
        return
    opener = _zstd if kind == "tar.zst" else _gzip
    with opener(stream) as packed, tarfile.open(mode="w|", fileobj=packed, format=tarfile.PAX_FORMAT) as archive:
        for folder, entry in _with_folders(ordered):
            if entry is None:
                archive.addfile(_folder(folder))
            else:
                _add(archive, entry)
                done()


def _with_folders(entries: Sequence[Entry]) -> Iterator[tuple[str, Entry | None]]:
    """Each entry after the folders that contain it; a folder comes once, without an entry."""
    seen = {""}
    for entry in entries:
        parts = entry.path.split("/")
        for length in range(1, len(parts)):
            folder = "/".join(parts[:length])
            if folder not in seen:
                seen.add(folder)
                yield folder, None
        yield entry.path, entry


def _add(archive: tarfile.TarFile, entry: Entry) -> None:
    if isinstance(entry, Link):
        archive.addfile(_link(entry))
        return
    with entry.opened() as (content, size):
        info = _member(entry.path, _mode(entry))
        info.size = size
        archive.addfile(info, content)


def _member(path: str, mode: int) -> tarfile.TarInfo:
    """A member without a particular owner: the owner is 0 without a name, as usual for reproducible builds."""
    info = tarfile.TarInfo(path)
    info.mtime, info.mode = TIME, mode
    return info


def _folder(path: str) -> tarfile.TarInfo:
    info = _member(path, 0o755)
    info.type = tarfile.DIRTYPE
    return info


def _link(entry: Link) -> tarfile.TarInfo:
    info = _member(entry.path, 0o777)
    info.type, info.linkname = tarfile.SYMTYPE, entry.target
    return info


def _mode(entry: File) -> int:
    return 0o755 if entry.executable else 0o644


@contextmanager
def _gzip(stream: IO[bytes]) -> Iterator[BufferedIOBase]:
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=stream, mtime=0) as packed:
        yield packed


@contextmanager
def _zstd(stream: IO[bytes]) -> Iterator[BufferedIOBase]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    parameter = zstd.CompressionParameter
    options = {
        int(parameter.compression_level): _LEVEL,
        int(parameter.window_log): _WINDOW,
        int(parameter.enable_long_distance_matching): 1,
        int(parameter.checksum_flag): 1,
    }
    with zstd.ZstdFile(stream, "wb", options=options) as packed:
        yield packed


def _write_zip(stream: IO[bytes], entries: Sequence[Entry], done: Callable[[], object]) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for folder, entry in _with_folders(entries):
            if entry is None:
                archive.writestr(_zip_member(f"{folder}/", stat.S_IFDIR | 0o755), b"")
            elif isinstance(entry, Link):
                archive.writestr(_zip_member(entry.path, stat.S_IFLNK | 0o777), entry.target.encode())
            else:
                _zip_file(archive, entry)
            if entry is not None:
                done()


def _zip_file(archive: zipfile.ZipFile, entry: File) -> None:
    info = _zip_member(entry.path, stat.S_IFREG | _mode(entry))
    info.compress_type = zipfile.ZIP_DEFLATED
    with entry.opened() as (content, size), archive.open(info, "w", force_zip64=size >= _LARGE) as member:
        shutil.copyfileobj(content, member)


def _zip_member(path: str, mode: int) -> zipfile.ZipInfo:
    """A member with its time in UTC as well: zip's own time field is local time where it is unpacked."""
    info = zipfile.ZipInfo(path, _DATE)
    info.create_system, info.external_attr = 3, mode << 16
    info.extra = struct.pack("<HHBl", 0x5455, 5, 1, TIME)
    return info


def kind_of(path: Path) -> str | None:
    """The format that a file's name implies."""
    name = path.name.lower()
    return next((kind for kind in FORMATS if name.endswith(f".{kind}")), None)

"""Source archives (PEP 625 and older formats): unpacked with the same checks as wheels."""

from __future__ import annotations

import errno
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mvlock.base.limits import LARGEST_METADATA
from mvlock.base.os_errors import DISK_FULL, NOT_WRITABLE
from mvlock.build.tarball import Members, unpack_members
from mvlock.errors import BadArtifact
from mvlock.store import guard
from mvlock.store.zip_structure import structure_problems

_ARCHIVE_ERRORS = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),  # methods, passwords, names and sizes
)
_CHUNK = 1 << 20
_LOCAL_ERRORS = DISK_FULL | NOT_WRITABLE | {errno.EIO, errno.EMFILE, errno.ENFILE}
"""Errors of the machine, not of the archive."""


def unpack_source(archive: Path, destination: Path) -> Path:
    """Unpack an sdist or any archive of a source tree; returns its root folder.

    :raises BadArtifact: ``sdist-unsafe`` or ``sdist-invalid``
    :raises OSError: the disk is full, or may not be written to
    """
    destination.mkdir(parents=True)
    with _archive_errors(archive, "unpacked"):
        if archive.suffix == ".zip":
            _unpack_zip(archive, destination)
        else:
            _unpack_tar(archive, destination)
    children = list(destination.iterdir())
    return children[0] if len(children) == 1 and children[0].is_dir() else destination


def read_member(archive: Path, name: str) -> bytes | None:
    """The file ``name`` in an archive's top folder, without unpacking the rest; None if it is not there."""
    with _archive_errors(archive, "read"):
        if archive.suffix == ".zip":
            return _zip_member(archive, name)
        return _tar_member(archive, name)


@contextmanager
def _archive_errors(archive: Path, action: str) -> Iterator[None]:
    """Turns errors in this block into errors of the archive, except those of the machine."""
    try:
        yield
    except _ARCHIVE_ERRORS as error:
        if isinstance(error, OSError) and error.errno in _LOCAL_ERRORS:
            raise
        raise BadArtifact("sdist-invalid", f"{archive.name} cannot be {action}: {error}") from error


def _unpack_zip(archive: Path, destination: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        size = archive.stat().st_size
        _refuse(archive, guard.problems(opened.infolist(), size) or structure_problems(opened, size))
        opened.extractall(destination)


def _unpack_tar(archive: Path, destination: Path) -> None:
    with tarfile.open(archive) as opened:
        every = opened.getmembers()
        members = Members(every)
        _refuse(archive, members.problems)
        _refuse(archive, _excess(sum(member.size for member in every), archive))
        _read_to_end(opened, archive)
        _refuse(archive, unpack_members(opened, members, destination))


def _zip_member(archive: Path, name: str) -> bytes | None:
    with zipfile.ZipFile(archive) as opened:
        found = [path for path in opened.namelist() if _is_top(path, name)]
        if not found:
            return None
        with opened.open(found[0]) as stream:
            return _content(stream, archive)


def _tar_member(archive: Path, name: str) -> bytes | None:
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isfile() and _is_top(member.name, name):
                stream = opened.extractfile(member)
                return _content(stream, archive) if stream else None
    return None


def _read_to_end(opened: tarfile.TarFile, archive: Path) -> None:
    """Read what is behind the last member: the checksum of a compressed archive is at its end."""
    stream = opened.fileobj
    while stream is not None and stream.read(_CHUNK):
        _refuse(archive, _excess(stream.tell(), archive))


def _excess(total: int, archive: Path) -> list[str]:
    size = archive.stat().st_size
    is_excess = total > guard.RATIO_APPLIES_FROM and total > guard.MAXIMUM_RATIO * size
    return [f"{size} bytes claim to unpack to {total}"] if is_excess else []


def _content(stream: IO[bytes], archive: Path) -> bytes:
    content = stream.read(LARGEST_METADATA + 1)
    if len(content) > LARGEST_METADATA:
        raise BadArtifact("sdist-invalid", f"{archive.name}: its metadata is larger than {LARGEST_METADATA} bytes")
    return content


def _is_top(path: str, name: str) -> bool:
    parts = path.removeprefix("./").split("/")
    return len(parts) == 2 and parts[1] == name


def _refuse(archive: Path, reasons: list[str]) -> None:
    if reasons:
        lines = "\n".join(f"  - {reason}" for reason in reasons[:10])
        raise BadArtifact("sdist-unsafe", f"{archive.name} is refused:\n{lines}")

"""What an archive must not do: write outside its folder, hide files, fill the disk.

The checks read only the central directory, before anything is written. Each refusal is one reason; the caller adds
the name of the wheel.
"""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence

MAXIMUM_RATIO = 200
"""Ratio of uncompressed to compressed size. Text reaches 20; deflate's limit is 1032."""
RATIO_APPLIES_FROM = 64 * 1024 * 1024
"""Smaller archives may have any ratio."""

MAXIMUM_NAME = 255
"""Limit for one name in a path, in bytes, that the file systems of all platforms accept."""
MAXIMUM_PATH = 1000
"""Limit for a path in an archive, in bytes: the folders above it have to fit into the system's 4,096, too."""

_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ENCRYPTED = 0x1
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_NEWEST_FORMAT = 63
"""The version of the zip format that is known, times ten."""


def problems(members: Sequence[zipfile.ZipInfo], archive_size: int) -> list[str]:
    """Every reason not to unpack, in the order of the archive; empty if there is none."""
    found = [problem for member in members if (problem := _member_problem(member))]
    found += collisions((member.filename, member.filename) for member in members)
    total = sum(member.file_size for member in members)
    if total > RATIO_APPLIES_FROM and total > MAXIMUM_RATIO * archive_size:
        found.append(f"{archive_size} bytes claim to unpack to {total}")
    return found


def path_problem(path: str) -> str | None:
    """Why a relative POSIX path from outside is unsafe, or None."""
    if not path or path.startswith("/"):
        return f"{path!r} is an absolute path"
    if "\\" in path or _CONTROL.search(path):
        return f"{path!r} contains a character that is not allowed in a wheel"
    if _DRIVE.match(path):
        return f"{path!r} names a drive"
    if any(part in {"", ".", ".."} for part in path.rstrip("/").split("/")):
        return f"{path!r} leaves the target directory"
    return name_problem(path)


def name_problem(path: str) -> str | None:
    """Why a file system would reject a path, or one of the names in it; None if it would not."""
    lengths = [len(part.encode("utf-8", "surrogateescape")) for part in path.split("/")]
    total = sum(lengths) + len(lengths) - 1
    if max(lengths) > MAXIMUM_NAME:
        return f"{_shortened(path)!r} has a name of {max(lengths)} bytes; the limit is {MAXIMUM_NAME}"
    return f"{_shortened(path)!r} has {total} bytes; the limit is {MAXIMUM_PATH}" if total > MAXIMUM_PATH else None


def _shortened(path: str) -> str:
    return path if len(path) <= 80 else f"{path[:50]}…{path[-25:]}"


def collisions(members: Iterable[tuple[str, str]]) -> list[str]:
    """Every reason why members, as pairs of target path and name, cannot exist together."""
    found: list[str] = []
    seen: dict[str, str] = {}
    for place, name in members:
        if name.endswith("/"):
            continue
        other = seen.setdefault(_folded(place), name)
        if other is not name:
            found.append(f"{name!r} appears twice" if other == name else f"{name!r} collides with {other!r}")
    return found + _files_as_folders(seen)


def _member_problem(member: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return f"{member.filename!r} is a symbolic link"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return f"{member.filename!r} is not a regular file"
    if member.flag_bits & _ENCRYPTED:
        return f"{member.filename!r} is encrypted"
    if member.compress_type not in _METHODS or member.extract_version > _NEWEST_FORMAT:
        return f"{member.filename!r} is compressed by method {member.compress_type}, which installers need not know"
    # ZipInfo.filename ends at a NUL byte; the name as stored is what the archive says.
    return path_problem(member.orig_filename)


def _files_as_folders(files: dict[str, str]) -> list[str]:
    found = []
    for folded, name in files.items():
        parent = folded.rpartition("/")[0]
        while parent:
            if parent in files:
                found.append(f"{files[parent]!r} is both a file and the folder of {name!r}")
            parent = parent.rpartition("/")[0]
    return found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()

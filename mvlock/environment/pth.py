"""``.pth`` and ``.start`` files: the folders they add, what they execute, how absolute paths become relative.

The ``site`` module resolves relative lines of ``.pth`` files against the folder of the file, so a tree can be moved
with its project or workspace, and executes lines that start with ``import``. From 3.15 on it calls the entry points in
``.start`` files after all those lines have run; a ``.pth`` file beside a ``.start`` file of its name only adds folders
(PEP 829). From 3.18 on, every ``.pth`` file only adds folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

import msgspec

from mvlock.environment.layout import TreePlace

PATH_FILE, START_FILE = ".pth", ".start"
_FIRST_START_FILES = 15
_LAST_LINES = 17

_NAMESPACE = "-nspkg.pth"
"""Suffix of setuptools' files that create namespace packages, which Python creates by itself (PEP 420)."""


class PathFile(msgspec.Struct, frozen=True):
    """What one ``.pth`` file amounts to.

    ``content`` None: it can stay as it is. ``paths`` are relative to site-packages where they are in what moves with
    the tree, else absolute; POSIX. ``startup``: the lines to be executed when Python starts, in order.
    """

    content: bytes | None = None
    paths: tuple[str, ...] = ()
    startup: tuple[str, ...] = ()


def read_path_file(name: str, content: bytes, place: TreePlace) -> PathFile:
    """What the file ``name`` means at ``place``; one that is not UTF-8 is ignored."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return PathFile()
    changed = [_relocated_line(line, place) for line in lines]
    startup = [] if name.endswith(_NAMESPACE) else [line.rstrip() for line in lines if _is_code(line)]
    return PathFile(
        content=("\n".join(changed) + "\n").encode() if changed != lines else None,
        paths=tuple(PurePath(line).as_posix() for line in changed if _is_path(line)),
        startup=tuple(startup),
    )


def startup_of(files: Mapping[str, bytes], place: TreePlace) -> Iterator[tuple[str, str]]:
    """What Python executes at start from ``files`` at the top of site-packages: file and line, in order."""
    starts = _start_files(files) if knows_start_files(place) else {}
    for name in sorted(files) if place.layout.minor <= _LAST_LINES else ():
        if name.endswith(PATH_FILE) and name.removesuffix(PATH_FILE) + START_FILE not in starts:
            yield from ((name, line) for line in read_path_file(name, files[name], place).startup)
    for name, lines in starts.items():
        yield from ((name, line) for line in lines)


def knows_start_files(place: TreePlace) -> bool:
    """Whether the Python at ``place`` reads ``.start`` files."""
    return place.layout.minor >= _FIRST_START_FILES


def _start_files(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """The entry points of each ``.start`` file, by file name; files without any are included."""
    found = {name: _entry_points(files[name]) for name in sorted(files) if name.endswith(START_FILE)}
    return {name: lines for name, lines in found.items() if lines is not None}


def _entry_points(content: bytes) -> list[str] | None:
    """The lines of a ``.start`` file without comments; None: it is not UTF-8, and is treated as absent."""
    try:
        lines = map(str.strip, content.decode("utf-8-sig").splitlines())
    except UnicodeDecodeError:
        return None
    return [line for line in lines if line and not line.startswith("#")]


def _is_code(line: str) -> bool:
    return line.startswith(("import ", "import\t"))


def _is_path(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#") and not _is_code(line)


def _relocated_line(line: str, place: TreePlace) -> str:
    path = Path(line.rstrip())
    if not _is_path(line) or not path.is_absolute() or not path.is_relative_to(place.movable):
        return line
    if not place.is_in_movable:
        return line
    return PurePath(os.path.relpath(path, place.site_packages)).as_posix()

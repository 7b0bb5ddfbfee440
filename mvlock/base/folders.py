"""Folders that are replaced atomically: made beside their place and swapped in, so the old or the new one is there."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mvlock.base import drafts

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_STAGING_PREFIX = ".mvlock-tmp-"


def make_staging_folder(place: Path) -> Path:
    """A new empty folder beside ``place``, on the same file system, with the permissions of the umask."""
    folder = _own_path(place.parent, place.name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir()
    return folder


def _own_path(parent: Path, name: str) -> Path:
    return drafts.owned(parent / f"{_STAGING_PREFIX}{name}-{os.urandom(6).hex()}")


def remove_staging_folders(folder: Path) -> None:
    """Remove what killed runs left in ``folder``; the caller must have exclusive access to it."""
    if folder.is_dir():
        for leftover in folder.glob(f"{_STAGING_PREFIX}*"):
            remove(leftover)


def swap(staged: Path, place: Path) -> Path | None:
    """Move ``staged`` to ``place``; returns the new path of the folder that was there, to be removed.

    Atomic where the system can exchange two names (Linux); elsewhere ``place`` is missing between two renames.
    """
    if not place.exists():
        staged.rename(place)
        return None
    if _exchange_atomically(staged, place):
        return staged
    old = _move_aside(place)
    staged.rename(place)
    return old


def _move_aside(place: Path) -> Path:
    """Give a folder the name of a staging folder, and return that."""
    return place.rename(_own_path(place.parent, place.name))


def remove_at_once(place: Path) -> None:
    """Remove a folder that others know: who is killed meanwhile leaves no half of it, only a staging folder."""
    remove(_move_aside(place))


def remove(folder: Path) -> None:
    """Remove a folder and everything in it, read-only or not."""
    try:
        shutil.rmtree(folder)
    except PermissionError:
        _make_writable(folder)
        shutil.rmtree(folder)


def _make_writable(folder: Path) -> None:
    folder.chmod(0o700)
    for child in folder.iterdir():
        if child.is_dir() and not child.is_symlink():
            _make_writable(child)
        elif sys.platform == "win32":
            child.chmod(stat.S_IWRITE)


def _exchange_atomically(first: Path, second: Path) -> bool:
    if sys.platform != "linux":
        return False
    import ctypes

    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    paths = os.fsencode(first), os.fsencode(second)
    return bool(rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)


class Staging:
    """A new folder beside each place to be replaced. Safe to use from the thread that fills them and one that waits."""

    def __init__(self) -> None:
        self._folders: dict[Path, Path] = {}

    def open(self, place: Path, hidden: Path | None = None) -> Path:
        """A new folder for what will be at ``place``: in ``hidden`` if it can be moved there, else beside."""
        folder = make_staging_folder(place)
        if hidden is not None:
            with suppress(OSError):  # it does not exist, or is on another disk
                folder = folder.rename(drafts.owned(hidden / folder.name))
        self._folders[place] = folder
        return folder

    def of(self, place: Path) -> Path | None:
        """The folder that was opened for ``place``."""
        return self._folders.get(place)

    def move_into_place(self) -> None:
        """Move each into place by a rename; the old folders are removed at the end."""
        for place, folder in self._folders.items():
            old = swap(folder, place)
            if old is not None:
                self._folders[place] = old

    def discard(self) -> None:
        """Remove folders that were not moved into place."""
        for folder in self._folders.values():
            if folder.exists():
                remove(folder)


@contextmanager
def staging() -> Iterator[Staging]:
    """Folders in preparation; those that were not moved into place are removed at the end of the block."""
    staging_folders = Staging()
    try:
        yield staging_folders
    except BaseException:
        with suppress(OSError):  # a thread may still write there; `remove_own_drafts` comes after it
            staging_folders.discard()
        raise
    staging_folders.discard()

"""Work in progress, in folders and files. Each is locked by its process, so what a killed one has left is removed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mvlock.base import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

DRAFTS = "tmp"
"""The name of folders that hold nothing else."""

_own: list[Path] = []
"""All that this process has made; most are gone."""


@contextmanager
def draft_folder(place: Path) -> Iterator[Path]:
    """A new folder for the draft of something in ``place``, which is on the same file system; removed at the end."""
    folder, handle = _new_path(place), None
    try:
        handle = _make(folder)
        yield folder
    finally:
        _remove(folder)
        if handle is not None:
            os.close(handle)


@contextmanager
def draft_file(place: Path, path: Path) -> Iterator[BinaryIO]:
    """A file to write, for this user alone, which becomes ``path`` at the end; a draft in ``place`` as folders are."""
    draft, handle = _open_new(place)
    with atomic.becoming(path, draft, handle) as stream:
        yield stream


def write(place: Path, path: Path, content: bytes) -> None:
    """Write ``draft_file``."""
    with draft_file(place, path) as stream:
        stream.write(content)


def remove_abandoned_drafts(cache: Path) -> None:
    """Remove the drafts of processes that have ended, of everything in ``cache``."""
    with suppress(OSError):
        for entry in os.scandir(cache):
            if os.path.isdir(f"{entry.path}/{DRAFTS}"):  # noqa: PTH112  # whenever a command starts
                for draft in Path(entry.path, DRAFTS).iterdir():
                    _remove_if_abandoned(draft)


def owned(draft: Path) -> Path:
    """Say that a path is a draft of this process, before it is there; returns it."""
    _own.append(draft)
    return draft


def remove_own_drafts() -> None:
    """Remove what this process still has, at its end: a signal may come just when a draft was to be removed."""
    for draft in _own:
        _remove(draft)


def _new_path(place: Path) -> Path:
    return owned(place / DRAFTS / os.urandom(6).hex())


def _open_new(place: Path) -> tuple[Path, int]:
    """A new file and its handle, locked where files can be."""
    while True:
        path = _new_path(place)
        try:
            handle = os.open(path, atomic.NEW, atomic.OWNER_ONLY)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            continue
        _lock(handle, wait=True)
        if os.fstat(handle).st_nlink:
            return path, handle
        os.close(handle)  # it was taken for abandoned before it was locked


def _make(folder: Path) -> int | None:
    """Make a folder for this user alone; the handle by which it is locked, None where folders cannot be locked."""
    while True:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(0o700)
        handle = _locked(folder, wait=True)
        if folder.exists():
            return handle
        if handle is not None:  # it was taken for abandoned before it was locked
            os.close(handle)


def _remove(draft: Path) -> None:
    from shutil import rmtree

    with suppress(OSError):
        draft.unlink()
        return
    try:
        rmtree(draft, ignore_errors=True)
    except BaseException:  # the first signal: what is left takes no longer than the rest of the command
        rmtree(draft, ignore_errors=True)
        raise


def _remove_if_abandoned(draft: Path) -> None:
    handle = _locked(draft, wait=False)
    if handle is not None:
        _remove(draft)
        os.close(handle)


def _locked(draft: Path, *, wait: bool) -> int | None:
    """A handle that locks ``draft``; None if another process has it, or where this is impossible."""
    try:
        handle = os.open(draft, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return None
    if _lock(handle, wait=wait):
        return handle
    os.close(handle)
    return None


def _lock(handle: int, *, wait: bool) -> bool:
    """Whether this process could lock an open file or folder."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

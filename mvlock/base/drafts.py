"""Folders of work in progress. Each is locked by its process, so what a killed one has left is known, and removed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DRAFTS = "tmp"
"""The name of folders that hold nothing else."""


@contextmanager
def draft_folder(place: Path) -> Iterator[Path]:
    """A new folder for the draft of something in ``place``, which is on the same file system; removed at the end."""
    folder, handle = place / DRAFTS / os.urandom(6).hex(), None
    try:
        handle = _make(folder)
        yield folder
    finally:
        _remove(folder)
        if handle is not None:
            os.close(handle)


def remove_abandoned_drafts(cache: Path) -> None:
    """Remove the drafts of processes that have ended, of everything in ``cache``."""
    with suppress(OSError):
        for entry in os.scandir(cache):
            if os.path.isdir(f"{entry.path}/{DRAFTS}"):  # noqa: PTH112  # whenever a command starts
                for folder in Path(entry.path, DRAFTS).iterdir():
                    _remove_if_abandoned(folder)


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


def _remove(folder: Path) -> None:
    from shutil import rmtree

    try:
        rmtree(folder, ignore_errors=True)
    except BaseException:  # the first signal: what is left takes no longer than the rest of the command
        rmtree(folder, ignore_errors=True)
        raise


def _remove_if_abandoned(folder: Path) -> None:
    handle = _locked(folder, wait=False)
    if handle is not None:
        _remove(folder)
        os.close(handle)


def _locked(folder: Path, *, wait: bool) -> int | None:
    """A handle that locks ``folder``; None if another process has it, or where folders cannot be locked."""
    if sys.platform == "win32":
        return None
    import fcntl

    handle = None
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if handle is not None:
            os.close(handle)
        return None
    return handle

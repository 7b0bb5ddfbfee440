"""One install at a time in one project, without a file that would have to be there first.

The lock is on the project's folder itself where the system can lock folders; elsewhere (Windows, some network
file systems) it is a file in the cache. Both end with the process that holds them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mvlock.install.hold import hold_folder

_FOLDER = "locks-1"


@contextmanager
def alone_in(project: Path, cache: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the project for ourselves; ``waiting`` is called once if another process does."""
    handle = hold_folder(project, waiting)
    if handle is not None:
        try:
            yield
        finally:
            os.close(handle)
        return
    with _lock_file(project, cache, waiting):
        yield


@contextmanager
def _lock_file(project: Path, cache: Path, waiting: Callable[[], None]) -> Iterator[None]:
    folder = cache / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{hashlib.sha256(os.fsencode(project.resolve())).hexdigest()}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()

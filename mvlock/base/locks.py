"""Locks between processes: on a folder itself, or on a lock file. A lock ends with the process that holds it.

Standard library only until a file is locked, since every command locks a folder.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from filelock import FileLock

_FOLDER = "locks-1"
_PATIENCE = 1.0
"""Seconds of waiting that need no message."""
_PAUSE = 0.02


def lock_folder(folder: Path, waiting: Callable[[], None], *, shared: bool = False) -> int | None:
    """An open handle that locks ``folder``, exclusively unless ``shared``.

    ``waiting`` is called once if it must wait for more than a second.

    No lock file is needed. None where folders cannot be locked: on Windows, on some network file systems.

    :raises OSError: the folder cannot be opened
    """
    if sys.platform == "win32":
        return None
    import fcntl

    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not _is_locked_soon(handle, kind):
            waiting()
            fcntl.flock(handle, kind)
    except OSError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle


def _is_locked_soon(handle: int, kind: int) -> bool:
    """Lock an open folder, unless another process keeps it for longer than needs a message."""
    import fcntl

    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def file_lock(path: Path) -> FileLock:
    """A lock on a file, created if there is none."""
    from filelock import FileLock

    return FileLock(path)


@contextmanager
def exclusive_project(project: Path, cache: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Lock a project's folder, or a file in the cache if that is impossible; ``waiting`` as in ``lock_folder``."""
    handle = lock_folder(project, waiting)
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
    import hashlib

    from filelock import Timeout

    folder = cache / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lock = file_lock(folder / f"{hashlib.sha256(os.fsencode(project.resolve())).hexdigest()}.lock")
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()

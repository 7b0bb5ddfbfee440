"""A lock on a folder itself, for which no file has to be there; it ends with the process that holds it.

The standard library only: every command takes one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path


def hold_folder(folder: Path, waiting: Callable[[], None], *, shared: bool = False) -> int | None:
    """An open handle that holds ``folder``, with others if ``shared``; ``waiting`` is called once if it is taken.

    None where folders cannot be locked: on Windows, on some network file systems.

    :raises OSError: the folder cannot be opened
    """
    if sys.platform == "win32":
        return None
    import fcntl

    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, kind)
    except OSError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle

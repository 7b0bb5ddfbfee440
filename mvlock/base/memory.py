"""One heap for all threads."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8
_M_MMAP_THRESHOLD = -3
_LARGE = 128 * 1024


def share_heap() -> None:
    """From now on all threads allocate from one heap, and give back what is large (glibc; elsewhere nothing happens).

    By default each gets its own, and keeps what is freed in it: half of the memory of a large install. And what counts
    as large, so that it goes back to the system when it is freed, grows with what has been freed.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)
            mallopt(_M_MMAP_THRESHOLD, _LARGE)

"""One heap for all threads."""

from __future__ import annotations

import sys

_M_ARENA_MAX = -8
_M_MMAP_THRESHOLD = -3
_LARGE = 128 * 1024


def share_heap() -> None:
    """Let all threads allocate from one heap from now on, and return large blocks (glibc; elsewhere nothing happens).

    By default each thread has its own arena and keeps what is freed in it: half of the memory of a large install. And
    the threshold from which a freed block is returned to the system grows with the blocks that have been freed.
    """
    if sys.platform == "linux":
        import ctypes

        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)
            mallopt(_M_MMAP_THRESHOLD, _LARGE)

"""One heap for all threads."""

from __future__ import annotations

import ctypes
import sys

_M_ARENA_MAX = -8


def share_heap() -> None:
    """From now on let all threads allocate from one heap (glibc; elsewhere nothing happens).

    By default each gets its own, and keeps what is freed in it: half of the memory of a large install.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_ARENA_MAX, 1)

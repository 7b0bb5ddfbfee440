"""One thread at a time loads modules of trees.

Libraries keep state about their loading in places that all versions share: flags on ``sys`` (opencv), entries of
``sys.modules`` and ``sys.meta_path`` (six). In a plain environment one lock per module guards that; two versions have
two modules. So the outermost load of a thread waits for its turn. It waits for ``LOAD_TIMEOUT`` at most: a module that
starts a thread and waits for it, while the thread imports too, must not wait forever.

The outermost load also reserves stack space. From 3.11 on, CPython keeps the frames of Python functions in chunks of 16
KiB, and frees a chunk as soon as its first frame ends. Nested imports fill many chunks, and where one is just full,
every further call allocates a new one and frees it: a thousand times while pandas is imported, with a system call each.
A frame that needs much space gets a chunk of that size, which serves all frames inside it.
"""

from __future__ import annotations

import os
from _thread import RLock

from importshim._classes import FunctionType
from importshim._frames import like_importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LOAD_TIMEOUT = 10.0
"""Seconds."""
_STACK_WORDS = (256 + 1) * 1024 // 8
"""Words of 8 bytes: just too many for a chunk of 256 KiB, so that one of 512 KiB is half free. Only used pages take
memory."""


class LoadLock:
    """A re-entrant lock that lets a thread pass after it has waited for ``timeout`` seconds."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._renew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def set_timeout(self, timeout: float) -> None:
        """Wait this long from now on."""
        self._timeout = timeout

    def _renew(self) -> None:
        self._lock = RLock()

    @like_importlib
    def run(self, load: Callable[..., Any], *args: object) -> Any:
        """Call ``load`` when no other thread loads, or the timeout is over."""
        lock = self._lock
        if lock._is_owned():  # type: ignore[attr-defined]
            return load(*args)
        is_acquired = lock.acquire(timeout=self._timeout)
        try:
            return _with_stack_space(load, args)
        finally:
            if is_acquired:
                lock.release()


@like_importlib
def _call(load: Callable[..., Any], args: tuple[object, ...]) -> Any:
    return load(*args)


_with_stack_space = FunctionType(_call.__code__.replace(co_stacksize=_STACK_WORDS), globals())

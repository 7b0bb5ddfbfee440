"""One thread at a time loads modules of trees.

Libraries keep state about their loading in places that all versions share: flags on ``sys`` (opencv), entries of
``sys.modules`` and ``sys.meta_path`` (six). In a plain environment one lock per module guards that; two versions have
two modules. So the outermost load of a thread waits for its turn. It waits for ``PATIENCE`` at most: a module that
starts a thread and waits for it, while the thread imports too, must not wait forever.

The outermost load also reserves stack space. From 3.11 on, CPython keeps the frames of Python functions in chunks of 16
KiB, and frees a chunk as soon as its first frame ends. Nested imports fill many chunks, and where one is just full,
every further call allocates a new one and frees it: a thousand times while pandas is imported, with a system call each.
A frame that needs much space gets a chunk of that size, which serves all frames inside it.
"""

from __future__ import annotations

import os
from _thread import RLock
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PATIENCE = 10.0
"""Seconds."""
_ROOM = (256 + 1) * 1024 // 8
"""Words of 8 bytes: just too many for a chunk of 256 KiB, so that one of 512 KiB is half free. Only used pages take
memory."""


class Turn:
    """A re-entrant lock that lets a thread pass after it has waited for ``patience`` seconds."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._renew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def be_patient(self, patience: float) -> None:
        """Wait longer from now on."""
        self._patience = patience

    def _renew(self) -> None:
        self._lock = RLock()

    def run(self, load: Callable[..., Any], *args: object) -> Any:
        """Call ``load`` when it is this thread's turn."""
        lock = self._lock
        if lock._is_owned():  # type: ignore[attr-defined]
            return load(*args)
        taken = lock.acquire(timeout=self._patience)
        try:
            return _with_room(load, args)
        finally:
            if taken:
                lock.release()


def _call(load: Callable[..., Any], args: tuple[object, ...]) -> Any:
    return load(*args)


_with_room = FunctionType(_call.__code__.replace(co_stacksize=_ROOM), globals())

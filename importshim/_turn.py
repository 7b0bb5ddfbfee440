"""One thread at a time loads modules of trees.

Libraries keep state of their own loading in places that all versions share: flags on ``sys`` (opencv), entries of
``sys.modules`` and ``sys.meta_path`` (six). In a plain environment one lock per module guards that; two versions have
two modules. So the outermost load of a thread waits for its turn. It waits for ``PATIENCE`` at most: a module that
starts a thread and waits for it, while that one imports too, must not wait for ever.
"""

from __future__ import annotations

import os
from _thread import RLock

PATIENCE = 10.0
"""Seconds."""


class Turn:
    """A re-entrant lock that lets those pass who have waited long enough."""

    def __init__(self) -> None:
        self._lock = RLock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._lock = RLock()

    def take(self) -> RLock | None:
        """Wait for the turn; what to give back, None if patience has ended first."""
        lock = self._lock
        return lock if lock.acquire(blocking=False) or lock.acquire(timeout=PATIENCE) else None

"""Process groups that this process has started and that must not outlive it."""

from __future__ import annotations

import os
from contextlib import suppress

RUNNING: set[int] = set()
"""The process ids of their leaders."""


def kill_all() -> None:
    """End them now, without a chance to tidy up."""
    if os.name == "nt":
        return
    from signal import SIGKILL

    for leader in tuple(RUNNING):
        with suppress(OSError):
            os.killpg(leader, SIGKILL)

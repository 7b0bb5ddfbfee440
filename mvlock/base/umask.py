"""Who may write the files that this process makes: everybody never may, whatever it was started with."""

from __future__ import annotations

import os

_started_with: list[int] = []


def keep_others_out() -> None:
    """A umask that lets everybody write, as containers often have it, is no wish: it becomes the usual one."""
    started_with = os.umask(0o022)
    if started_with & 0o002:
        os.umask(started_with)
    else:
        _started_with.append(started_with)


def restore() -> None:
    """The umask that this process was started with, for a program that takes its place."""
    if _started_with:
        os.umask(_started_with.pop())

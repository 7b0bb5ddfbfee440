"""Whether files of the store are what they were when they were written, at the least cost.

What was found intact is noted by the time of an empty file beside it. A file whose status has changed since (its
ctime, which no program can set) is read again; the others need no reading. A new link to a file changes its status,
too, so the note is renewed once a tree is linked.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mvlock.base.digests import record_digest_of
from mvlock.store.model import StoredFile

if TYPE_CHECKING:
    from mvlock.store.file_workers import FileWorkers

_NOTE = "intact"


def note_intact(folder: Path) -> None:
    """Note that everything in ``folder`` is intact now; without a place for the note it is read again next time."""
    with suppress(OSError):
        (folder / _NOTE).touch()


def noted_intact(folder: Path) -> int:
    """When everything in ``folder`` was last known to be intact, in nanoseconds; 0: never.

    Files with this very time may have changed just after the note. Windows has no time of the last change of status.
    """
    if os.name == "nt":
        return 0
    try:
        return os.stat(folder / _NOTE).st_mtime_ns  # noqa: PTH116  # twice for each distribution
    except OSError:
        return 0


def problems(folder: str, files: Sequence[StoredFile], since: int, workers: FileWorkers | None = None) -> list[str]:
    """What is wrong with each file below ``folder`` (``file_problem``); ``workers`` pass over those that are right."""
    doubtful = files
    if workers is not None and since:
        looks = [(file.path, file.size, file.executable) for file in files]
        doubtful = [files[number] for number in workers.look(folder, since, looks)]
    return [problem for file in doubtful if (problem := file_problem(folder, file, since))]


def file_problem(folder: str, file: StoredFile, since: int) -> str | None:
    """What is wrong with a file below ``folder``; it is read unless its status is older than ``since``."""
    path = f"{folder}/{file.path}"
    try:
        status = os.stat(path)  # noqa: PTH116  # thousands of them
        changed = status.st_size != file.size
        if changed or (status.st_ctime_ns >= since and record_digest_of(path) != file.digest):
            return f"{file.path} was changed"
    except OSError:
        return f"{file.path} is missing"
    not_executable = file.executable and os.name != "nt" and not status.st_mode & stat.S_IXUSR
    return f"{file.path} cannot be executed" if not_executable else None

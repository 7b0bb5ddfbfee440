"""Notes of what files were when something was found out, so that it is not found out again while they are the same.

Any doubt means that it is: a note that cannot be read says nothing, and one that cannot be written is not there.
The standard library only, and little of it: the answer must come before most modules could be imported.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def content_hash(path: Path) -> str | None:
    """A hash of what a file holds; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def stamp(path: Path) -> list[int] | None:
    """Time, size and mode of a file, which change when somebody writes to it; None if it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size, status.st_mode]


def read_note(path: Path) -> Any:
    """What was written there (JSON); None if there is nothing that can be read."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_bytes())
    return None


def write_note(path: Path, note: object) -> None:
    """Write what JSON can hold, in a folder that exists; where that cannot be done, nothing happens."""
    from mvlock.base import atomic

    with suppress(OSError):
        atomic.write(path, json.dumps(note).encode(), mode=atomic.OWN)

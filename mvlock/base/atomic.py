"""Atomic file writes: to a temporary file beside the target, then a rename; a failed write leaves nothing behind.

At every moment a file is the old or the new one. Only ``os`` and ``pathlib`` are imported, to keep commands quick.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
"""How a file is opened that must not be there yet."""

_RANDOM = f".{'?' * 12}.tmp"
"""How the name of a temporary file ends, as a pattern."""

OWNER_ONLY = 0o600
"""The mode of a file that only its owner may read."""


def write(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file whose folder exists; ``mode``: its permissions, by default those from the umask."""
    with replacing(path, mode=mode) as stream:
        stream.write(content)


def update(path: Path, content: bytes, *, mode: int | None = None) -> bool:
    """``write`` unless the file already has this content; returns whether it was written."""
    with suppress(OSError):
        if path.read_bytes() == content:
            return False
    write(path, content, mode=mode)
    return True


def remove_drafts_of(*paths: Path) -> None:
    """Remove what killed processes have left of these files, which nobody else may write now."""
    for path in paths:
        with suppress(OSError):
            for draft in path.parent.glob(f".{path.name.lstrip('.')}{_RANDOM}"):
                draft.unlink()


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write, which replaces ``path`` at the end of the block if nothing is raised."""
    temporary = path.with_name(f".{path.name.lstrip('.')}.{os.urandom(6).hex()}.tmp")
    handle = os.open(temporary, NEW, 0o666 if mode is None else OWNER_ONLY)
    with becoming(path, temporary, handle, mode=mode) as stream:
        yield stream


@contextmanager
def becoming(path: Path, temporary: Path, handle: int, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """The new file ``temporary``, open as ``handle``: renamed to ``path`` at the end, removed if anything is raised."""
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise

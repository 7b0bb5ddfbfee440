"""Files that appear whole: written beside their place, and there by rename; whoever fails leaves nothing behind.

At every moment a file is the old or the new one. Quick commands write too: only ``os`` and ``pathlib`` are imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)

OWN = 0o600
"""The mode of a file that nobody else may read."""


def write(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file whose folder exists; ``mode``: its permissions, by default those that the process gives."""
    with replacing(path, mode=mode) as stream:
        stream.write(content)


def update(path: Path, content: bytes, *, mode: int | None = None) -> bool:
    """``write``, unless the file says the same already; then it is not touched, and that is False."""
    with suppress(OSError):
        if path.read_bytes() == content:
            return False
    write(path, content, mode=mode)
    return True


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of ``path`` in the end if nothing is raised."""
    draft = path.with_name(f".{path.name.lstrip('.')}.{os.urandom(6).hex()}.tmp")
    handle = os.open(draft, _FLAGS, 0o666 if mode is None else OWN)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        if mode is not None:
            draft.chmod(mode)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise

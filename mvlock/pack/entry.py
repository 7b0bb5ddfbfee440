"""The entries of an archive, independent of its format."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

Edit = Callable[[bytes], bytes]


class File(msgspec.Struct, frozen=True):
    """A file at ``path`` (POSIX, relative): the content of ``source`` after ``edit``, or the bytes."""

    path: str
    source: Path | bytes
    executable: bool = False
    edit: Edit | None = None

    @contextmanager
    def opened(self) -> Iterator[tuple[BinaryIO, int]]:
        """Its content as a stream, and the number of bytes."""
        if isinstance(self.source, Path) and self.edit is None:
            with self.source.open("rb") as stream:
                yield stream, os.fstat(stream.fileno()).st_size
            return
        content = self.read()
        yield io.BytesIO(content), len(content)

    def read(self) -> bytes:
        """Its whole content."""
        content = self.source if isinstance(self.source, bytes) else self.source.read_bytes()
        return content if self.edit is None else self.edit(content)


class Link(msgspec.Struct, frozen=True):
    """A symbolic link at ``path`` with the text ``target``."""

    path: str
    target: str


Entry = File | Link

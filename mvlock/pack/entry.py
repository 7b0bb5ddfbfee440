"""The entries of an archive, independent of its format."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

Edit = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class File:
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


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link at ``path`` with the text ``target``."""

    path: str
    target: str


Entry = File | Link

"""What the dynamic loader reads from an ELF file: the name of a library and the names of those that it needs.

Only the dynamic section is read (System V ABI, "Dynamic Section"), which takes four short reads per file: a general
ELF library takes a hundred times longer, and a project may have thousands of such files. The offset of each name in
the file is kept, so that it can be replaced by another of the same length.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from mvlock.store.model import Linkage, LinkName

_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NEEDED, _DT_STRTAB, _DT_STRSZ, _DT_SONAME = 1, 5, 10, 14
_MAX_BYTES = 256 * 1024 * 1024
_NAME = re.compile(rb"[\x21-\x7e]{1,255}")
_PYTHON_SYMBOL = re.compile(rb"\x00_?Py[A-Z_]")


def read_linkage(path: Path) -> Linkage | None:
    """How a file is linked; None if it is not an ELF file, is not linked dynamically, or is malformed."""
    try:
        with path.open("rb") as stream:
            return _Reader(stream).linkage()
    except (struct.error, ValueError, OverflowError, KeyError):
        return None


class _Segment(msgspec.Struct, frozen=True):
    kind: int
    offset: int
    address: int
    size: int


class _Reader:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        head = stream.read(64)
        if len(head) < 64 or head[:4] != b"\x7fELF":
            raise ValueError("not ELF")
        self._wide = head[4] == 2
        self._order = "<" if head[5] == 1 else ">"
        self._segments = list(self._read_segments(head))

    def linkage(self) -> Linkage | None:
        tags = list(self._dynamic())
        values = dict(tags)
        start = self._file_offset(values[_DT_STRTAB])
        strings = self._read(start, values[_DT_STRSZ])
        names = [(tag, LinkName(_text(strings, at), start + at)) for tag, at in tags if tag in {_DT_NEEDED, _DT_SONAME}]
        return Linkage(
            soname=next((name for tag, name in names if tag == _DT_SONAME), None),
            needed=tuple(name for tag, name in names if tag == _DT_NEEDED),
            python=_PYTHON_SYMBOL.search(strings) is not None,
        )

    def _unpack(self, form: str, data: bytes, at: int = 0) -> tuple[int, ...]:
        return struct.unpack_from(self._order + form, data, at)

    def _read(self, offset: int, size: int) -> bytes:
        if size > _MAX_BYTES or offset > self._size:
            raise ValueError("outside the file")
        self._stream.seek(offset)
        return self._stream.read(size)

    def _read_segments(self, head: bytes) -> Iterator[_Segment]:
        (table,) = self._unpack("Q", head, 32) if self._wide else self._unpack("I", head, 28)
        size, count = self._unpack("HH", head, 54 if self._wide else 42)
        data = self._read(table, size * count)
        for at in range(0, size * count, size):
            if self._wide:
                kind, _, offset, address, _, length = self._unpack("IIQQQQ", data, at)
            else:
                kind, offset, address, _, length = self._unpack("IIIII", data, at)
            yield _Segment(kind, offset, address, length)

    def _dynamic(self) -> Iterator[tuple[int, int]]:
        segment = {segment.kind: segment for segment in self._segments}[_PT_DYNAMIC]
        data = self._read(segment.offset, segment.size)
        entry = struct.Struct(self._order + ("qQ" if self._wide else "iI"))
        for tag, value in entry.iter_unpack(data[: len(data) - len(data) % entry.size]):
            if tag == 0:
                return
            yield tag, value

    def _file_offset(self, address: int) -> int:
        for segment in self._segments:
            if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.size:
                return address - segment.address + segment.offset
        raise ValueError("an address outside the file")


def _text(strings: bytes, at: int) -> str:
    found = _NAME.match(strings, at)
    if found is None or strings[found.end() : found.end() + 1] != b"\0":
        raise ValueError("not a name")
    return found[0].decode("ascii")

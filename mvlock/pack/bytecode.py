"""Bytecode in an archive: only what matches its source, and stays valid when all files have one time (PEP 552)."""

from __future__ import annotations

import struct
from pathlib import Path

from mvlock.pack.archive import TIME
from mvlock.pack.entry import File

_HEADER = struct.Struct("<4sIII")
"""Magic number, flags, and, if no flags are set, the time and the size of the source."""


def bytecode_file(path: str, compiled: Path, cache_tag: str) -> File | None:
    """The entry at ``path`` for bytecode; None if it is another Python's, has no source, or is stale."""
    name, tag, _ = compiled.name.rsplit(".", 2) if compiled.name.count(".") > 1 else ("", "", "")
    source = compiled.parent.parent / f"{name}.py"
    if tag != cache_tag or not source.is_file():
        return None
    with compiled.open("rb") as stream:
        header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    _, flags, time, size = _HEADER.unpack(header)
    if flags:
        return File(path, compiled)
    status = source.stat()
    if (time, size) != (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF):
        return None
    return File(path, compiled, edit=_with_fixed_time)


def _with_fixed_time(content: bytes) -> bytes:
    magic, flags, _, size = _HEADER.unpack_from(content)
    return _HEADER.pack(magic, flags, TIME, size) + content[_HEADER.size :]

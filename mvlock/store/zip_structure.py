"""Whether every reader finds the same in a zip archive: those that start at its front and those that start at its end.

A zip file says everything twice: in front of each member (its local header), and in the central directory at the end,
which is all that ``zipfile`` reads. What the two say differently, and bytes that belong to neither, can hide a member
from whoever checked the archive. So the file must consist of local headers with their content, the central directory
and the end record, one directly after another, and they must agree (APPNOTE.TXT 6.3.10, sections 4.3 and 4.4).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from typing import IO

_LOCAL = struct.Struct("<4s2xHH4xIIIHH")
"""Signature, flags, method, CRC, compressed and uncompressed size, lengths of name and extra field."""
_END = struct.Struct("<4sHHHHIIH")
"""Signature, two disks, members on this disk and in all, size and offset of the directory, length of the comment."""
_END_64, _LOCATOR_64 = struct.Struct("<4sQ4xIIQQQQ"), struct.Struct("<4sIQI")
_DESCRIPTORS = {12: "<III", 16: "<4xIII", 20: "<IQQ", 24: "<4xIQQ"}
"""The four forms of a data descriptor, by their length: with and without a signature and sizes of 64 bits."""

_HAS_DESCRIPTOR, _IS_UTF8 = 0x8, 0x800
_COMPARED_FLAGS = 0x2069
"""Encryption, descriptor, patch data, strong encryption, masked headers: what changes how content is read."""
_IN_EXTRA_16, _IN_EXTRA = 0xFFFF, 0xFFFFFFFF
_ZIP64 = 1
_NOWHERE = 1 << 62
"""An offset that no file has, and that every system can seek to."""


def structure_problems(archive: zipfile.ZipFile, size: int) -> list[str]:
    """Every reason why two readers may differ on an archive of ``size`` bytes; empty if there is none."""
    file = archive.fp
    if file is None:
        raise ValueError("the archive is closed")
    found = list(_end_problems(file, archive, size))
    return found or list(_member_problems(file, archive))


def _end_problems(file: IO[bytes], archive: zipfile.ZipFile, size: int) -> Iterator[str]:
    """What is wrong with the end record: it is the last thing in the file, right after the central directory."""
    at = size - _END.size - len(archive.comment)
    signature, disk, first_disk, here, count, length, start, comment = _END.unpack(_read(file, at, _END.size))
    if signature != b"PK\5\6" or comment != len(archive.comment):
        yield "there is data after its end"
        return
    if _IN_EXTRA in {length, start} or count == _IN_EXTRA_16:
        locator = _LOCATOR_64.unpack(_read(file, at - _LOCATOR_64.size, _LOCATOR_64.size))
        at -= _LOCATOR_64.size + _END_64.size
        signature, extent, disk, first_disk, here, count, length, start = _END_64.unpack(_read(file, at, _END_64.size))
        if locator[2] != at or signature != b"PK\6\6" or extent != _END_64.size - 12:
            yield "its zip64 end record is not in its place"
            return
    if disk or first_disk or here != count or count != len(archive.filelist):
        yield f"its end record counts {count} members, its central directory {len(archive.filelist)}"
    if start != archive.start_dir or start + length != at:
        yield "there is data before its start, or around its central directory"


def _member_problems(file: IO[bytes], archive: zipfile.ZipFile) -> Iterator[str]:
    """What is wrong with the local headers: they follow each other without a gap, and say what the directory says."""
    members = sorted(archive.filelist, key=lambda member: member.header_offset)
    starts = [*(member.header_offset for member in members), archive.start_dir]
    if starts[0]:
        yield "there is data before its first member"
    for member, end in zip(members, starts[1:], strict=True):
        problem = _local_problem(file, member, end)
        if problem is not None:
            yield f"{member.filename!r}: {problem}"


def _local_problem(file: IO[bytes], member: zipfile.ZipInfo, end: int) -> str | None:
    """How the local header of a member differs from its entry in the directory; its content is before ``end``."""
    header = _read(file, member.header_offset, _LOCAL.size)
    signature, flags, method, crc, packed, unpacked, name_length, extra_length = _LOCAL.unpack(header)
    behind = _read(file, member.header_offset + _LOCAL.size, name_length + extra_length)
    name, extra = behind[:name_length], behind[name_length:]
    if signature != b"PK\3\4" or name != _name(member) or member.filename.rstrip("/") != _visible(member):
        return "its name is not the same in front of it and in the central directory"
    if method != member.compress_type or (flags ^ member.flag_bits) & _COMPARED_FLAGS:
        return "its compression or encryption is not the same in front of it and in the central directory"
    unpacked, packed = _sizes_64(extra, unpacked, packed)
    content = member.header_offset + _LOCAL.size + len(behind)
    return _size_problem(file, member, (crc, packed, unpacked), (content + member.compress_size, end))


def _size_problem(
    file: IO[bytes], member: zipfile.ZipInfo, stated: tuple[int, int, int], rest: tuple[int, int]
) -> str | None:
    """How the checksum and sizes in front of a member, or in a descriptor behind its content, differ."""
    listed = (member.CRC, member.compress_size, member.file_size)
    start, end = rest
    if end < start:
        return "it overlaps with the next member"
    has_descriptor = member.flag_bits & _HAS_DESCRIPTOR
    if stated != listed and (any(stated) or not has_descriptor):
        return "its size or checksum is not the same in front of it and in the central directory"
    if has_descriptor:
        form = _DESCRIPTORS.get(end - start)
        if form is None or struct.unpack(form, _read(file, start, end - start)) != listed:
            return "its size or checksum is not the same behind it and in the central directory"
        return None
    return "there is data between it and the next member" if end > start else None


def _read(file: IO[bytes], start: int, length: int) -> bytes:
    """Some bytes, of zeros where the file has none: no record looks like that."""
    if not 0 <= start < _NOWHERE:
        return bytes(length)
    file.seek(start)
    return file.read(length).ljust(length, b"\0")


def _name(member: zipfile.ZipInfo) -> bytes:
    """The name as the central directory has it."""
    return member.orig_filename.encode("utf-8" if member.flag_bits & _IS_UTF8 else "cp437", "surrogateescape")


def _visible(member: zipfile.ZipInfo) -> str:
    """The name as ``zipfile`` shows it, unless an extra field has given it another one."""
    return member.orig_filename.partition("\0")[0].rstrip("/")


def _sizes_64(extra: bytes, *sizes: int) -> Iterator[int]:
    """The sizes of a local header, those that do not fit there from the zip64 extra field (4.5.3)."""
    values = _zip64_values(extra)
    for size in sizes:
        yield next(values, size) if size == _IN_EXTRA else size


def _zip64_values(extra: bytes) -> Iterator[int]:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _ZIP64 and len(content) % 8 == 0:
            yield from (value for (value,) in struct.iter_unpack("<Q", content))

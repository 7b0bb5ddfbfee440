"""Archives that two readers read differently are refused; ordinary ones are not, however they were written."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

from mvlock.store.zip_structure import structure_problems

_LOCAL, _CENTRAL, _END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_HEADER = 30


class Unseekable(io.BytesIO):
    """Makes ``zipfile`` write data descriptors, as it does into a pipe."""

    def seekable(self) -> bool:
        """No."""
        return False

    def seek(self, *_: object) -> int:
        """Refused."""
        raise io.UnsupportedOperation

    def tell(self) -> int:
        """Refused."""
        raise io.UnsupportedOperation


def archive(file: io.BytesIO | None = None, *, zip64: bool = False, comment: bytes = b"") -> bytes:
    """Two members and a folder."""
    file = file or io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in (("a.py", b"x = 1\n"), ("b.py", b"y = 2\n" * 100), ("\u00e9/", b"")):
            with opened.open(zipfile.ZipInfo(name), "w", force_zip64=zip64) as member:
                member.write(content)
        opened.comment = comment
    return file.getvalue()


def problems(content: bytes) -> list[str]:
    """What is wrong with an archive that ``zipfile`` accepts."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return structure_problems(opened, len(content))


def replaced(content: bytes, at: int, new: bytes) -> bytes:
    """Some bytes at an offset (negative: from the end) changed."""
    at %= len(content)
    return content[:at] + new + content[at + len(new) :]


@pytest.mark.parametrize(
    "content",
    [
        archive(),
        archive(Unseekable()),
        archive(zip64=True),
        archive(Unseekable(), zip64=True),
        archive(comment=b"made by a test"),
        b"PK\5\6" + bytes(18),
    ],
    ids=["plain", "descriptors", "zip64", "descriptors and zip64", "comment", "empty"],
)
def test_what_tools_write_has_no_problem(content: bytes) -> None:
    assert problems(content) == []


_DIFFERENT: dict[str, Callable[[bytes], bytes]] = {
    "name": lambda content: replaced(content, _HEADER, b"z"),
    "flags": lambda content: replaced(content, 6, b"\x01"),
    "method": lambda content: replaced(content, 8, b"\x08"),
    "checksum": lambda content: replaced(content, 14, b"\1\2\3\4"),
    "compressed size": lambda content: replaced(content, 18, b"\1"),
    "size": lambda content: replaced(content, 22, b"\1"),
}


@pytest.mark.parametrize("change", _DIFFERENT.values(), ids=_DIFFERENT)
def test_a_header_that_differs_from_the_directory_is_a_problem(change: Callable[[bytes], bytes]) -> None:
    (problem,) = problems(change(archive()))
    assert problem.startswith("'a.py': its ")


def test_a_descriptor_that_differs_is_a_problem() -> None:
    content = archive(Unseekable())
    at = content.index(b"PK\7\x08") + 4
    assert problems(replaced(content, at, b"\1\2\3\4")) == [
        "'a.py': its size or checksum is not the same behind it and in the central directory"
    ]


def _with_gap(content: bytes) -> bytes:
    """Bytes between the first member and the second, all offsets right."""
    second, start = content.index(_LOCAL, 1), content.index(_CENTRAL)
    moved = content[:second] + b"hidden" + content[second:]
    entry = start + 6
    while moved[entry : entry + 4] == _CENTRAL:
        (offset,) = struct.unpack_from("<I", moved, entry + 42)
        if offset:
            moved = replaced(moved, entry + 42, struct.pack("<I", offset + 6))
        name, extra, comment = struct.unpack_from("<HHH", moved, entry + 28)
        entry += 46 + name + extra + comment
    return replaced(moved, entry + 16, struct.pack("<I", start + 6))


def _with_two_directory_entries_for_one_member(content: bytes) -> bytes:
    entry = content.index(_CENTRAL, content.index(_CENTRAL) + 1)
    return replaced(content, entry + 42, bytes(4))


_AROUND: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "data before": (lambda content: b"#!/bin/sh\n" + content, "there is data before its start"),
    "data behind": (lambda content: content + b"more", "there is data after its end"),
    "an archive before": (lambda content: content + content, "there is data before its start"),
    "too small a count": (
        lambda content: replaced(content, -14, b"\2\0\2\0"),
        "counts 2 members",
    ),
    "too large a count": (
        lambda content: replaced(content, -14, b"\4\0\4\0"),
        "counts 4 members",
    ),
    "a gap": (_with_gap, "'a.py': there is data between it and the next member"),
    "an overlap": (_with_two_directory_entries_for_one_member, "it overlaps with the next member"),
}


@pytest.mark.parametrize(("change", "problem"), _AROUND.values(), ids=_AROUND)
def test_bytes_that_belong_to_no_member_are_a_problem(change: Callable[[bytes], bytes], problem: str) -> None:
    assert any(problem in text for text in problems(change(archive())))


def test_a_name_from_an_extra_field_is_a_problem() -> None:
    """Info-ZIP's Unicode path field (4.6.9), which some readers follow and others do not."""
    file, other = io.BytesIO(), b"../e"
    info = zipfile.ZipInfo("a.py")
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(other), 1, 0x4B5AF5F3) + other
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr(info, b"")
    content = file.getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        (member,) = opened.filelist
        member.filename = "../e"  # as a Python that follows the field shows it
        assert structure_problems(opened, len(content)) == [
            "'../e': its name is not the same in front of it and in the central directory"
        ]

"""Redirects the calls of a loaded shared object from one function to another, for this object only.

How it works. Code of a shared object (ELF) reaches a function of another one through a slot of its own global offset
table (GOT), which the dynamic loader has filled with the function's address. The object's dynamic section (System V
gABI, chapter 5) leads to its relocations, those to the slots and to the names of the symbols. Writing another address
into the slot redirects this object's calls and nobody else's. Slots may lie on pages that are read-only after loading
(RELRO); those are made writable for the one write. 64-bit Linux with RELA relocations (x86_64, aarch64, ppc64le,
riscv64); elsewhere this module cannot be imported.

The loader checks little of an object, so what one says about itself may lead anywhere: memory is read by the kernel,
which knows what is there, and slots are written only where the object's data is.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STRTAB, _SYMTAB, _RELA, _RELASZ, _STRSZ, _JMPREL, _PLTRELSZ = 5, 6, 7, 8, 10, 23, 2
_RELACOUNT = 0x6FFFFFF9
_FLAGS, _DF_BIND_NOW = 30, 8
_FLAGS_1, _DF_1_NOW = 0x6FFFFFFB, 1
_ENTRY_SIZE = 16
_AT_ONCE = 32
"""Entries of the dynamic section that are read at once."""
_TABLES = (4, _STRTAB, _SYMTAB, _RELA, _JMPREL, 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFE)
"""Tags whose values are addresses of tables: these, and those of hashes and versions."""
_PT_LOAD, _WRITABLE = 1, 2
_PT_GNU_RELRO = 0x6474E552
_HEADER_SIZE = 64
_PROGRAM_HEADER = struct.Struct("IIQQQQQQ")
_TABLE_ENTRY = 24
"""The size of a symbol, and of a relocation."""
_WORD, _SLOT_SIZE = 4, 8
_SYMBOL_OF_RELOCATION, _NAME_OF_SYMBOL = 12, 0


_LINK_MAP = struct.Struct("QQQ")
"""The base, the name and the dynamic section: the public part of ``struct link_map`` of <link.h>.

glibc's and musl's handles of ``dlopen`` point to it."""

if sys.platform != "linux" or struct.calcsize("P") != 8 or sys.byteorder != "little":
    raise ImportError("shared objects of this platform are not read")


def redirect(path: str, flags: int, replacements: dict[bytes, int]) -> int:
    """Load the shared object at ``path`` and redirect its calls; return how many slots were written.

    ``replacements`` maps names of functions to addresses. The object stays loaded; loading it again (with the same
    ``flags`` of ``dlopen``) gives the same one.

    :raises OSError: it cannot be loaded, or says something about itself that cannot be true
    """
    loaded = _object(path, flags)
    written = 0
    for name, address in replacements.items():
        for slot, is_lazy in loaded.slots(name):
            loaded.write(slot, address, is_protected=not is_lazy and loaded.is_protected(slot))
            written += 1
    return written


def calls(path: str, flags: int, names: Iterable[bytes]) -> list[str]:
    """Load the shared object at ``path``; return which of the functions ``names`` it calls.

    :raises OSError: it cannot be loaded, or says something about itself that cannot be true
    """
    loaded = _object(path, flags)
    return [name.decode() for name in names if loaded.slots(name)]


def load(path: str, flags: int) -> int:
    """The handle of the shared object at ``path``.

    :raises OSError: it cannot be loaded
    """
    from _ctypes import dlopen

    try:
        return dlopen(path, flags)
    except UnicodeDecodeError as error:  # in the loader's message, which quotes the object
        raise OSError(errno.ENOEXEC, "it cannot be loaded", path) from error


def _object(path: str, flags: int) -> _Object:
    return _Object(load(path, flags), os.stat(path).st_size)


class _Object:
    """A loaded shared object of ``size`` bytes, read in memory through its dynamic section.

    :raises OSError: from all methods: it is not what it says
    """

    def __init__(self, handle: int, size: int) -> None:
        self._base, _, dynamic = _LINK_MAP.unpack(ctypes.string_at(handle, _LINK_MAP.size))
        self._size = size
        self._tags = _dynamic_section(dynamic)
        self._names = self._part(self._address(_STRTAB), self._tags.get(_STRSZ, 0))
        self._program: list[tuple[int, int, int, int]] = []
        self._symbols: _Table | None = None

    def _part(self, address: int, length: int) -> bytearray:
        """A part of the object, which is not longer than its file."""
        if length > self._size:
            raise OSError(errno.EFAULT, "a table is longer than its file")
        return _memory(address, length)

    def _address(self, tag: int) -> int:
        """An absolute address: glibc has made most of them absolute in place, other loaders have not."""
        value: int = self._tags.get(tag, 0)
        return value + self._base if 0 < value < self._base else value

    def slots(self, name: bytes) -> list[tuple[int, bool]]:
        """The addresses of the slots through which this object calls the function ``name``.

        Each with whether the dynamic loader may fill it as late as at the first call: then it is never read-only.
        """
        for text in _occurrences(b"\0" + name + b"\0", self._names):
            if self._symbols is None:
                self._symbols = self._symbol_table()
            index = next(self._symbols.places(_NAME_OF_SYMBOL, text + 1), None)
            if index is not None:
                return [slot for slot in self._relocated(index) if self._is_data(slot[0])]
        return []

    def _table(self, address: int, length: int) -> _Table:
        return _Table(self._part(address, max(0, length) // _TABLE_ENTRY * _TABLE_ENTRY))

    def _symbol_table(self) -> _Table:
        """The symbols, whose number no tag says: their table ends at the next one."""
        start = self._address(_SYMTAB)
        following = [address for address in map(self._address, _TABLES) if address > start]
        return self._table(start, (min(following, default=0) or self._segment_end(start)) - start)

    def _relocated(self, symbol: int) -> Iterator[tuple[int, bool]]:
        """The slots for the symbol with this index, each with whether it is filled lazily.

        Relocations without a symbol come first in their table; DT_RELACOUNT is their number.
        """
        at_once = self._tags.get(_FLAGS, 0) & _DF_BIND_NOW or self._tags.get(_FLAGS_1, 0) & _DF_1_NOW
        unnamed = self._tags.get(_RELACOUNT, 0) * _TABLE_ENTRY
        for tag, size, skip, is_lazy in ((_JMPREL, _PLTRELSZ, 0, not at_once), (_RELA, _RELASZ, unnamed, False)):
            table = self._table(self._address(tag) + skip, self._tags.get(size, skip) - skip)
            for place in table.places(_SYMBOL_OF_RELOCATION, symbol):
                yield self._base + table.first_word(place), is_lazy

    def is_protected(self, slot: int) -> bool:
        """Whether the slot is in memory that the dynamic loader has made read-only after filling it (RELRO)."""
        return any(start <= slot < end for start, end, _ in self._segments(_PT_GNU_RELRO))

    def _is_data(self, slot: int) -> bool:
        """Whether the slot is in memory that was writable when the object was loaded, and is there."""
        inside = any(
            start <= slot <= end - _SLOT_SIZE and flags & _WRITABLE for start, end, flags in self._segments(_PT_LOAD)
        )
        return inside and len(_memory(slot, _SLOT_SIZE)) == _SLOT_SIZE

    def _segment_end(self, address: int) -> int:
        """The end of the loaded segment (PT_LOAD) that contains ``address``; ``address`` itself if none does."""
        return next((end for start, end, _ in self._segments(_PT_LOAD) if start <= address < end), address)

    def _segments(self, wanted: int) -> Iterator[tuple[int, int, int]]:
        """Start, end and flags of the segments of one type."""
        self._program = self._program or self._all_segments()
        return (segment[1:] for segment in self._program if segment[0] == wanted)

    def _all_segments(self) -> list[tuple[int, int, int, int]]:
        """Type, start, end and flags."""
        header = _memory(self._base, _HEADER_SIZE)
        first, count = struct.unpack_from("Q", header, 32)[0], struct.unpack_from("H", header, 56)[0]
        table = self._part(self._base + first, count * _PROGRAM_HEADER.size)
        return [
            (kind, self._base + place, self._base + place + length, flags)
            for kind, flags, _, place, _, _, length, _ in _PROGRAM_HEADER.iter_unpack(table)
        ]

    @staticmethod
    def write(slot: int, address: int, *, is_protected: bool) -> None:
        """Fill a slot."""
        if is_protected:
            _protect(slot, mmap.PROT_READ | mmap.PROT_WRITE)
        ctypes.c_size_t.from_address(slot).value = address
        if is_protected:
            _protect(slot, mmap.PROT_READ)


def _dynamic_section(address: int) -> dict[int, int]:
    """Tags and values of the dynamic section at ``address``, which ends with a tag of 0."""
    tags: list[int] = []
    values: list[int] = []
    while 0 not in tags:
        in_page = (mmap.PAGESIZE - address % mmap.PAGESIZE) // _ENTRY_SIZE  # the next page may not be mapped
        count = max(1, min(_AT_ONCE, in_page))
        words = struct.unpack(f"{'qQ' * count}", _memory(address, count * _ENTRY_SIZE))
        tags += words[::2]
        values += words[1::2]
        address += count * _ENTRY_SIZE
    end = tags.index(0)
    return dict(zip(reversed(tags[:end]), reversed(values[:end]), strict=False))  # of equal tags, the first


class _Vector(ctypes.Structure):
    """``struct iovec``."""

    _fields_ = (("address", ctypes.c_size_t), ("length", ctypes.c_size_t))


_library = ctypes.PyDLL(None, use_errno=True)
_copy = _library.process_vm_readv
_copy.argtypes = (ctypes.c_int, *(ctypes.POINTER(_Vector), ctypes.c_ulong) * 2, ctypes.c_ulong)
_copy.restype = ctypes.c_ssize_t


def _memory(address: int, length: int) -> bytearray:
    """A copy of memory of this process. A sandbox may forbid the call that also finds out whether it is there.

    :raises OSError: it is not
    """
    content = bytearray(length)
    if not length:
        return content
    here = _Vector(ctypes.addressof(ctypes.c_char.from_buffer(content)), length)
    copied = _copy(os.getpid(), here, 1, _Vector(address, length), 1, 0)
    if copied < 0 and ctypes.get_errno() in (errno.EPERM, errno.ENOSYS):
        return bytearray(ctypes.string_at(address, length))
    if copied != length:
        raise OSError(errno.EFAULT, "a table is not in memory")
    return content


def _occurrences(needle: bytes, content: bytearray) -> Iterator[int]:
    """Where ``needle`` is in ``content``."""
    at = content.find(needle)
    while at >= 0:
        yield at
        at = content.find(needle, at + 1)


class _Table:
    """A copy of the symbols or of relocations in memory, in entries of 24 bytes."""

    def __init__(self, content: bytearray) -> None:
        self._content = content

    def places(self, offset: int, value: int) -> Iterator[int]:
        """The entries that have the 32-bit ``value`` at ``offset``."""
        column = memoryview(self._content).cast("I")[offset // _WORD :: _TABLE_ENTRY // _WORD].tobytes()
        wanted = value.to_bytes(_WORD, "little")
        place = column.find(wanted)
        while place >= 0:
            if place % _WORD == 0:
                yield place // _WORD
            place = column.find(wanted, place + 1)

    def first_word(self, place: int) -> int:
        """The first 8 bytes of an entry."""
        return int.from_bytes(self._content[place * _TABLE_ENTRY : place * _TABLE_ENTRY + 8], "little")


def _protect(address: int, how: int) -> None:
    page = address & -mmap.PAGESIZE
    if _library.mprotect(ctypes.c_size_t(page), ctypes.c_size_t(mmap.PAGESIZE), how):
        raise OSError(ctypes.get_errno(), "mprotect")

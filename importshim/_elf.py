"""Redirects the calls of a loaded shared object from one function to another, for this object only.

How it works. Code of a shared object (ELF) reaches a function of another one through a slot of its own global offset
table (GOT), which the dynamic loader has filled with the function's address. The object's dynamic section (System V
gABI, chapter 5) leads to its relocations, those to the slots and to the names of the symbols. Writing another address
into the slot redirects this object's calls and nobody else's. Slots may lie on pages that are read-only after loading
(RELRO); those are made writable for the one write. 64-bit Linux with RELA relocations (x86_64, aarch64, ppc64le,
riscv64); elsewhere this module cannot be imported.
"""

from __future__ import annotations

import ctypes
import mmap
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
_PT_LOAD = 1
_PT_GNU_RELRO = 0x6474E552
_HEADER_SIZE = 64
_PROGRAM_HEADER = struct.Struct("IIQQQQQQ")
_TABLE_ENTRY = 24
"""The size of a symbol, and of a relocation."""
_WORD = 4
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

    :raises OSError: it cannot be loaded
    """
    loaded = _load(path, flags)
    written = 0
    for name, address in replacements.items():
        for slot, is_lazy in loaded.slots(name):
            loaded.write(slot, address, is_protected=not is_lazy and loaded.is_protected(slot))
            written += 1
    return written


def calls(path: str, flags: int, names: Iterable[bytes]) -> list[str]:
    """Load the shared object at ``path``; return which of the functions ``names`` it calls.

    :raises OSError: it cannot be loaded
    """
    loaded = _load(path, flags)
    return [name.decode() for name in names if loaded.slots(name)]


def _load(path: str, flags: int) -> _Object:
    from _ctypes import dlopen

    return _Object(dlopen(path, flags))


class _Object:
    """A loaded shared object, read in place through its dynamic section."""

    def __init__(self, handle: int) -> None:
        self._base, _, dynamic = _LINK_MAP.unpack(ctypes.string_at(handle, _LINK_MAP.size))
        self._tags = _dynamic_section(dynamic)
        self._names, self._symbols = self._address(_STRTAB), self._address(_SYMTAB)

    def _address(self, tag: int) -> int:
        """An absolute address: glibc has made most of them absolute in place, other loaders have not."""
        value: int = self._tags.get(tag, 0)
        return value + self._base if 0 < value < self._base else value

    def slots(self, name: bytes) -> list[tuple[int, bool]]:
        """The addresses of the slots through which this object calls the function ``name``.

        Each with whether the dynamic loader may fill it as late as at the first call: then it is never read-only.
        """
        for text in _occurrences(b"\0" + name + b"\0", self._names, self._tags[_STRSZ]):
            symbols = _Table(self._symbols, self._end_of_symbols() - self._symbols)
            index = next(symbols.places(_NAME_OF_SYMBOL, text + 1 - self._names), None)
            if index is not None:
                return list(self._relocated(index))
        return []

    def _end_of_symbols(self) -> int:
        """Where their table ends, whose size no tag says: at the next table."""
        addresses = [self._address(tag) for tag in _TABLES]
        following = [address for address in addresses if address > self._symbols]
        return min(following, default=0) or self._segment_end(self._symbols)

    def _relocated(self, symbol: int) -> Iterator[tuple[int, bool]]:
        """The slots for the symbol with this index, each with whether it is filled lazily.

        Relocations without a symbol come first in their table; DT_RELACOUNT is their number.
        """
        at_once = self._tags.get(_FLAGS, 0) & _DF_BIND_NOW or self._tags.get(_FLAGS_1, 0) & _DF_1_NOW
        unnamed = self._tags.get(_RELACOUNT, 0) * _TABLE_ENTRY
        for tag, size, skip, is_lazy in ((_JMPREL, _PLTRELSZ, 0, not at_once), (_RELA, _RELASZ, unnamed, False)):
            table = _Table(self._address(tag) + skip, self._tags.get(size, skip) - skip)
            for place in table.places(_SYMBOL_OF_RELOCATION, symbol):
                yield self._base + table.first_word(place), is_lazy

    def is_protected(self, slot: int) -> bool:
        """Whether the slot is in memory that the dynamic loader has made read-only after filling it (RELRO)."""
        return any(start <= slot < end for start, end in self._segments(_PT_GNU_RELRO))

    def _segment_end(self, address: int) -> int:
        """The end of the loaded segment (PT_LOAD) that contains ``address``."""
        return next(end for start, end in self._segments(_PT_LOAD) if start <= address < end)

    def _segments(self, wanted: int) -> Iterator[tuple[int, int]]:
        """Start and end of the segments of one type."""
        header = ctypes.string_at(self._base, _HEADER_SIZE)
        first, count = struct.unpack_from("Q", header, 32)[0], struct.unpack_from("H", header, 56)[0]
        table = ctypes.string_at(self._base + first, count * _PROGRAM_HEADER.size)
        for kind, _, _, place, _, _, length, _ in _PROGRAM_HEADER.iter_unpack(table):
            if kind == wanted:
                yield self._base + place, self._base + place + length

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
        words = struct.unpack(f"{'qQ' * count}", ctypes.string_at(address, count * _ENTRY_SIZE))
        tags += words[::2]
        values += words[1::2]
        address += count * _ENTRY_SIZE
    end = tags.index(0)
    return dict(zip(reversed(tags[:end]), reversed(values[:end]), strict=False))  # of equal tags, the first


_library = ctypes.PyDLL(None, use_errno=True)
_find = _library.memmem
_find.argtypes = (ctypes.c_size_t, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)
_find.restype = ctypes.c_size_t


def _occurrences(needle: bytes, start: int, length: int) -> Iterator[int]:
    """Where ``needle`` is in ``length`` bytes of memory from ``start``; nothing is copied, names can take megabytes."""
    at, end = start, start + length
    while at < end and (found := _find(at, end - at, needle, len(needle))):
        yield found
        at = found + 1


class _Table:
    """A copy of the symbols or of relocations in memory: ``length`` bytes from ``start``, in entries of 24 bytes."""

    def __init__(self, start: int, length: int) -> None:
        count = max(0, length // _TABLE_ENTRY)
        self._content = ctypes.string_at(start, count * _TABLE_ENTRY) if count else b""

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

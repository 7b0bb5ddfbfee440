"""Redirects one function that a loaded shared object calls to another: for this object only.

Theory. Code of a shared object (ELF) reaches a function of another one through a slot of its own, which the dynamic
loader has filled with the function's address. The object's dynamic section (System V gABI, chapter 5) leads to its
relocations, those to the slots and to the names of the symbols. Writing another address into the slot redirects this
object's calls and nobody else's. Slots may lie on pages that are read-only after loading (RELRO); those are made
writable for the one write. 64-bit Linux with RELA relocations (x86_64, aarch64, ppc64le, riscv64).
"""

from __future__ import annotations

import ctypes
import mmap
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_STRTAB, _SYMTAB, _RELA, _RELASZ, _STRSZ, _JMPREL, _PLTRELSZ = 5, 6, 7, 8, 10, 23, 2
_RELACOUNT = 0x6FFFFFF9
_TABLES = (4, _STRTAB, _SYMTAB, _RELA, _JMPREL, 0x6FFFFEF5, 0x6FFFFFF0, 0x6FFFFFFE)
"""Tags whose values are addresses of tables: these, and those of hashes and versions."""
_PT_DYNAMIC, _PT_GNU_RELRO = 2, 0x6474E552
_HEADER_SIZE = 64
_PROGRAM_HEADER = struct.Struct("IIQQQQQQ")
_RELOCATION_SIZE, _SYMBOL_OF_RELOCATION = 24, 12
_SYMBOL_SIZE, _NAME_OF_SYMBOL = 24, 0


class _LinkMap(ctypes.Structure):
    """The public part of ``struct link_map`` of <link.h>; glibc's and musl's handles of ``dlopen`` point to it."""

    _fields_ = (("base", ctypes.c_size_t), ("name", ctypes.c_char_p), ("dynamic", ctypes.c_size_t))


def is_supported() -> bool:
    """Whether ``redirect`` works on this platform."""
    return sys.platform == "linux" and struct.calcsize("P") == 8 and sys.byteorder == "little"


def redirect(path: str, flags: int, replacements: dict[bytes, int]) -> int:
    """Load the shared object at ``path`` and redirect its calls; how many slots were written.

    ``replacements`` maps names of functions to addresses. The object stays loaded; loading it again (with the same
    ``flags`` of ``dlopen``) gives the same one.

    :raises OSError: it cannot be loaded
    """
    from _ctypes import dlopen

    loaded = _Object(dlopen(path, flags))
    written = 0
    for name, address in replacements.items():
        for slot in loaded.slots(name):
            loaded.write(slot, address)
            written += 1
    return written


class _Object:
    """A loaded shared object, read in place through its program headers and its dynamic section."""

    def __init__(self, handle: int) -> None:
        link_map = ctypes.cast(handle, ctypes.POINTER(_LinkMap)).contents
        self._base = link_map.base
        segments = list(self._segments())
        dynamic = next(length for kind, _, length in segments if kind == _PT_DYNAMIC)
        self._tags = dict(struct.iter_unpack("qQ", ctypes.string_at(link_map.dynamic, dynamic)))
        self._protected = [(start, start + length) for kind, start, length in segments if kind == _PT_GNU_RELRO]

    def _segments(self) -> Iterator[tuple[int, int, int]]:
        """Kind, address and length of what the program headers name."""
        header = ctypes.string_at(self._base, _HEADER_SIZE)
        start, count = struct.unpack_from("Q", header, 32)[0], struct.unpack_from("H", header, 56)[0]
        table = ctypes.string_at(self._base + start, count * _PROGRAM_HEADER.size)
        for kind, _, _, place, _, _, length, _ in _PROGRAM_HEADER.iter_unpack(table):
            yield kind, self._base + place, length

    def _address(self, tag: int) -> int:
        """glibc has made most addresses absolute in place, other loaders have not."""
        value: int = self._tags.get(tag, 0)
        return value + self._base if 0 < value < self._base else value

    def slots(self, name: bytes) -> list[int]:
        """The addresses of the slots through which this object calls the function ``name``."""
        names, symbols = self._address(_STRTAB), self._address(_SYMTAB)
        for text in _occurrences(b"\0" + name + b"\0", names, self._tags[_STRSZ]):
            end = min(address for tag in _TABLES if (address := self._address(tag)) > symbols)
            offset = struct.pack("I", text + 1 - names)
            for symbol in _occurrences(offset, symbols, end - symbols, _SYMBOL_SIZE, _NAME_OF_SYMBOL):
                return list(self._relocated((symbol - symbols) // _SYMBOL_SIZE))
        return []

    def _relocated(self, symbol: int) -> Iterator[int]:
        """The places that the dynamic loader has filled with the address of the symbol of this number.

        Relocations that name no symbol stand first in their table and are counted (DT_RELACOUNT).
        """
        unnamed = self._tags.get(_RELACOUNT, 0) * _RELOCATION_SIZE
        for table, size, skip in ((_JMPREL, _PLTRELSZ, 0), (_RELA, _RELASZ, unnamed)):
            start, length = self._address(table) + skip, self._tags.get(size, skip) - skip
            for place in _occurrences(struct.pack("I", symbol), start, length, _RELOCATION_SIZE, _SYMBOL_OF_RELOCATION):
                yield self._base + ctypes.c_size_t.from_address(place - _SYMBOL_OF_RELOCATION).value

    def write(self, slot: int, address: int) -> None:
        """Fill a slot, also one that is read-only by now."""
        protected = any(start <= slot < end for start, end in self._protected)
        if protected:
            _protect(slot, mmap.PROT_READ | mmap.PROT_WRITE)
        ctypes.c_size_t.from_address(slot).value = address
        if protected:
            _protect(slot, mmap.PROT_READ)


if is_supported():
    _library = ctypes.PyDLL(None, use_errno=True)
    _find = _library.memmem
    _find.argtypes = (ctypes.c_size_t, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)
    _find.restype = ctypes.c_size_t


def _occurrences(needle: bytes, start: int, length: int, step: int = 1, place: int = 0) -> Iterator[int]:
    """Where ``needle`` lies in ``length`` bytes of memory from ``start``, at ``place`` in entries of ``step`` bytes.

    Nothing is copied: the tables of large libraries take megabytes.
    """
    at, end = start, start + length
    while at < end and (found := _find(at, end - at, needle, len(needle))):
        if (found - start) % step == place:
            yield found
        at = found + 1


def _protect(address: int, how: int) -> None:
    page = address & -mmap.PAGESIZE
    if _library.mprotect(ctypes.c_size_t(page), ctypes.c_size_t(mmap.PAGESIZE), how):
        raise OSError(ctypes.get_errno(), "mprotect")

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
from array import array

_NULL, _PLTRELSZ, _STRTAB, _SYMTAB, _RELA, _RELASZ, _STRSZ, _JMPREL = 0, 2, 5, 6, 7, 8, 10, 23
_RELACOUNT = 0x6FFFFFF9
_PT_GNU_RELRO = 0x6474E552
_RELOCATION_SIZE = 24
_SYMBOL_SIZE = 24
_PROGRAM_HEADER = struct.Struct("IIQQQQQQ")


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
    wanted = {offset: address for name, address in replacements.items() if (offset := loaded.name_offset(name))}
    if not wanted:
        return 0
    slots = loaded.slots(wanted)
    for slot, address in slots:
        loaded.write(slot, address)
    return len(slots)


class _Object:
    """A loaded shared object, read through its dynamic section."""

    def __init__(self, handle: int) -> None:
        link_map = ctypes.cast(handle, ctypes.POINTER(_LinkMap)).contents
        self._base = link_map.base
        self._tags = dict(self._dynamic(link_map.dynamic))

    @staticmethod
    def _dynamic(address: int) -> list[tuple[int, int]]:
        entries: list[tuple[int, int]] = []
        entry = (0, 0)
        while not entries or entry[0] != _NULL:
            entry = struct.unpack("qQ", ctypes.string_at(address + 16 * len(entries), 16))
            entries.append(entry)
        return entries

    def _address(self, tag: int) -> int:
        """glibc has made most addresses absolute in place, other loaders have not."""
        value = self._tags.get(tag, 0)
        return value + self._base if 0 < value < self._base else value

    def name_offset(self, name: bytes) -> int:
        """Where ``name`` lies in the object's string table; 0 if it does not occur."""
        table = ctypes.string_at(self._address(_STRTAB), self._tags.get(_STRSZ, 0))
        return table.find(b"\0" + name + b"\0") + 1

    def slots(self, wanted: dict[int, int]) -> list[tuple[int, int]]:
        """(address of a slot, what to write there) for the symbols whose name offsets are ``wanted``."""
        places, infos = self._relocations()
        used = set(infos)
        if not used:
            return []
        count = (max(used) >> 32) + 1
        names = array("I", ctypes.string_at(self._address(_SYMTAB), _SYMBOL_SIZE * count))[:: _SYMBOL_SIZE // 4]
        meant = {info: wanted[name] for info in used if (name := names[info >> 32]) in wanted}
        return [(self._base + place, meant[info]) for place, info in zip(places, infos, strict=True) if info in meant]

    def _relocations(self) -> tuple[array[int], array[int]]:
        """Places and infos of the relocations that name symbols.

        Those that do not stand first in their table and are counted (DT_RELACOUNT).
        """
        unnamed = self._tags.get(_RELACOUNT, 0) * _RELOCATION_SIZE
        words = array("Q")
        for table, size, skip in ((_JMPREL, _PLTRELSZ, 0), (_RELA, _RELASZ, unnamed)):
            if size in self._tags:
                words.frombytes(ctypes.string_at(self._address(table) + skip, self._tags[size] - skip))
        return words[0::3], words[1::3]

    def write(self, slot: int, address: int) -> None:
        """Fill a slot, also one that is read-only by now."""
        page = slot & -mmap.PAGESIZE
        protected = self._is_protected(slot)
        if protected:
            self._protect(page, mmap.PROT_READ | mmap.PROT_WRITE)
        ctypes.c_size_t.from_address(slot).value = address
        if protected:
            self._protect(page, mmap.PROT_READ)

    def _is_protected(self, slot: int) -> bool:
        header = ctypes.string_at(self._base, 64)
        start, size, count = struct.unpack_from("Q", header, 32)[0], *struct.unpack_from("HH", header, 54)
        for number in range(count):
            kind, _, _, place, _, _, length, _ = _PROGRAM_HEADER.unpack(
                ctypes.string_at(self._base + start + number * size, _PROGRAM_HEADER.size)
            )
            if kind == _PT_GNU_RELRO and self._base + place <= slot < self._base + place + length:
                return True
        return False

    @staticmethod
    def _protect(page: int, how: int) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        if library.mprotect(ctypes.c_size_t(page), ctypes.c_size_t(mmap.PAGESIZE), how):
            raise OSError(ctypes.get_errno(), "mprotect")

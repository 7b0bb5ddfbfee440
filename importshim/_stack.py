"""Finds the importing code on the native stack.

How it works. Compiled code has no Python frame of its own. When it looks a module up, the native stack shows whose it
is: from our own code outward, the frames before the interpreter's evaluation loop is reached again belong to the
caller. If one of them is in a shared object of a tree, that tree is importing; if none is, Python code has called.

    our __eq__ ◄─ eval loop ◄─ dict look-up ◄─ PyImport_… ◄─ _multiarray_umath.so (dep_a) ◄─ eval loop (application)
                  entered=1                                  ▲ importing                     stop

The stack is read by ``backtrace`` of the C library and resolved by ``dladdr``, through ctypes; ``_loop`` finds the
loop. Every return address is classified once.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import partial
from struct import Struct, calcsize

from importshim._loop import find_loop
from importshim._no_gil_release import by_subscript

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from importshim._domain import Domain
    from importshim._file_owners import FileOwners

_DEPTHS = (24, 400)
_ONE_LOOP_PER_FRAME = sys.version_info < (3, 11)
"""From 3.11 on, Python functions that call each other share one evaluation loop."""


class _SymbolInfo(ctypes.Structure):
    """``Dl_info`` of <dlfcn.h>."""

    _fields_ = (
        ("file", ctypes.c_char_p),
        ("base", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("address", ctypes.c_void_p),
    )


class NativeStack:
    """Reads the native stack of the running thread.

    :raises OSError, AttributeError: when constructed where the C library has no ``backtrace`` or ``dladdr``, or where
        the loop is not found
    """

    def __init__(self, file_owners: FileOwners) -> None:
        library = ctypes.PyDLL(None)  # PyDLL keeps the GIL: look-ups must not yield to other threads
        self._readers = [_Reader(library, depth) for depth in _DEPTHS]
        describe = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_SymbolInfo))
        self._describe = by_subscript(describe(("dladdr", library), ((1,), (2,))))
        self._file_owners = file_owners
        self._kinds: dict[int, Domain | bool | None] = {}
        self._folders: list[tuple[bytes, int]] = []
        self.domains_added()
        self._owners: dict[bytes | None, Domain | None] = {None: None}
        self._function_of, self._loop = _evaluation_loop(library)
        self._interpreter = self._describe[ctypes.cast(library.Py_IncRef, ctypes.c_void_p).value or 0].file

    def domains_added(self) -> None:
        """Take added folders of domains into account."""
        folders = map(os.fsencode, self._file_owners.folders if self._file_owners.are_literal_prefixes else ())
        self._folders = [(folder, len(folder)) for folder in folders]

    def add_file(self, path: str, domain: Domain) -> None:
        """Record that the shared object at ``path`` belongs to ``domain``."""
        self._owners[os.fsencode(path)] = domain

    def domain(self, frame: FrameType) -> Domain | None:
        """The domain whose native code, called from ``frame``, has called us; None if Python code has."""
        loops = _frames_above(frame) if _ONE_LOOP_PER_FRAME else 1
        for reader in self._readers:
            count = reader.read[0]
            addresses = reader.words[reader.buffer.raw]
            answer = self._scan(addresses[:count], loops)
            if answer is not Ellipsis or count < reader.depth:
                return answer if answer is not Ellipsis else None
            count = 0  # last, or the loop would end in a conditional jump, which checks for threads
        return None

    def _scan(self, addresses: tuple[int, ...], loops: int) -> Any:
        """The domain, None for Python code, or Ellipsis if these addresses do not show it."""
        for address in addresses:
            kind = self._kinds[address] if address in self._kinds else self._classify(address)
            if kind is True:
                if loops == 0:
                    return None
                loops -= 1
            elif kind is not None and loops == 0:
                return kind
            kind = None  # as above
        return Ellipsis

    def _classify(self, address: int) -> Domain | bool | None:
        """True: the evaluation loop; a domain: code of one of its files; None: neither."""
        file = self._describe[address - 1].file
        kind: Domain | bool | None = None
        if file == self._interpreter and self._function_of[address] in self._loop:
            kind = True
        elif file in self._owners:
            kind = self._owners[file]
        else:
            kind = self._owner(file)
        self._kinds[address] = kind
        return kind

    def _owner(self, file: bytes) -> Domain | None:
        """The domain of a file seen for the first time; other threads may run only for private libraries of trees."""
        inside = not self._folders
        for folder, length in self._folders:
            inside = inside or file[:length] == folder
        owner = self._file_owners.owner(os.fsdecode(file)) if inside else None
        self._owners[file] = owner
        return owner

    functions_keeping_gil = (domain, _scan, _classify, _owner)
    """What must not let other threads run (see ``_no_gil_release``)."""


class _Reader:
    """Reads up to ``depth`` return addresses of the running thread.

    All share one buffer: from filling it until its content is copied, no other thread runs (see ``_no_gil_release``).
    """

    def __init__(self, library: ctypes.PyDLL, depth: int) -> None:
        self.depth = depth
        self.buffer = ctypes.create_string_buffer(calcsize("P") * depth)
        self.read = by_subscript(partial(library.backtrace, self.buffer, depth))
        self.words = by_subscript(Struct(f"{depth}P").unpack)


def _frames_above(frame: FrameType) -> int:
    """How many frames of ours will be on the stack above ``frame`` when ``backtrace`` is called."""
    count, inner = 0, sys._getframe(1)
    while inner is not frame and inner.f_back is not None:
        count, inner = count + 1, inner.f_back
    return count


def _evaluation_loop(library: ctypes.PyDLL) -> tuple[Any, frozenset[int]]:
    """The function of a return address, by subscript, and the functions that are the evaluation loop."""
    function_of, found = find_loop(library)
    if not found:
        raise AttributeError("the evaluation loop of this interpreter was not found")
    return by_subscript(function_of), found

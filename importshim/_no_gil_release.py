"""Functions during which the interpreter does not switch to another thread.

How it works. Native code may hold a lock of its own while it imports: C++ while it initialises a static variable, Rust
in a ``Once``. A thread that waits for that lock holds the GIL: a deadlock. With Python's own ``__import__``, which is
C, no thread gets there: it does not release the GIL to find a loaded module. From 3.11 on, the evaluation loop releases
it, if other threads want it, where a function begins (RESUME), at backward jumps, and after calls of C functions. So
what finds loaded modules for native code makes no such calls, and begins and jumps with the variants that generators
have, which do not check for this. If they ever do, that lock is at risk, nothing else.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType
    from typing import Any

_AFTER_YIELD_FROM = 2
_CACHED_JUMP = sys.version_info >= (3, 13)
"""JUMP_BACKWARD is followed by a cache entry, which the other variant is not."""

_codes: dict[CodeType, CodeType] = {}


def keep_gil(function: Any) -> None:
    """Make ``function`` begin and loop without releasing the GIL (3.11 on)."""
    if sys.version_info >= (3, 11):
        code = function.__code__
        if code not in _codes:
            _codes[code] = code.replace(co_code=_without_checks(code.co_code))
        function.__code__ = _codes[code]


def by_subscript(function: Callable[..., Any]) -> Any:
    """An object that calls the C ``function`` when it is subscripted, without the check that follows a call."""
    return type("BySubscript", (), {"__slots__": (), "__getitem__": staticmethod(function)})()


identity = by_subscript(id)
kind_of = by_subscript(type)


def _without_checks(text: bytes) -> bytes:
    from opcode import opmap

    found = bytearray(text)
    for place in _places(text, opmap["RESUME"]):
        found[place + 1] = _AFTER_YIELD_FROM
    for place in _places(text, opmap["JUMP_BACKWARD"]):
        if found[place + 1] > _CACHED_JUMP:
            found[place] = opmap["JUMP_BACKWARD_NO_INTERRUPT"]
            found[place + 1] -= _CACHED_JUMP
    return bytes(found)


def _places(text: bytes, opcode: int) -> Iterator[int]:
    """Where the instructions ``opcode`` are in the code ``text``: every second byte is an opcode."""
    opcodes = text[::2]
    index = opcodes.find(opcode)
    while index >= 0:
        yield index * 2
        index = opcodes.find(opcode, index + 1)

"""Where the machine code of the interpreter's evaluation loop is.

Theory. Which return addresses on a native stack lie in the loop cannot be told from its symbol: compilers move parts of
a function away, into others without a name (GCC's ``.cold``), or make a function of each instruction (tail calls). So
we look. One frame of Python calls C by several instructions, and C reads the stack each time:

    … ◄─ X ◄─ R ◄─ …        X: where the loop has called; another one for each instruction
                            R: what has called the loop; from here outward, all these stacks are the same

What X lies in belongs to the loop: the functions (FDEs of the unwind tables) that the found addresses are of, and the
one that has the symbol. If instructions are functions, the loop's own frame is one further out: R lies in the symbol's
function, and that alone is the loop. What was found is tried on stacks of which we know how many loops they hold.
"""

from __future__ import annotations

import ctypes
import sys
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Stack = tuple[int, ...]
    """Return addresses, the innermost first."""

_DEPTH = 512
_DEEPEST = 1 << 17
_PARTS = 3
"""A compiler makes this many functions of the loop at most; more are those of single instructions."""
_NESTED = 2
_SLOTS = (
    *("__call__", "__getitem__", "__setitem__", "__add__", "__lt__", "__contains__", "__neg__", "__getattr__"),
    *("__setattr__", "__next__", "__enter__", "__exit__"),
)


def find_loop(library: ctypes.PyDLL) -> tuple[Callable[[int], int], frozenset[int]]:
    """What tells the function that a return address lies in, and the functions that are the loop: both by their starts.

    ``library`` has ``backtrace``. The second is empty if the loop was not found.

    :raises OSError, AttributeError: there are no unwind tables to be asked
    """
    unwinder = library if sys.platform == "darwin" else ctypes.PyDLL("libgcc_s.so.1")
    function_of = unwinder._Unwind_FindEnclosingFunction
    function_of.argtypes, function_of.restype = (ctypes.c_void_p,), ctypes.c_void_p
    entry = ctypes.cast(ctypes.pythonapi._PyEval_EvalFrameDefault, ctypes.c_void_p).value or 0
    camera = _Camera(library)
    found = loop_functions(_stacks_by_instructions(camera), function_of, function_of(entry + 1) or 0)
    counts = [sum(function_of(one) in found for one in stack) for stack in _nested_stacks(camera)]
    holds = [count - counts[0] for count in counts] == [*range(_NESTED + 1)]
    return function_of, found if holds else frozenset()


def loop_functions(stacks: Sequence[Stack], function_of: Callable[[int], int | None], entry: int) -> frozenset[int]:
    """The functions of the loop, told from ``stacks`` as several instructions of one frame have seen them.

    ``function_of`` has the start of the function that a return address lies in, ``entry`` is that of the loop's symbol.
    Empty: they do not tell.
    """
    shared = _shared_outside(stacks)
    if not stacks or not 0 < shared < min(map(len, stacks)):
        return frozenset()
    if function_of(stacks[0][-shared]) == entry:
        return frozenset({entry})
    parts = {function_of(stack[-shared - 1]) or 0 for stack in stacks} | {entry}
    return frozenset(parts) if 0 not in parts and len(parts) <= _PARTS else frozenset()


def _shared_outside(stacks: Sequence[Stack]) -> int:
    """How many addresses, from the outermost inward, are the same in all ``stacks``."""
    count = 0
    for addresses in zip(*(reversed(stack) for stack in stacks), strict=False):
        if len(set(addresses)) > 1:
            break
        count += 1
    return count


class _Camera:
    """Takes whole stacks. ``take`` is a C function, with whatever arguments; ``developed`` are those taken since."""

    def __init__(self, library: ctypes.PyDLL) -> None:
        self._library = library
        self._depth = _DEPTH
        self._buffer: Any = None
        self._taken: list[Stack] = []
        self._load()
        while library.backtrace(self._buffer, self._depth) >= self._depth // 2 and self._depth < _DEEPEST:
            self._depth *= 2
            self._load()

    def _load(self) -> None:
        self._buffer = (ctypes.c_void_p * self._depth)()
        self.take = partial(self._library.backtrace, self._buffer, self._depth)

    def wind(self) -> None:
        """Keep what was taken."""
        addresses = tuple(self._buffer)
        ctypes.memset(self._buffer, 0, ctypes.sizeof(self._buffer))
        self._taken.append(addresses[: addresses.index(None)] if None in addresses else ())

    def developed(self) -> list[Stack]:
        """What was taken since the last time; () for what was not."""
        taken, self._taken = self._taken, []
        return taken


def _stacks_by_instructions(camera: _Camera) -> list[Stack]:
    """The stack as it is when instructions of this frame call C: all of them are statements of this one function."""
    kind: Any = type("Instructions", (), dict.fromkeys(_SLOTS, staticmethod(camera.take)))
    this, wind = kind(), camera.wind
    camera.take()
    wind()
    this()
    wind()
    this(*())
    wind()
    _ = this[0]
    wind()
    this[0] = 0
    wind()
    _ = this + 0
    wind()
    _ = this < 0
    wind()
    _ = 0 in this
    wind()
    _ = -this
    wind()
    _ = this.name
    wind()
    this.name = 0
    wind()
    with this:
        wind()
    wind()
    return [stack for stack in camera.developed() if stack]


def _nested_stacks(camera: _Camera) -> list[Stack]:
    """Stacks that each hold one loop more than the one before: Python takes one and has C call Python again."""

    def enter(deeper: int) -> None:
        camera.take()
        camera.wind()
        if deeper:
            next(map(enter, (deeper - 1,)))

    next(map(enter, (_NESTED,)))
    return camera.developed()

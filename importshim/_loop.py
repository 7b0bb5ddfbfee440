"""Finds the machine code of the interpreter's evaluation loop.

How it works. The symbol does not show which return addresses on a native stack are in the loop: compilers move parts of
a function into others without a name (GCC's ``.cold``), or make a function of each instruction (tail calls). So they
are found by experiment. One Python frame calls C by several instructions, and C reads the stack each time:

    … ◄─ X ◄─ R ◄─ …        X: where the loop makes the call; different for each instruction
                            R: what has called the loop; from here outward, all stacks are the same

What contains an X belongs to the loop: the functions (FDEs of the unwind tables) of the addresses found, and the one
that has the symbol. If instructions are functions, the loop's own frame is one further out: R is in the symbol's
function, and that alone is the loop. The result is tested on stacks with a known number of loops.
"""

from __future__ import annotations

import ctypes
import sys
from functools import partial
from struct import Struct, calcsize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Stack = tuple[int, ...]
    """Return addresses, the innermost first."""

_DEPTH = 512
_DEEPEST = 1 << 17
_PARTS = 3
"""A compiler splits the loop into this many functions at most; more are functions of single instructions."""
_NESTED = 2
_SLOTS = (
    *("__call__", "__getitem__", "__setitem__", "__add__", "__lt__", "__contains__", "__neg__", "__getattr__"),
    *("__setattr__", "__next__", "__enter__", "__exit__"),
)


def find_loop(library: ctypes.PyDLL) -> tuple[Callable[[int], int], frozenset[int]]:
    """What gives the function that a return address is in, and the functions that are the loop: both by start address.

    ``library`` has ``backtrace``. The second is empty if the loop was not found.

    :raises OSError, AttributeError: there are no unwind tables to query
    """
    unwinder = library if sys.platform == "darwin" else ctypes.PyDLL("libgcc_s.so.1")
    function_of = unwinder._Unwind_FindEnclosingFunction
    function_of.argtypes, function_of.restype = (ctypes.c_void_p,), ctypes.c_void_p
    entry = ctypes.cast(ctypes.pythonapi._PyEval_EvalFrameDefault, ctypes.c_void_p).value or 0
    recorder = _StackRecorder(library)
    found = loop_functions(_stacks_by_instructions(recorder), function_of, function_of(entry + 1) or 0)
    stacks = _nested_stacks(recorder)
    is_loop = {one: function_of(one) in found for one in set[int]().union(*stacks)}
    counts = [sum(map(is_loop.__getitem__, stack)) for stack in stacks]
    is_as_nested = [count - counts[0] for count in counts] == [*range(_NESTED + 1)]
    return function_of, found if is_as_nested else frozenset()


def loop_functions(stacks: Sequence[Stack], function_of: Callable[[int], int | None], entry: int) -> frozenset[int]:
    """The functions of the loop, derived from ``stacks`` as read by several instructions of one frame.

    ``function_of`` gives the start of the function that a return address is in, ``entry`` is that of the loop's symbol.
    Empty: the stacks do not show them.
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


class _StackRecorder:
    """Records whole stacks. ``capture`` is a C function for any arguments; ``stored`` gives those taken since."""

    def __init__(self, library: ctypes.PyDLL) -> None:
        self._library = library
        self._depth = _DEPTH
        self._buffer: Any = None
        self._stacks: list[Stack] = []
        self._allocate()
        while library.backtrace(self._buffer, self._depth) >= self._depth // 2 and self._depth < _DEEPEST:
            self._depth *= 2
            self._allocate()

    def _allocate(self) -> None:
        self._buffer = ctypes.create_string_buffer(calcsize("P") * self._depth)
        self._addresses = Struct(f"{self._depth}P").unpack
        self.capture = partial(self._library.backtrace, self._buffer, self._depth)

    def store(self) -> None:
        """Keep the stack that was taken."""
        addresses = self._addresses(self._buffer.raw)
        ctypes.memset(self._buffer, 0, ctypes.sizeof(self._buffer))
        self._stacks.append(addresses[: addresses.index(0)] if 0 in addresses else ())

    def stored(self) -> list[Stack]:
        """The stacks taken since the last call; () for one that was not."""
        stacks, self._stacks = self._stacks, []
        return stacks


def _stacks_by_instructions(recorder: _StackRecorder) -> list[Stack]:
    """The stacks when instructions of this frame call C: all of them are statements of this one function."""
    kind: Any = type("Instructions", (), dict.fromkeys(_SLOTS, staticmethod(recorder.capture)))
    this, store = kind(), recorder.store
    recorder.capture()
    store()
    this()
    store()
    this(*())
    store()
    _ = this[0]
    store()
    this[0] = 0
    store()
    _ = this + 0
    store()
    _ = this < 0
    store()
    _ = 0 in this
    store()
    _ = -this
    store()
    _ = this.name
    store()
    this.name = 0
    store()
    with this:
        store()
    store()
    return [stack for stack in recorder.stored() if stack]


def _nested_stacks(recorder: _StackRecorder) -> list[Stack]:
    """Stacks that each have one loop more than the one before: Python takes one, then C calls Python again."""

    def enter(deeper: int) -> None:
        recorder.capture()
        recorder.store()
        if deeper:
            next(map(enter, (deeper - 1,)))

    next(map(enter, (_NESTED,)))
    return recorder.stored()

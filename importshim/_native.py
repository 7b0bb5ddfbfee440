"""Native code: who asks on the C stack, and one registry per domain for binding libraries.

Theory. Compiled code has no Python frame of its own. When it looks a module up, the answer to "who asks" lies on the
native stack: from our own code outward, the frames before the interpreter's evaluation loop is reached again belong
to whoever called. If one of them lies in a shared object of a tree, that tree asks; if none does, it is Python code.

    our __eq__ ◄─ eval loop ◄─ dict look-up ◄─ PyImport_… ◄─ _multiarray_umath.so (dep_a) ◄─ eval loop (application)
                  entered=1                                  ▲ the asker                     stop

The stack is read by ``backtrace`` of the C library and named by ``dladdr``, through ctypes; every return address is
classified once. Where the platform has neither (musl, Windows), the Python frame decides alone: right for everything
but lazy imports of native code called from another domain's frames. This module is loaded with the first native
module of a tree, so that start-up does not pay for ctypes.
"""

from __future__ import annotations

import ctypes
import os
import sys
from _thread import allocate_lock, get_ident
from contextlib import contextmanager, suppress
from functools import partial
from struct import Struct, calcsize
from types import ModuleType

from importshim._steady import by_subscript

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

    from importshim._domain import Domain
    from importshim._places import Places
    from importshim._runtime import Runtime

_EVAL = b"_PyEval_EvalFrameDefault"
_RTLD_DL_SYMENT = 1
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


class _Elf64Symbol(ctypes.Structure):
    """``Elf64_Sym`` of <elf.h>; only the size is used."""

    _fields_ = (
        ("name", ctypes.c_uint32),
        ("info", ctypes.c_ubyte),
        ("other", ctypes.c_ubyte),
        ("section", ctypes.c_uint16),
        ("value", ctypes.c_uint64),
        ("size", ctypes.c_uint64),
    )


class NativeStack:
    """Reads the native stack of the running thread.

    :raises OSError, AttributeError: when constructed where the C library has no ``backtrace`` or ``dladdr``
    """

    def __init__(self, places: Places) -> None:
        library = ctypes.PyDLL(None)  # PyDLL keeps the GIL: look-ups must not yield to other threads
        self._readers = [_Reader(library, depth) for depth in _DEPTHS]
        describe = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_SymbolInfo))
        self._describe = by_subscript(describe(("dladdr", library), ((1,), (2,))))
        self._places = places
        self._kinds: dict[int, Domain | bool | None] = {}
        self._folders = [(os.fsencode(folder), len(os.fsencode(folder))) for folder in places.folders]
        self._owners: dict[bytes | None, Domain | None] = {None: None}
        self._eval_start = ctypes.cast(ctypes.pythonapi._PyEval_EvalFrameDefault, ctypes.c_void_p).value or 0
        self._eval_end = self._eval_start + self._eval_size(library)

    def _eval_size(self, library: ctypes.PyDLL) -> int:
        info, symbol = _SymbolInfo(), ctypes.POINTER(_Elf64Symbol)()
        try:
            found = library.dladdr1(
                ctypes.c_void_p(self._eval_start),
                ctypes.byref(info),
                ctypes.byref(symbol),
                _RTLD_DL_SYMENT,
            )
        except AttributeError:
            return 0
        return int(symbol.contents.size) if found and symbol else 0

    def learn(self, path: str, domain: Domain) -> None:
        """The shared object at ``path`` is of ``domain``."""
        self._owners[os.fsencode(path)] = domain

    def domain(self, frame: FrameType) -> Domain | None:
        """The domain whose native code, called from ``frame``, has called us; None if Python code asks."""
        loops = _frames_above(frame) if _ONE_LOOP_PER_FRAME else 1
        for reader in self._readers:
            count = reader.read[0]
            addresses = reader.words[reader.buffer.raw]
            answer = self._scan(addresses[:count], loops)
            if answer is not Ellipsis or count < reader.depth:
                return answer if answer is not Ellipsis else None
            count = 0  # the last statement, or the loop would end in a conditional jump, which asks for threads
        return None

    def _scan(self, addresses: tuple[int, ...], loops: int) -> Any:
        """The domain, None for Python code, or Ellipsis if these addresses do not tell."""
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
        kind: Domain | bool | None = self._eval_start <= address < self._eval_end
        if not kind:
            info = self._describe[address - 1]
            file = info.file
            if self._eval_end == self._eval_start and info.name == _EVAL:
                kind = True
            else:
                kind = self._owners[file] if file in self._owners else self._owner(file)
        self._kinds[address] = kind
        return kind

    def _owner(self, file: bytes) -> Domain | None:
        """The domain of a file that has not been met; only for private libraries of trees are other threads let run."""
        inside = False
        for folder, length in self._folders:
            inside = inside or file[:length] == folder
        owner = self._places.owner(os.fsdecode(file)) if inside else None
        self._owners[file] = owner
        return owner

    steady = (domain, _scan, _classify, _owner)
    """What must not let other threads run (see ``_steady``)."""


class _Reader:
    """Reads up to ``depth`` return addresses of the running thread.

    All share one buffer: from filling it until its content is copied, no other thread runs (see ``_steady``).
    """

    def __init__(self, library: ctypes.PyDLL, depth: int) -> None:
        self.depth = depth
        self.buffer = ctypes.create_string_buffer(calcsize("P") * depth)
        self.read = by_subscript(partial(library.backtrace, self.buffer, depth))
        self.words = by_subscript(Struct(f"{depth}P").unpack)


def _interpreter_state_dict() -> dict[Any, Any]:
    """``PyInterpreterState_GetDict`` of the running interpreter, as a dict (a borrowed reference)."""
    api = ctypes.pythonapi
    api.PyInterpreterState_Get.restype = ctypes.c_void_p
    api.PyInterpreterState_GetDict.argtypes = (ctypes.c_void_p,)
    api.PyInterpreterState_GetDict.restype = ctypes.c_void_p
    pointer = api.PyInterpreterState_GetDict(api.PyInterpreterState_Get())
    found: dict[Any, Any] = ctypes.cast(pointer, ctypes.py_object).value
    return found


_REGISTRY_PREFIXES = ("__pybind11_internals", "__nb_internals", "__nanobind")


class Redirections:
    """Gives native code of every domain its own answers to calls that use a process-wide table under a fixed name.

    - ``PyThreadState_GetDict``: libraries keep per-thread state there (lxml its parser context, NumPy 1 its error
      handling); two versions of one would find each other's. They get a dict of their domain, inside the thread's.
    - ``PyImport_AddModule``: binding libraries make submodules with it, by plain name, and keep tables in modules of
      fixed names (SWIG's ``swig_runtime_data4``). They get their domain's.

    Calls of a domain's native modules are redirected when the shared object is loaded (see ``_elf``).
    """

    def __init__(self, runtime: Runtime) -> None:
        from importshim import _elf

        self._runtime = runtime
        self._redirect = _elf.redirect if _elf.is_supported() else None
        self._own: dict[Domain, _Functions] = {}
        if self._redirect is None:
            return
        self._api = ctypes.PyDLL(None)
        self._api.PyThreadState_GetDict.restype = ctypes.c_void_p
        self._api.PyImport_AddModule.argtypes = (ctypes.c_char_p,)
        self._api.PyImport_AddModule.restype = ctypes.c_void_p
        self._api.Py_IncRef.argtypes = (ctypes.c_void_p,)

    def separate(self, path: str, domain: Domain) -> None:
        """Load the shared object at ``path`` and redirect its calls to ``domain``'s answers."""
        if self._redirect is None:
            return
        own = self._own.get(domain)
        if own is None:
            own = self._own.setdefault(domain, _Functions(self._functions(domain)))
        with suppress(OSError):  # whatever keeps it from loading is told when Python loads it
            self._redirect(path, sys.getdlopenflags(), own.addresses)

    def _functions(self, domain: Domain) -> dict[bytes, Any]:
        """C functions by the name of what they stand for."""
        from_nothing = ctypes.PYFUNCTYPE(ctypes.c_void_p)
        from_name = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)

        def thread_dict() -> int | None:
            return self._thread_dict(domain)

        def add_module(name: bytes) -> int | None:
            return self._add_module(domain, name)

        def add_module_reference(name: bytes) -> int | None:
            module = self._add_module(domain, name)
            self._api.Py_IncRef(module)
            return module

        functions = {b"PyThreadState_GetDict": from_nothing(thread_dict), b"PyImport_AddModule": from_name(add_module)}
        if sys.version_info >= (3, 13):
            functions[b"PyImport_AddModuleRef"] = from_name(add_module_reference)
        return functions

    def _thread_dict(self, domain: Domain) -> int | None:
        pointer = self._api.PyThreadState_GetDict()
        if not pointer:
            return None
        tables: dict[Any, Any] = ctypes.cast(pointer, ctypes.py_object).value
        return id(tables.setdefault(("importshim", domain.name), {}))

    def _add_module(self, domain: Domain, name: bytes) -> int | None:
        plain = name.decode()
        if not domain.is_contested(plain):
            if plain in sys.modules or not self._is_fixed_name(plain):
                found: int | None = self._api.PyImport_AddModule(name)
                return found
            self._runtime.adoption.adopt(domain, plain)
        module = domain.loaded(plain)
        if module is None:
            module = ModuleType(plain)
            self._runtime.entries.put(domain, plain, module)
        return id(module)

    def _is_fixed_name(self, name: str) -> bool:
        """Whether a module of this name would be a table of native code (SWIG's types, Cython's)."""
        sole = self._runtime.table.sole
        return name.isidentifier() and name not in sys.stdlib_module_names and name not in sole


class _Functions:
    """C functions by name, with their addresses; these hold as long as this object lives."""

    def __init__(self, functions: dict[bytes, Any]) -> None:
        self._functions = functions
        self.addresses = {name: ctypes.cast(one, ctypes.c_void_p).value or 0 for name, one in functions.items()}


class NativeInitialisation:
    """Runs the initialisation of native modules one at a time, each with the registries of its domain.

    pybind11 and nanobind keep one table of bound C++ types per process, in the interpreter's state dict, and refuse
    to bind the same type twice; two versions of one library do just that. So each domain has its own tables, put in
    place while its native code initialises. An initialisation that imports other modules is *suspended* meanwhile:
    a thread must never wait for a module while it keeps others from initialising.
    """

    def __init__(self) -> None:
        self._shared = _interpreter_state_dict()
        self._own: dict[Domain, dict[Any, Any]] = {}
        self._turn = allocate_lock()
        self._running: Domain | None = None
        self._thread = 0

    @contextmanager
    def of(self, domain: Domain) -> Iterator[None]:
        """While active, this thread alone initialises native code, with the registries of ``domain``."""
        with self.suspended():
            self._enter(domain)
            try:
                yield
            finally:
                self._leave()

    def is_here(self) -> bool:
        """Whether this thread is initialising."""
        return self._thread == get_ident()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """While active, others may initialise; does nothing if this thread is not initialising."""
        if not self.is_here():
            yield
            return
        domain = self._leave()
        try:
            yield
        finally:
            self._enter(domain)

    def _enter(self, domain: Domain) -> None:
        self._turn.acquire()
        self._thread = get_ident()
        self._running = domain
        self._outside = self._take()
        self._shared.update(self._own.get(domain, {}))

    def _leave(self) -> Domain:
        domain = self._running
        if domain is None:
            raise RuntimeError("no native initialisation is under way")
        self._own[domain] = self._take()
        self._shared.update(self._outside)
        self._thread = 0
        self._turn.release()
        return domain

    def _take(self) -> dict[Any, Any]:
        names = [name for name in self._shared if str(name).startswith(_REGISTRY_PREFIXES)]
        return {name: self._shared.pop(name) for name in names}


def _frames_above(frame: FrameType) -> int:
    """How many frames of ours will be on the stack above ``frame`` when ``backtrace`` is called."""
    count, inner = 0, sys._getframe(1)
    while inner is not frame and inner.f_back is not None:
        count, inner = count + 1, inner.f_back
    return count


def native_stack(places: Places) -> NativeStack | None:
    """The reader of native stacks, or None where the platform cannot tell."""
    try:
        return NativeStack(places)
    except (OSError, AttributeError, TypeError):  # Windows has no library of the process itself
        return None

"""Gives native code of every domain its own answers to calls that use a process-wide table under a fixed name.

- ``PyThreadState_GetDict``: libraries keep per-thread state there (lxml its parser context, NumPy 1 its error
  handling); two versions of one would find each other's. They get a dict of their domain, inside the thread's.
- ``PyImport_AddModule``: binding libraries make submodules with it, by plain name, and keep tables in modules of
  fixed names (SWIG's ``swig_runtime_data4``). They get their domain's.

Calls of a domain's native modules are redirected when the shared object is loaded (see ``_elf``).

A shared object is loaded once per process, and the functions that its calls are redirected to belong to one
interpreter. So only the main one redirects; others refuse a native module that has such calls.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from types import ModuleType

from importshim._elf import calls, redirect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime


class Redirections:
    """What calls of native code are redirected to.

    :raises ImportError: when imported where shared objects are not read (see ``_elf``)
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._own: dict[Domain, _Functions] = {}
        self._api = ctypes.PyDLL(None)
        self._api.PyThreadState_GetDict.restype = ctypes.c_void_p
        self._api.PyImport_AddModule.argtypes = (ctypes.c_char_p,)
        self._api.PyImport_AddModule.restype = ctypes.c_void_p
        self._api.Py_IncRef.argtypes = (ctypes.c_void_p,)
        self._is_main = _is_main_interpreter(self._api)

    def redirect_calls(self, path: str, domain: Domain) -> None:
        """Load the shared object at ``path`` and redirect its calls to ``domain``'s answers.

        :raises ImportError: this is not the main interpreter, and there are such calls
        """
        own = self._own.get(domain)
        if own is None:
            own = self._own.setdefault(domain, _Functions(self._functions(domain)))
        with suppress(OSError):  # if it cannot be loaded, Python reports why when it loads it
            if self._is_main:
                redirect(path, sys.getdlopenflags(), own.addresses)
            else:
                _refuse(path, calls(path, sys.getdlopenflags(), own.addresses))

    def _functions(self, domain: Domain) -> dict[bytes, Any]:
        """C functions by the name of the function that they replace."""
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


def _is_main_interpreter(api: ctypes.PyDLL) -> bool:
    """https://docs.python.org/3/c-api/init.html#c.PyInterpreterState_GetID"""
    api.PyInterpreterState_Get.restype = ctypes.c_void_p
    api.PyInterpreterState_GetID.argtypes = (ctypes.c_void_p,)
    api.PyInterpreterState_GetID.restype = ctypes.c_int64
    return bool(api.PyInterpreterState_GetID(api.PyInterpreterState_Get()) == 0)


def _refuse(path: str, called: list[str]) -> None:
    if called:
        raise ImportError(
            f"{os.path.basename(path)} calls {', '.join(called)}, whose result depends on the tree: "
            "this works only in the main interpreter; use processes",
            path=path,
        )


class _Functions:
    """C functions by name, with their addresses; these are valid while this object lives."""

    def __init__(self, functions: dict[bytes, Any]) -> None:
        self._functions = functions
        self.addresses = {name: ctypes.cast(one, ctypes.c_void_p).value or 0 for name, one in functions.items()}

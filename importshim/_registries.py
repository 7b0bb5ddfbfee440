"""One registry per domain for libraries that bind C++ types, while native code initialises."""

from __future__ import annotations

import ctypes
from _thread import allocate_lock, get_ident
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from importshim._domain import Domain

_REGISTRY_PREFIXES = ("__pybind11_internals", "__nb_internals", "__nanobind")


class NativeInitialisation:
    """Runs the initialisation of native modules one at a time, each with the registries of its domain.

    pybind11 and nanobind keep one table of bound C++ types per process, in the interpreter's state dict, and refuse
    to bind the same type twice; two versions of one library would do that. So each domain has its own tables, put in
    place while its native code initialises. An initialisation that imports other modules is *suspended* for that time:
    a thread must never wait for a module while it keeps others from initialising.
    """

    def __init__(self) -> None:
        self._state = _interpreter_state_dict()
        self._own: dict[Domain, dict[Any, Any]] = {}
        self._others: set[Any] = set()
        """What was in the state when it had no registries."""
        self._lock = allocate_lock()
        self._running: Domain | None = None
        self._thread = 0

    @contextmanager
    def for_domain(self, domain: Domain) -> Iterator[None]:
        """While active, this thread alone initialises native code, with the registries of ``domain``."""
        with self.suspended():
            self._enter(domain)
            try:
                yield
            finally:
                self._leave()

    def assign_existing(self, domain: Domain) -> None:
        """Assign existing registries to ``domain``, whose native code was initialised before any name was contested."""
        names = [name for name in self._state if str(name).startswith(_REGISTRY_PREFIXES)]
        self._own.setdefault(domain, {name: self._state[name] for name in names})

    def is_this_thread(self) -> bool:
        """Whether this thread is initialising."""
        return self._thread == get_ident()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """While active, others may initialise; does nothing if this thread is not initialising."""
        if not self.is_this_thread():
            yield
            return
        domain = self._leave()
        try:
            yield
        finally:
            self._enter(domain)

    def _enter(self, domain: Domain) -> None:
        self._lock.acquire()
        self._thread = get_ident()
        self._running = domain
        self._outside = self._pop_registries()
        self._state.update(self._own.get(domain, {}))

    def _leave(self) -> Domain:
        domain = self._running
        if domain is None:
            raise RuntimeError("no native initialisation is in progress")
        self._own[domain] = self._pop_registries()
        self._state.update(self._outside)
        self._thread = 0
        self._lock.release()
        return domain

    def _pop_registries(self) -> dict[Any, Any]:
        if self._state.keys() == self._others:
            return {}
        names = [name for name in self._state if str(name).startswith(_REGISTRY_PREFIXES)]
        found = {name: self._state.pop(name) for name in names}
        self._others = set(self._state)
        return found


def _interpreter_state_dict() -> dict[Any, Any]:
    """``PyInterpreterState_GetDict`` of the running interpreter, as a dict (a borrowed reference)."""
    api = ctypes.pythonapi
    api.PyInterpreterState_Get.restype = ctypes.c_void_p
    api.PyInterpreterState_GetDict.argtypes = (ctypes.c_void_p,)
    api.PyInterpreterState_GetDict.restype = ctypes.c_void_p
    pointer = api.PyInterpreterState_GetDict(api.PyInterpreterState_Get())
    found: dict[Any, Any] = ctypes.cast(pointer, ctypes.py_object).value
    return found

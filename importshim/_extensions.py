"""Native modules of trees: they are created and initialised one at a time, with what the platform offers for that.

What deals with native code (see ``_native``) is loaded with the first such module if names are contested, else never.
"""

from __future__ import annotations

import _imp
import sys
from _thread import allocate_lock

from importshim._attribution import Attribution, import_name_opcode
from importshim._classes import ModuleType
from importshim._frames import like_importlib
from importshim._keys import KEY_COMPARISONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from typing import Any

    from importshim._domain import Domain
    from importshim._native import NativeSupport
    from importshim._runtime import Runtime


class Extensions:
    """The native modules of the domains of ``runtime``."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._native: NativeSupport | None = None
        self._starting = allocate_lock()

    def create(self, domain: Domain, path: str, spec: ModuleSpec) -> ModuleType:
        """Load the shared object at ``path`` for ``domain`` and create its module (PEP 489)."""
        if self._runtime.table.contested:
            self._start().load(path, domain)
        module: ModuleType = self.initialise(domain, _imp.create_dynamic, spec)
        return module

    def initialise(self, domain: Domain, function: Callable[..., Any], *args: object) -> Any:
        """Call ``function``, which initialises a native module of ``domain``: one at a time, with its registries.

        It is called from a frame of ``domain``, even if nothing is contested: it may run Python code with that frame's
        builtins.
        """
        if self._native is None:
            return domain.run(function, *args)
        with self._native.initialising(domain):
            found = domain.run(function, *args)
        self._runtime.entries.assign_new(domain)
        return found

    @like_importlib
    def allow_others(self, function: Callable[..., Any], *args: object, **options: object) -> Any:
        """Call ``function``; if this thread is initialising a native module, others may do so during the call."""
        if self._native is None or not self._native.is_initialising():
            return function(*args, **options)
        with self._native.suspended():
            return function(*args, **options)

    @property
    def limits(self) -> tuple[str, ...]:
        """What cannot be done on this platform, in sentences; () if nothing is contested."""
        return self._start().limits if self._runtime.table.contested else ()

    def domains_added(self) -> None:
        """Take added domains into account."""
        if self._native is not None:
            self._native.domains_added()
            self._keep_gil_in_lookups(self._native)

    def prepare(self, import_: Callable[..., Any]) -> None:
        """Prepare the ``__import__`` of a domain whose code is about to run for the first time."""
        if self._native is not None:
            from importshim._no_gil_release import keep_gil

            keep_gil(import_)

    def _start(self) -> NativeSupport:
        """Load everything that deals with native code, once, before the first native module of a tree."""
        if self._native is not None:
            return self._native
        from importshim._native import native_code

        with self._starting:
            if self._native is None:
                import_name_opcode()  # reading the stack needs it, so it must be loaded before
                native = native_code(self._runtime)
                self._runtime.attribution.native = native.stack
                self._native = native
                self._keep_gil_in_lookups(native)
                for limit in native.limits:
                    self._runtime.table.note(limit)
                for domain in _domains_with_extensions():
                    native.assign_existing(domain)
        return self._native

    def _keep_gil_in_lookups(self, native: NativeSupport) -> None:
        """Keep the GIL in look-ups from now on: native code may hold locks of its own while it does them."""
        from importshim._no_gil_release import keep_gil

        imports = [domain.import_ for domain in self._runtime.domains.values() if domain.is_prepared]
        stack = native.stack.functions_keeping_gil if native.stack is not None else ()
        for function in (*imports, *KEY_COMPARISONS, *Attribution.functions_keeping_gil, *stack):
            keep_gil(function)


def _domains_with_extensions() -> set[Domain]:
    """The domains that have native modules loaded."""
    from importshim._loaders import DomainExtensionLoader

    modules = [one for one in list(sys.modules.values()) if type(one) is ModuleType]
    loaders = (vars(one).get("__loader__") for one in modules)
    return {loader.domain for loader in loaders if isinstance(loader, DomainExtensionLoader)}

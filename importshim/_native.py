"""What the platform lets us read and change of native code: one interface, with implementations from full to empty.

It does three things: find *the importing code* on the native stack, *redirect* a shared object's calls when it is
loaded, and *initialise* native code with the registries of its domain. What a platform cannot do, its implementation
leaves out, and ``limits`` says what follows. ``native_code`` takes the first that works:

    GlibcSupport   Linux with the GNU C library: all three
    ElfSupport     64-bit little-endian Linux with another C library (musl): redirecting, initialising
    DarwinSupport  macOS: the importing code, initialising
    CtypesSupport  a CPython with ctypes (Windows): initialising
    NativeSupport  the rest

Only the first has been tried on its platform. What the others would need: musl has no ``backtrace``; libunwind's
``unw_backtrace`` has the same signature (libgcc's ``_Unwind_Backtrace`` calls a function for each frame, which must not
be Python). On macOS the slots are those of Mach-O (chained fixups), whose reader would be
next to ``_elf``. Windows has ``RtlCaptureStackBackTrace`` and ``GetModuleHandleEx``, and the slots are a DLL's import
address table.

It is loaded with the first native module of a tree, so that start-up does not pay for ctypes.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime
    from importshim._stack import NativeStack

_VARIABLE = "IMPORTSHIM_NATIVE"
_NO_STACK = "an import made by native code is attributed to the Python code that called it"
_NO_REDIRECTION = (
    "two versions of a library that keep per-thread state, or create modules, in native code see each other's"
)
_NO_REGISTRIES = "versions of a library that is bound by pybind11 or nanobind cannot be loaded together"


class NativeSupport:
    """The interface, and the support on platforms that offer nothing; each subclass adds what its platform offers."""

    limits: tuple[str, ...] = (_NO_STACK, _NO_REDIRECTION, _NO_REGISTRIES)
    """What follows from what the platform lacks, in sentences."""
    stack: Any = None
    """Finds the importing code: a ``NativeStack``, where the stack can be read."""

    def __init__(self, runtime: Runtime) -> None:
        """:raises ImportError, OSError, AttributeError, TypeError: this is not the platform."""

    def load(self, path: str, domain: Domain) -> None:
        """Prepare to load the shared object at ``path`` for ``domain``."""

    def assign_existing(self, domain: Domain) -> None:
        """Assign what exists to ``domain``, whose native code was initialised before any name was contested."""

    def domains_added(self) -> None:
        """Take added domains into account."""

    def initialising(self, domain: Domain) -> AbstractContextManager[None]:
        """While active, this thread alone initialises native code, with the registries of ``domain``."""
        return nullcontext()

    def is_initialising(self) -> bool:
        """Whether this thread is initialising native code."""
        return False

    def suspended(self) -> AbstractContextManager[None]:
        """While active, others may initialise; does nothing if this thread is not initialising."""
        return nullcontext()


class CtypesSupport(NativeSupport):
    """What CPython itself gives wherever there is ctypes."""

    limits: tuple[str, ...] = (_NO_STACK, _NO_REDIRECTION)

    def __init__(self, runtime: Runtime) -> None:
        from importshim._registries import NativeInitialisation

        super().__init__(runtime)
        initialisation = NativeInitialisation()
        self.assign_existing = initialisation.assign_existing  # type: ignore[method-assign]
        self.initialising = initialisation.for_domain  # type: ignore[method-assign]
        self.is_initialising = initialisation.is_this_thread  # type: ignore[method-assign]
        self.suspended = initialisation.suspended  # type: ignore[method-assign]


class ElfSupport(CtypesSupport):
    """Linux, whatever its C library."""

    limits: tuple[str, ...] = (_NO_STACK,)

    def __init__(self, runtime: Runtime) -> None:
        from importshim._redirections import Redirections

        super().__init__(runtime)
        self._redirections = Redirections(runtime)

    def load(self, path: str, domain: Domain) -> None:
        """See ``NativeSupport.load``."""
        self._redirections.redirect_calls(path, domain)


class GlibcSupport(ElfSupport):
    """Linux with the GNU C library."""

    limits: tuple[str, ...] = ()

    def __init__(self, runtime: Runtime) -> None:
        self.stack = _stack(runtime)
        super().__init__(runtime)

    def load(self, path: str, domain: Domain) -> None:
        """See ``NativeSupport.load``."""
        super().load(path, domain)
        self.stack.add_file(path, domain)

    def domains_added(self) -> None:
        """See ``NativeSupport.domains_added``."""
        self.stack.domains_added()


class DarwinSupport(CtypesSupport):
    """macOS, whose C library has the same functions."""

    limits: tuple[str, ...] = (_NO_REDIRECTION,)

    def __init__(self, runtime: Runtime) -> None:
        if sys.platform != "darwin":
            raise OSError("not macOS")
        self.stack = _stack(runtime)
        super().__init__(runtime)

    def load(self, path: str, domain: Domain) -> None:
        """See ``NativeSupport.load``."""
        self.stack.add_file(path, domain)

    def domains_added(self) -> None:
        """See ``NativeSupport.domains_added``."""
        self.stack.domains_added()


def _stack(runtime: Runtime) -> NativeStack:
    from importshim._stack import NativeStack

    return NativeStack(runtime.table.file_owners)


_IMPLEMENTATIONS: dict[str, type[NativeSupport]] = {
    "glibc": GlibcSupport,
    "elf": ElfSupport,
    "darwin": DarwinSupport,
    "anywhere": CtypesSupport,
    "nothing": NativeSupport,
}
"""By the name in IMPORTSHIM_NATIVE."""


def native_code(runtime: Runtime) -> NativeSupport:
    """The first implementation that works, from the one that IMPORTSHIM_NATIVE names on (``nothing`` is the last)."""
    wanted = os.environ.get(_VARIABLE, "")
    names = list(_IMPLEMENTATIONS)
    first = names.index(wanted) if wanted in names else 0
    found = (_if_supported(_IMPLEMENTATIONS[name], runtime) for name in names[first:])
    return next(support for support in found if support is not None)


def _if_supported(support: type[NativeSupport], runtime: Runtime) -> NativeSupport | None:
    """The implementation, if this is its platform."""
    try:
        return support(runtime)
    except (ImportError, OSError, AttributeError, TypeError):  # on Windows, ctypes cannot open the process itself
        return None

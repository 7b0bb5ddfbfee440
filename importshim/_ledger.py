"""The ledger: everything in the process that is replaced, in order, and the private names that this relies on.

To support a new Python, read this file: ``PRIVATE`` has every private name of CPython that importshim uses, with the
versions that have it and what it is used for. What is needed at the start is checked then; a Python that lacks it is
refused with one line (``importshim.start``). The tests check all names on each Python available, and compare the
process before ``activate()`` with the process after ``deactivate()``.
"""

from __future__ import annotations

import sys

from importshim._builtins import BuiltinsPatch
from importshim._callers import code_owner, effective_domain
from importshim._children import ProcessStartPatch, SpawnPatch, SubprocessPatch
from importshim._execute import RunpyPatch
from importshim._import_patch import ImportPatch
from importshim._patch import Patch
from importshim._view import ViewPatch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime

ANY = (3, 10)


class Private:
    """A private name of CPython: where it is, what it is used for, and the first version that has it.

    ``at_start``: no import can be served without it.
    """

    def __init__(
        self, module: str, name: str, what: str, *, since: tuple[int, int] = ANY, at_start: bool = False
    ) -> None:
        self.module = module
        self.name = name
        self.what = what
        self.since = since
        self.at_start = at_start

    def exists(self) -> bool:
        """Whether the loaded module has it, or only a later Python does."""
        return sys.version_info < self.since or hasattr(sys.modules[self.module], self.name)


_BOOTSTRAP, _EXTERNAL = "_frozen_importlib", "_frozen_importlib_external"
_EXECUTOR = "concurrent.futures.thread"
_IN_MACHINERY = "is that of importlib.machinery, which would have to be loaded"
PRIVATE = (
    Private(_BOOTSTRAP, "_find_and_load", "called by C for a name that is not in sys.modules", at_start=True),
    Private(_BOOTSTRAP, "_handle_fromlist", "called by C for the names of a from statement", at_start=True),
    Private(_BOOTSTRAP, "_lock_unlock_module", "called by C for a module that is being loaded", at_start=True),
    Private(_BOOTSTRAP, "_find_and_load_lazy_submodule", "called by C for a part of a package", since=(3, 15)),
    Private(
        _BOOTSTRAP, "_gcd_import", "called by import_module: its frame shows that Python code imports", at_start=True
    ),
    Private(_BOOTSTRAP, "_find_spec", "goes through sys.meta_path", at_start=True),
    Private(_BOOTSTRAP, "_module_locks", "weak references to the locks of modules, by name", at_start=True),
    Private("_imp", "_fix_co_filename", "gives code the path of its source", at_start=True),
    Private(_BOOTSTRAP, "ModuleSpec", _IN_MACHINERY, at_start=True),
    Private(_EXTERNAL, "PathFinder", _IN_MACHINERY, at_start=True),
    Private(_EXTERNAL, "FileFinder", _IN_MACHINERY, at_start=True),
    Private(_EXTERNAL, "SourceFileLoader", _IN_MACHINERY, at_start=True),
    Private(_EXTERNAL, "ExtensionFileLoader", _IN_MACHINERY, at_start=True),
    Private(_EXTERNAL, "SOURCE_SUFFIXES", _IN_MACHINERY, at_start=True),
    Private("_imp", "extension_suffixes", _IN_MACHINERY, at_start=True),
    Private("importlib", "_bootstrap_external", "has the loader of namespace packages, public from 3.11 on"),
    Private(_EXTERNAL, "MAGIC_NUMBER", "is shown by importlib.util", at_start=True),
    Private("_signal", "set_wakeup_fd", "is that of signal, which loads enum; only the main interpreter may call it"),
    Private("_contextvars", "ContextVar", "is that of contextvars", at_start=True),
    Private("_imp", "create_dynamic", "loads a shared object"),
    Private("_imp", "exec_dynamic", "executes a native module"),
    Private("_posixsubprocess", "fork_exec", "starts a process; the third but last arguments are the environment"),
    Private("subprocess", "_fork_exec", "the same function, where subprocess keeps it", since=(3, 11)),
    Private("_json", "make_scanner", "reads JSON without the module json; json is read if it does not"),
    Private("runpy", "_run_code", "calls exec with a local run_globals"),
    Private("sysconfig", "_INSTALL_SCHEMES", "the folders of each scheme, by name"),
    Private("pickle", "_Pickler", "the pickler in Python; looks for reducer_override first"),
    Private("multiprocessing.spawn", "get_preparation_data", "what a worker gets, a dict"),
    Private("multiprocessing.spawn", "prepare", "what a worker does with it"),
    Private("_ctypes", "dlopen", "loads a shared object without a module ctypes.CDLL keeps"),
    Private("_thread", "RLock", "has _is_owned and _release_save, which threading needs"),
    Private("_thread", "_local", "the class behind threading.local"),
    Private("threading", "Thread", "has _bootstrap, the first that a new thread calls"),
    Private(_EXECUTOR, "_WorkItem", "made when a call is submitted; a thread of the pool calls run"),
)
"""All of them. Native code relies on more, which ``_loop``, ``_registries`` and ``_elf`` detect as they run."""


def check_private_names() -> None:
    """Refuse a Python that lacks a name without which no import can be served.

    :raises AttributeError: the message has the name
    """
    for one in PRIVATE:
        if one.at_start and not one.exists():
            raise AttributeError(f"module {one.module!r} has no attribute {one.name!r}: {one.what}")


class Ledger:
    """All patches of a runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._patches = tuple(_patches(runtime))
        self._pending = {one.module: one for one in self._patches if one.module}
        self._applied: list[Patch] = []

    def open(self) -> None:
        """Apply, in order, all patches whose module is loaded."""
        check_private_names()
        for patch in self._patches:
            if not patch.module:
                self._apply(patch, None)
            elif patch.module in sys.modules:
                self.module_loaded(patch.module, sys.modules[patch.module])
                patch.replace_references()

    def module_loaded(self, name: str, module: Any) -> None:
        """Apply the patch that was waiting for a module."""
        patch = self._pending.pop(name, None)
        if patch is not None:
            self._apply(patch, module)

    def domains_added(self) -> None:
        """Take added domains into account."""
        for patch in self._applied:
            patch.domains_added()

    def complete_builtins(self, domain: Domain, names: dict[str, Any]) -> None:
        """See ``Patch.complete_builtins``."""
        for patch in self._applied:
            patch.complete_builtins(domain, names)

    def names_contested(self) -> None:
        """Take added contested names into account."""
        for patch in self._applied:
            patch.names_contested()

    def _apply(self, patch: Patch, module: Any) -> None:
        self._applied.append(patch)
        patch.apply(module)

    def close(self) -> None:
        """Undo what was applied, in the opposite order."""
        while self._applied:
            self._applied.pop().undo()


class _DeferredPatch(Patch):
    """A patch that is made when its ``module`` is loaded: few programs load it, so start-up should not pay for it."""

    def __init__(self, module: str, make: Callable[[], Patch]) -> None:
        super().__init__()
        self.module = module
        self._make = make
        self._made: Patch | None = None

    def apply(self, module: Any) -> None:
        """Make it, and apply it."""
        self._made = self._make()
        self._made.apply(module)

    def replace_references(self) -> None:
        """See ``Patch.replace_references``."""
        if self._made is not None:
            self._made.replace_references()

    def domains_added(self) -> None:
        """See ``Patch.domains_added``."""
        if self._made is not None:
            self._made.domains_added()

    def names_contested(self) -> None:
        """See ``Patch.names_contested``."""
        if self._made is not None:
            self._made.names_contested()

    def undo(self) -> None:
        """Undo it."""
        if self._made is not None:
            self._made.undo()


def _patches(runtime: Runtime) -> Iterator[Patch]:
    """What a runtime needs, in order."""
    yield ProcessStartPatch(lambda code: code_owner(runtime.attribution, code))
    yield SubprocessPatch()
    yield SpawnPatch(lambda: effective_domain(runtime.attribution), runtime.run_as)
    yield RunpyPatch(lambda namespace: _program_domain(runtime, namespace))
    yield _DeferredPatch("sysconfig", lambda: _schemes(runtime))
    yield _DeferredPatch("pickle", lambda: _pickling(runtime))
    yield _DeferredPatch("threading", lambda: _starter(runtime, "threading", "Thread", "start", "_bootstrap"))
    yield _DeferredPatch(_EXECUTOR, lambda: _starter(runtime, _EXECUTOR, "_WorkItem", "__init__", "run"))
    yield runtime.paths
    yield ImportPatch(runtime)
    if runtime.lazy is not None:
        yield runtime.lazy
    yield BuiltinsPatch(runtime.domains)
    yield runtime.entries
    yield ViewPatch(runtime.view, runtime.sole_spec)


def _program_domain(runtime: Runtime, namespace: dict[str, Any]) -> Domain | None:
    from importshim._script import program_domain

    return program_domain(runtime, namespace)


def _schemes(runtime: Runtime) -> Patch:
    from importshim._schemes import SchemesPatch

    return SchemesPatch(lambda: {tree: site for site, tree in runtime.table.sites.items()})


def _pickling(runtime: Runtime) -> Patch:
    from importshim._picklers import PicklePatch

    return PicklePatch(runtime.table)


def _starter(runtime: Runtime, module: str, kind: str, start: str, run: str) -> Patch:
    from importshim._threads import StarterPatch

    return StarterPatch(runtime.attribution, module, kind, start=start, run=run)

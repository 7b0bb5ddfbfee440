"""The functions of importlib that CPython's C code calls by name, and what we use of it ourselves.

``import.c`` looks ``_find_and_load``, ``_handle_fromlist`` and ``_lock_unlock_module`` up in the module
``importlib._bootstrap`` on every call (3.10 to 3.15), so what is there is what runs. From 3.15 on there is a fourth,
``_find_and_load_lazy_submodule``, which returns None for what it does not find. ``_ledger`` lists all private names of
CPython that are used.
"""

from __future__ import annotations

import _frozen_importlib as _module
import _imp
import sys
from _frozen_importlib_external import MAGIC_NUMBER
from _thread import get_ident

from importshim._classes import CodeType, ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

bootstrap: Any = _module
LAZY = "_find_and_load_lazy_submodule"
LAZY_KIND: Any = None
"""The type of lazy imports; None before 3.15, where there are none."""
if sys.version_info >= (3, 15):
    import types

    LAZY_KIND = getattr(types, "LazyImportType", None)

__all__ = ["MAGIC_NUMBER"]

find_and_load: Callable[..., ModuleType] = bootstrap._find_and_load
handle_fromlist: Callable[..., Any] = bootstrap._handle_fromlist
lock_unlock_module: Callable[[str], None] = bootstrap._lock_unlock_module
find_and_load_lazy: Callable[..., ModuleType | None] | None = getattr(bootstrap, LAZY, None)
gcd_import: Callable[[str], ModuleType] = bootstrap._gcd_import
find_spec_code = bootstrap._find_spec.__code__
gcd_import_code = bootstrap._gcd_import.__code__
fix_filename: Callable[[CodeType, str], None] = _imp._fix_co_filename  # type: ignore[attr-defined]


def is_free(name: str) -> bool:
    """Whether no other thread is loading the module ``name``."""
    return _loading_thread(name) in (None, get_ident())


def is_loading_here(name: str) -> bool:
    """Whether this thread is loading the module ``name``: its import gets it as it is, as in CPython."""
    return _loading_thread(name) == get_ident()


def _loading_thread(name: str) -> int | None:
    reference = bootstrap._module_locks.get(name)
    lock = reference() if reference is not None else None
    return lock.owner if lock is not None else None

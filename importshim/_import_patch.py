"""Replaces what C calls for an import by functions that attribute the import to a domain."""

from __future__ import annotations

from importshim._importlib import LAZY, bootstrap
from importshim._patch import Patch
from importshim._traceback import invisible, trim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType
    from typing import Any

    from importshim._runtime import Runtime


class ImportPatch(Patch):
    """Replaces the functions of importlib that C calls by those of ``runtime``.

    These are plain functions, so that each call is one evaluation loop (see ``_stack``), and show no frame in
    tracebacks.
    """

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self._runtime = runtime

    def apply(self, module: Any) -> None:
        """Have C code call us."""
        runtime = self._runtime

        def find_and_load(name: str, import_: Callable[..., Any], *, lazy_submodule: bool = False) -> ModuleType | None:
            try:
                if lazy_submodule:
                    return runtime.find_and_load_lazy(name, import_)
                return runtime.find_and_load(name, import_)
            except BaseException as error:
                trim(error)
                raise

        def handle_fromlist(module: Any, fromlist: Sequence[str], import_: Any, *, recursive: bool = False) -> Any:
            try:
                return runtime.handle_fromlist(module, fromlist, import_, recursive=recursive)
            except BaseException as error:
                trim(error)
                raise

        def lock_unlock_module(name: str) -> None:
            runtime.wait_for_module(name)

        def find_and_load_lazy(name: str, import_: Callable[..., Any]) -> ModuleType | None:
            try:
                return runtime.find_and_load_lazy(name, import_)
            except BaseException as error:
                trim(error)
                raise

        for function in (find_and_load, handle_fromlist, lock_unlock_module):
            self.put(bootstrap, f"_{function.__name__}", invisible(function))
        if hasattr(bootstrap, LAZY):
            self.put(bootstrap, LAZY, invisible(find_and_load_lazy))

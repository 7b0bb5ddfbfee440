"""The ``exec`` of a domain: code of the application that a library executes stays the application's.

Everything that a domain's code executes inherits its builtins and so is attributed to it. That is right for code that
libraries generate, and wrong for programs of the application that a library runs: test modules that pytest has
rewritten, scripts under Streamlit, IPython's cells. Their names are looked up for the application.

Conversely, what ``runpy`` runs as a program stays the domain's: modules (``python -m flask``), and the scripts
of a tree, which a worker of ``multiprocessing`` runs again.
"""

from __future__ import annotations

import builtins
import os
import sys

from importshim._builtins import is_domain_builtins, is_program
from importshim._classes import CodeType, FrameType
from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from importshim._domain import Domain

_exec = builtins.exec
_builtins = vars(builtins)
_STDLIB = os.path.dirname(os.__file__) + os.sep
_PROGRAMS = ("__main__", "__mp_main__")
"""The ``__name__`` of a program, and of one that a worker of ``multiprocessing`` runs again."""
file_owner: list[Callable[[str], object]] = []
"""One function, which returns the domain that a file belongs to; None for the application's code."""


class Execute:
    """``exec`` (same arguments), for the application if ``source`` is its code.

    A class whose ``__init__`` is Python's own ``exec``: so tracebacks show no frame of ours, and the running frame is
    the caller's. As with ``exec``, the result means nothing.
    """

    __slots__ = ()

    def __new__(cls, source: Any, globals: Any = None, *rest: Any, **options: Any) -> Any:
        namespace = options.get("globals", globals)
        if isinstance(namespace, dict):
            _set_builtins(source, namespace, sys._getframe(1))
        return super().__new__(cls)

    __init__ = _exec


def _set_builtins(source: Any, namespace: dict[str, Any], caller: FrameType) -> None:
    """Give ``namespace`` the application's builtins if ``source``, about to run in it, is the application's.

    What is typed into an interactive program is the application's, no matter which tree started the program.
    """
    given = namespace.get("__builtins__")
    if "__builtins__" not in namespace:
        if _is_application(source, namespace):
            namespace["__builtins__"] = _builtins
        else:
            _set_owner_builtins(caller, namespace)
    elif is_domain_builtins(given) and _is_application(source, namespace):
        namespace["__builtins__"] = builtins
        _run_as_application()


def _run_as_application() -> None:
    from importshim._active import runtime
    from importshim._children import forget_process_owner

    forget_process_owner()
    runtime().run_as("")


def _set_owner_builtins(frame: FrameType, namespace: dict[str, Any]) -> None:
    """Attribute what a function that a library has re-created executes to the owner of the function."""
    from importshim._active import runtime

    attribution = runtime().attribution
    owner = attribution.owner_of_frame_namespace(frame)
    if owner is not None:
        namespace["__builtins__"] = owner.builtins if owner is not attribution.root else _builtins


def _is_application(source: Any, namespace: dict[str, Any]) -> bool:
    if is_program(namespace):
        return True
    filename = source.co_filename if type(source) is CodeType else ""
    if not os.path.isabs(filename) or filename.startswith(_STDLIB):
        return False
    return not any(owner(filename) for owner in file_owner)


class _ModuleExec:
    """The ``exec`` of ``runpy``: a program of a domain runs with the builtins of that domain.

    ``__call__`` is a property, so that programs run with no frame of ours in their tracebacks.
    """

    def __init__(self, domain_of: Callable[[dict[str, Any]], Domain | None]) -> None:
        self._domain_of = domain_of

    @property
    def __call__(self) -> Callable[..., None]:
        namespace = sys._getframe(1).f_locals["run_globals"]
        domain = self._domain_of(namespace)
        if domain is not None:
            namespace["__builtins__"] = domain.builtins
        elif namespace["__name__"] in _PROGRAMS:
            _run_as_application()
        return _exec


class RunpyPatch(Patch):
    """Makes ``runpy`` execute programs of domains in their domain; ``domain_of`` gives the domain of a namespace."""

    module = "runpy"

    def __init__(self, domain_of: Callable[[dict[str, Any]], Domain | None]) -> None:
        super().__init__()
        self._domain_of = domain_of

    def apply(self, module: Any) -> None:
        """Give ``runpy`` its own ``exec``."""
        self.put(module, "exec", _ModuleExec(self._domain_of))

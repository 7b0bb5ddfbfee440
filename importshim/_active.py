"""The live runtime of this process, for code that does not get it as an argument."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._runtime import Runtime


class InterpreterError(ImportError):
    """This interpreter cannot hold several versions of a library."""


def check_interpreter() -> None:
    """Refuse an interpreter that runs without the GIL, which attribution relies on.

    :raises InterpreterError: the message says what to do
    """
    is_gil_enabled = getattr(sys, "_is_gil_enabled", None)  # 3.13 on
    if is_gil_enabled is not None and not is_gil_enabled():
        raise InterpreterError(
            "cannot work without the GIL; run `mvlock install --python` with a Python that is not free-threaded"
        )


def is_main_interpreter() -> bool:
    """Whether this is not one of several in the process: one that ends before the process has to free its objects."""
    try:
        from _signal import set_wakeup_fd  # type: ignore[import-not-found]

        set_wakeup_fd(-1)  # as it is at the start; other interpreters refuse
    except (ImportError, ValueError):
        return False
    return True


live: list[Runtime] = []
"""At most one."""


def runtime() -> Runtime:
    """The live runtime.

    :raises RuntimeError: importshim is not active
    """
    if not live:
        raise RuntimeError("importshim is not active in this process; start it with app/bin/python or call activate()")
    return live[0]

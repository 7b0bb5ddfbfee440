"""The runtime that is live in this process, for code that nobody hands it to."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._runtime import Runtime


class InterpreterError(ImportError):
    """This interpreter is none that several versions of a library can live in."""


def check_interpreter() -> None:
    """Refuse an interpreter that runs without the GIL, which looking up a name for whoever asks counts on.

    :raises InterpreterError: says what to do
    """
    is_gil_enabled = getattr(sys, "_is_gil_enabled", None)  # 3.13 on
    if is_gil_enabled is not None and not is_gil_enabled():
        raise InterpreterError(
            "cannot work without the GIL; run `mvlock install --python` with a Python that is not free-threaded"
        )


live: list[Runtime] = []
"""One, or none."""


def runtime() -> Runtime:
    """The runtime that is live.

    :raises RuntimeError: importshim is not active
    """
    if not live:
        raise RuntimeError("importshim is not active in this process; start it with app/bin/python or call activate()")
    return live[0]

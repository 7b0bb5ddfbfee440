"""Makes errors show no frames of the import system, including importshim's, and plain names of modules.

CPython removes importlib's frames, in C, when an ``import`` statement fails. Code of a domain imports through Python
functions, where this is not done: without it, every import that an error passes would show eight frames.
"""

from __future__ import annotations

import os

from importshim._classes import FunctionType
from importshim._frames import BOOTSTRAP
from importshim._keys import missing_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from importshim._domain import Domain

_INTERNAL = ("<frozen importlib.", os.path.dirname(__file__) + os.sep)


def trim(error: BaseException) -> None:
    """Remove internal frames from the traceback of ``error``; all but the innermost if the mistake is ours."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    kept = [one for one in frames if not one.tb_frame.f_code.co_filename.startswith(_INTERNAL)]
    if frames and not isinstance(error, ImportError) and (not kept or kept[-1] is not frames[-1]):
        kept.append(frames[-1])
    _link(kept)
    error.__traceback__ = kept[0] if kept else None


def make_plain(error: ModuleNotFoundError, domain: Domain) -> None:
    """Make ``error`` use the plain names of modules of ``domain``: libraries compare ``error.name``."""
    if isinstance(error.name, str) and error.name.startswith(domain.prefix):
        error.name = missing_name(domain.plain(error.name), domain)
        error.msg = str(error.msg).replace(domain.prefix, "")
        error.args = (error.msg,)


def make_findable(error: ModuleNotFoundError, domain: Domain, name: str) -> None:
    """Make the name in ``error`` lead to its package, if it is a part of ``name``, which ``domain`` lacks."""
    if type(error.name) is str and f"{name}.".startswith(f"{error.name}."):
        error.name = missing_name(error.name, domain)


def _link(traces: list[TracebackType]) -> None:
    for one, following in zip(traces, [*traces[1:], None], strict=False):
        one.tb_next = following


def invisible(function: Any) -> Any:
    """A copy of ``function`` that tracebacks do not show: CPython itself removes frames with this name and file."""
    code = function.__code__.replace(co_filename=BOOTSTRAP, co_name="_call_with_frames_removed")
    copy = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy

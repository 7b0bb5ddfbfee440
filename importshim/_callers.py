"""The callers of the running code, which matter for code that several worlds share, and for the application's."""

from __future__ import annotations

import os
import sys
from _contextvars import ContextVar

from importshim._classes import PathFinder
from importshim._frames import like_importlib
from importshim._table import Lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

    from importshim._attribution import Attribution
    from importshim._domain import Domain
    from importshim._file_owners import FileOwners

_STDLIB = os.path.dirname(os.__file__) + os.sep
_MAX_ARGUMENTS = 200
"""The longest command line, in words, that is searched for code."""

using: ContextVar[Domain | None] = ContextVar("importshim.using", default=None)
"""The domain for which code of the application imports while ``importshim.using`` is active."""


@like_importlib
def as_application(function: Callable[..., Any], *args: object) -> Any:
    """Call ``function`` as if outside ``importshim.using``.

    Modules of the application that are first imported inside it stay loaded when it has ended.
    """
    if using.get() is None:
        return function(*args)
    token = using.set(None)
    try:
        return function(*args)
    finally:
        using.reset(token)


def effective_domain(attribution: Attribution) -> Domain:
    """The domain whose code is running; if worlds share that code, the world whose code has called it."""
    frame = sys._getframe(1)
    domain = attribution.frame_domain(frame)
    return calling_world_of(attribution, domain, frame) or domain


def code_owner(attribution: Attribution, code: str | None) -> Domain:
    """The owner of the ``code`` that the running code passes to another process: the outermost caller that has it.

    A caller has it as a literal or in a variable. If none has, it is the running code's (see ``effective_domain``).
    """
    frame: FrameType | None = sys._getframe(1)
    found = attribution.frame_domain(frame)
    found = calling_world_of(attribution, found, frame) or found
    while code and (frame := attribution.first_opaque_frame(frame)) is not None:
        if _has(frame, code):
            found = attribution.frame_domain(frame)
            found = calling_world_of(attribution, found, frame) or found
        frame = frame.f_back
    return found


def calling_world_of(attribution: Attribution, domain: Domain, frame: FrameType | None) -> Domain | None:
    """The world whose code has called the code of ``domain``, a shared one, in ``frame``; None if there is none.

    Worlds share code only if all that it visibly uses is the same in each. But a name that it is given at run time
    cannot be known before: it means what it means in the world whose code has called it, or for which the application
    imports.
    """
    if not domain.is_shared:
        return None
    chosen = using.get()
    found = (*(one for one, _ in callers(attribution, frame)), *([chosen] if chosen is not None else ()))
    return next((one for one in found if not one.is_shared and domain.is_shared_by(one)), None)


def callers(attribution: Attribution, frame: FrameType | None) -> Iterator[tuple[Domain, str]]:
    """The domains of ``frame`` and its callers, innermost first, up to the application's code.

    Each with the top-level name of the module that the code is in. Code of the application counts, too, where it
    imports for a domain (``using``).
    """
    while (frame := attribution.first_opaque_frame(frame)) is not None:
        caller = attribution.frame_domain(frame)
        if caller is not attribution.root:
            yield caller, str(frame.f_globals.get("__name__")).partition(".")[0]
        if attribution.domain_of_frame(frame) is None:
            return
        frame = frame.f_back


def _has(frame: FrameType, text: str) -> bool:
    """Whether the code of ``frame`` has ``text`` as a constant or in a variable, by itself or in a short list."""
    values = (*frame.f_code.co_consts, *frame.f_locals.values(), *frame.f_globals.values())
    lists = [value for value in values if type(value) in (list, tuple) and len(value) <= _MAX_ARGUMENTS]
    parts = (*values, *(part for one in lists for part in one))
    return any(type(part) is str and part == text for part in parts)


class CallLookup(Lookup):
    """A look-up by whatever code runs in ``frame``."""

    __slots__ = ("_attribution", "_frame")

    def __init__(self, attribution: Attribution, frame: FrameType | None) -> None:
        self._attribution = attribution
        self._frame = frame

    def calling_world(self, requester: Domain) -> Domain | None:
        """The world whose code has called that of ``requester``; None where the code runs an ``import`` statement."""
        if self._frame is None or self._attribution.is_import_statement(self._frame):
            return None
        return calling_world_of(self._attribution, requester, self._frame)

    def application_comes_first(self, top: str) -> bool:
        """Whether the application has a module ``top`` before libraries on ``sys.path``."""
        return precedes_stdlib(self._attribution.table.file_owners, top)


def precedes_stdlib(file_owners: FileOwners, top: str) -> bool:
    """Whether ``sys.path`` has a module ``top`` before the standard library: beside the script, in PYTHONPATH.

    Folders of trees, which their code has put there, do not count.
    """
    library = _STDLIB[:-1]
    stdlib = sys.path.index(library) if library in sys.path else 0
    entries = [entry for entry in sys.path[:stdlib] if isinstance(entry, str) and not entry.endswith(".zip")]
    folders = [entry for entry in entries if file_owners.owner(entry + os.sep) is None]
    spec = PathFinder.find_spec(top, folders)
    return spec is not None and spec.origin is not None  # a namespace package comes after a library

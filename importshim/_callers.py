"""Whose code has led to the code that is running: for code that several worlds share, and for the application's."""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar
from importlib.machinery import PathFinder

from importshim._table import Way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

    from importshim._asker import Asker
    from importshim._domain import Domain
    from importshim._file_owners import Places

_STDLIB = os.path.dirname(os.__file__) + os.sep
_WORDS = 200
"""How many words a command line has at most that is looked for code."""

using: ContextVar[Domain | None] = ContextVar("importshim.using", default=None)
"""The domain that code of the application speaks for, while ``importshim.using`` is active."""


def as_application(function: Callable[..., Any], *args: object) -> Any:
    """Call ``function`` with the application's code speaking for itself.

    Its modules stay when ``importshim.using``, in which they are first imported, has ended.
    """
    if using.get() is None:
        return function(*args)
    token = using.set(None)
    try:
        return function(*args)
    finally:
        using.reset(token)


def user_here(asker: Asker) -> Domain:
    """The domain whose code is running; if worlds share it, that of the world whose code has called it."""
    frame = sys._getframe(1)
    domain = asker.frame_domain(frame)
    return user_of(asker, domain, frame) or domain


def author(asker: Asker, code: str | None) -> Domain:
    """Whose the ``code`` is that the running code hands to another process: the outermost caller's who has it.

    That caller spells it out, or has it in a variable. Else it is the running code's (see ``user_here``).
    """
    frame: FrameType | None = sys._getframe(1)
    found = asker.frame_domain(frame)
    found = user_of(asker, found, frame) or found
    while code and (frame := asker.speaking(frame)) is not None:
        if _has(frame, code):
            found = asker.frame_domain(frame)
            found = user_of(asker, found, frame) or found
        frame = frame.f_back
    return found


def user_of(asker: Asker, domain: Domain, frame: FrameType | None) -> Domain | None:
    """The world whose code has called that of ``domain``, which runs in ``frame`` and is shared; None: no world's.

    Code that worlds share is told apart, one instance for each meaning, by all that it is seen to use. But what it
    is told to load at run time nobody can see before: then the world is meant whose code has called it, or that
    the application speaks for.
    """
    if not domain.is_shared:
        return None
    spoken_for = using.get()
    found = (*(one for one, _ in callers(asker, frame)), *([spoken_for] if spoken_for is not None else ()))
    return next((one for one in found if not one.is_shared and domain.is_shared_by(one)), None)


def callers(asker: Asker, frame: FrameType | None) -> Iterator[tuple[Domain, str]]:
    """The domains whose code has led to that of ``frame``, innermost first, as far as the application's code.

    Each with the top-level name of the module that the code is in. The application's may speak for a domain, too.
    """
    while (frame := asker.speaking(frame)) is not None:
        caller = asker.frame_domain(frame)
        if caller is not asker.root:
            yield caller, str(frame.f_globals.get("__name__")).partition(".")[0]
        if asker.domain_of_frame(frame) is None:
            return
        frame = frame.f_back


def _has(frame: FrameType, text: str) -> bool:
    """Whether code has ``text`` among its constants or in a variable, by itself or in a list that is no data."""
    values = (*frame.f_code.co_consts, *frame.f_locals.values(), *frame.f_globals.values())
    lists = [value for value in values if type(value) in (list, tuple) and len(value) <= _WORDS]
    parts = (*values, *(part for one in lists for part in one))
    return any(type(part) is str and part == text for part in parts)


class Call(Way):
    """Code asks from ``frame``, by whatever it runs there."""

    __slots__ = ("_asker", "_frame")

    def __init__(self, asker: Asker, frame: FrameType | None) -> None:
        self._asker = asker
        self._frame = frame

    def user(self, asker: Domain) -> Domain | None:
        """The world whose code has called that of ``asker``; nobody's, where the code runs an ``import`` statement."""
        if self._frame is None or self._asker.is_import_statement(self._frame):
            return None
        return user_of(self._asker, asker, self._frame)

    def is_first(self, top: str) -> bool:
        """Whether the application has a module ``top`` before libraries on ``sys.path``."""
        return lies_first(self._asker.table.places, top)


def lies_first(places: Places, top: str) -> bool:
    """Whether ``sys.path`` has a module ``top`` before the standard library: beside the script, in PYTHONPATH.

    Folders of trees that their code has put there are not the application's.
    """
    library = _STDLIB[:-1]
    stdlib = sys.path.index(library) if library in sys.path else 0
    entries = [entry for entry in sys.path[:stdlib] if isinstance(entry, str) and not entry.endswith(".zip")]
    folders = [entry for entry in entries if places.owner(entry + os.sep) is None]
    spec = PathFinder.find_spec(top, folders)
    return spec is not None and spec.origin is not None  # a mere folder gives way to a library

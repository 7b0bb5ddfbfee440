"""Functions whose frames CPython takes for importlib's own.

CPython passes over those frames: ``warnings.warn`` where it looks for the caller (``is_internal_frame`` in
Python/_warnings.c), so that a warning at import names whoever imports; and tracebacks of failed import statements
(``remove_importlib_frames`` in Python/import.c). It knows them by the file name of their code.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    _Function = TypeVar("_Function", bound=Any)

BOOTSTRAP = "<frozen importlib._bootstrap>"


def like_importlib(function: _Function) -> _Function:
    """A decorator for functions in whose frames modules are executed."""
    function.__code__ = function.__code__.replace(co_filename=BOOTSTRAP)
    return function

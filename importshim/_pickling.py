"""Objects of trees on their way to the workers of ``multiprocessing``.

A pickle names classes and functions, and who unpickles it must find them. In workers, that are helper threads and the
standard library, on nobody's behalf. So what ``multiprocessing`` pickles names things of a domain together with it:
both ends have importshim and one import map.
"""

from __future__ import annotations

import sys
from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def teach_reduction(reduction: Any) -> None:
    """``reduction`` is ``multiprocessing.reduction``."""
    reduction.ForkingPickler.reducer_override = _reduce


def unteach_reduction(reduction: Any) -> None:
    """Let ``multiprocessing`` pickle as ever."""
    if reduction.ForkingPickler.__dict__.get("reducer_override") is _reduce:
        del reduction.ForkingPickler.reducer_override


def load_member(domain: str, module: str, qualname: str) -> Any:
    """What a pickle has named: a class or function of ``module`` in the domain called ``domain``."""
    from importshim._live import runtime

    active = runtime()
    return attrgetter(qualname)(active.load(active.table.domains[domain], module))


def _reduce(_: object, thing: Any) -> Any:
    """``reducer_override`` of a pickler: how to find ``thing``, if it has a place in a module of a domain."""
    qualname = getattr(thing, "__qualname__", None)
    if type(qualname) is not str:
        return NotImplemented
    from importshim._live import runtime

    found = runtime().place_of(thing)
    if found is None:
        return NotImplemented
    domain, name = found
    try:
        if attrgetter(qualname)(sys.modules[domain.key(name)]) is not thing:
            return NotImplemented
    except (AttributeError, KeyError):  # made elsewhere, or inside a function
        return NotImplemented
    return load_member, (domain.name, name, qualname)

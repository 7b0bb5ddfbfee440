"""A thread counts for the code that started it, and a call that is submitted to an executor for the code that did that.

A function of the standard library that runs there (``import_module``) has no frame of that code on its stack. So its
stack begins with one: all that looks at stacks finds it.
"""

from __future__ import annotations

import sys

from importshim._callers import as_application, calling_world_of
from importshim._domain import run_as_application
from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from importshim._attribution import Attribution
    from importshim._domain import Domain

_STARTERS = "_importshim_starters"
"""The attribute with the domains for which an object will run."""


class StarterPatch(Patch):
    """Lets the method ``run`` of a class run as if called by the code that has called the method ``start``.

    ``kind`` is the name of the class in ``module``.
    """

    def __init__(self, attribution: Attribution, module: str, kind: str, *, start: str, run: str) -> None:
        super().__init__()
        self.module = module
        self._attribution = attribution
        self._kind, self._start, self._run = kind, start, run

    def apply(self, module: Any) -> None:
        """Replace both methods; a class that lacks one stays as it is."""
        kind = getattr(module, self._kind, None)
        start, run = getattr(kind, self._start, None), getattr(kind, self._run, None)
        if start is not None and run is not None:
            self.put(kind, self._start, _noting(self._attribution, start))
            self.put(kind, self._run, _running(self._attribution, run))


def _noting(attribution: Attribution, start: Callable[..., Any]) -> Callable[..., Any]:
    """``start``, which also notes whose code calls it."""

    def noting(self: Any, /, *args: Any, **options: Any) -> Any:
        vars(self)[_STARTERS] = _starters(attribution)
        return start(self, *args, **options)

    return _named(noting, start)


def _running(attribution: Attribution, run: Callable[..., Any]) -> Callable[..., Any]:
    """``run``, called from frames of the domains that were noted."""

    def running(self: Any, /, *args: Any) -> Any:
        starters = vars(self).pop(_STARTERS, None)
        if starters:
            return _run_in(starters, run, (self, *args))
        if starters is None or attribution.frame_domain(sys._getframe()) is attribution.root:
            return run(self, *args)
        return run_as_application(run, (self, *args))  # in a thread that a tree has started

    return _named(running, run)


def _starters(attribution: Attribution) -> tuple[Domain, ...]:
    """The domains of the running code, outermost first: a shared one is preceded by the world that called its code."""
    frame = sys._getframe(1)
    domain = as_application(attribution.frame_domain, frame)
    if domain is attribution.root:
        return ()
    world = calling_world_of(attribution, domain, frame)
    return (domain,) if world is None else (world, domain)


def _run_in(domains: tuple[Domain, ...], function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    if len(domains) == 1:
        return domains[0].run(function, *args)
    return domains[0].run(_run_in, domains[1:], function, args)


def _named(function: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` under the name of ``original``; the module functools may not be loaded."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(function, name, getattr(original, name, None))
    vars(function)["__wrapped__"] = original
    return function

"""Names that code asks for without spelling them out: a framework that loads what it has been told to load.

An ``import`` statement gets what its domain may import, and nothing else. Asked at run time, by
``importlib.import_module``, ``__import__`` or ``sys.modules``, for a name that the domain has not got, code may be
asking on behalf of others:

1. Code that trees share asks for the tree that has called it, or that the application speaks for. If there is none, a
   tree whose folder the code has put on ``sys.path`` is meant (pytest does so with the tests that it is given); and if
   all trees that have the name mean one module by it, that is the one.
2. All code asks for the application, which names the plug-ins of a framework. A tree is out of reach if it and the
   asker have different versions of a distribution: they could not work together.

Some libraries work with objects of others that they do not depend on: scikit-learn looks for pandas in ``sys.modules``,
and imports it if it is there. Such names, which the import map has as *sought*, code gets however it asks, once they
are loaded: what the application means by them, or what a library means that is sought as well (pandas its NumPy).

A name that the asking code spells out itself is its own wish: it looks whether an optional dependency is there, and
would import it by a statement next. Only a tree that uses the asker's domain, as plug-ins do, is reached by those.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from importshim._domain import Domain
    from importshim._runtime import Runtime

_DEPTH = 16


def reached(runtime: Runtime, domain: Domain, name: str, frame: FrameType | None) -> Domain | None:
    """The domain that serves ``name``, for which ``domain`` has no route, to its code that asks from ``frame``."""
    asker = runtime.asker
    sought = _sought(runtime, domain, name)
    if sought is not None or frame is None or asker.is_import_statement(frame):
        return sought
    start = asker.speaking(frame)
    if start is None or asker.domain_of_frame(start) is not domain:
        return None
    found = _found(runtime, domain, name, start)
    if found is None or (asker.native is not None and asker.native.domain(frame) is not None):
        return None  # native code asks by fixed names, too
    return found


def _sought(runtime: Runtime, domain: Domain, name: str) -> Domain | None:
    """The domain that serves a sought name to the application, or to a tree whose library has been sought and found."""
    top = name.partition(".")[0]
    if top not in domain.sought:
        return None
    served = _of_application(runtime, domain, name)
    if served is None:
        hosts = (_of_application(runtime, domain, other) for other in sorted(domain.sought - {top}))
        found = (host.serving(name) for host in hosts if host is not None)
        served = next((one for one in found if one is not None), None)
    return served if served is not None and served.loaded(top) is not None else None


def _found(runtime: Runtime, domain: Domain, name: str, frame: FrameType) -> Domain | None:
    if is_spelled(runtime, frame, domain, name):
        plugin = _of_application(runtime, domain, name)
        return plugin if plugin is not None and domain in plugin.routes.values() else None
    user = user_of(runtime, domain, frame)
    served = user.serving(name) if user is not None else None
    if served is not None:
        return served
    return (
        _of_search_path(runtime, domain, name)
        or _of_application(runtime, domain, name)
        or _of_users(runtime, domain, name)
    )


def user_of(runtime: Runtime, domain: Domain, frame: FrameType | None) -> Domain | None:
    """The domain of fewer trees whose code has called that of ``domain``, which runs in ``frame``; None: no tree's."""
    if len(domain.trees) == 1:
        return None
    spoken_for = runtime.asker.spoken_for()
    found = (*callers(runtime, frame), *([spoken_for] if spoken_for is not None else ()))
    return next((one for one in found if _uses(one, domain)), None)


def callers(runtime: Runtime, frame: FrameType | None) -> Iterator[Domain]:
    """The domains whose code has led to that of ``frame``, innermost first, as far as the application's code.

    That may speak for a domain, too.
    """
    asker = runtime.asker
    while (frame := asker.speaking(frame)) is not None:
        caller = asker.frame_domain(frame)
        if caller is not runtime.root:
            yield caller
        if asker.domain_of_frame(frame) is None:
            return
        frame = frame.f_back


def compatible(one: Domain, other: Domain) -> bool:
    """Whether code of both can work together: what both have of a distribution is one version of it."""
    known = one.compatible.get(other)
    if known is None:
        known = one.compatible[other] = next(conflicts(one, other), None) is None
    return known


def conflicts(one: Domain, other: Domain) -> Iterator[tuple[str, str, str]]:
    """(distribution, version for ``one``, version for ``other``) of what both have, each its own."""
    for name, served in one.routes.items():
        theirs = other.routes.get(name, served)
        mine, its = served.owner_of(name), theirs.owner_of(name)
        if theirs is not served and mine is not None and its is not None and mine[0] == its[0]:
            yield mine[0], mine[1], its[1]


def is_spelled(runtime: Runtime, frame: FrameType | None, domain: Domain, name: str) -> bool:
    """Whether ``name`` is a constant of the code of ``domain`` that has led to the request."""
    for _ in range(_DEPTH):
        frame = runtime.asker.speaking(frame)
        if frame is None or runtime.asker.domain_of_frame(frame) is not domain:
            return False
        if name in frame.f_code.co_consts:
            return True
        frame = frame.f_back
    return False


def _uses(user: Domain, domain: Domain) -> bool:
    return len(user.trees) == 1 and domain.is_shared_by(user)


def _of_search_path(runtime: Runtime, domain: Domain, name: str) -> Domain | None:
    """What the first tree on ``sys.path`` that shares ``domain`` means by ``name``."""
    for entry in sys.path:
        user = runtime.places.owner(entry + os.sep) if isinstance(entry, str) else None
        served = user.serving(name) if user is not None and entry in user.paths and _uses(user, domain) else None
        if served is not None:
            return served
    return None


def _of_application(runtime: Runtime, domain: Domain, name: str) -> Domain | None:
    served = runtime.root.serving(name)
    if served is None or served is runtime.root or not compatible(domain, served):
        return None
    return served


def _of_users(runtime: Runtime, domain: Domain, name: str) -> Domain | None:
    """What all trees that share ``domain`` and have ``name`` mean by it, if that is one module."""
    users = (one for one in runtime.domains.values() if _uses(one, domain))
    found = {served for one in users if (served := one.serving(name)) is not None}
    return found.pop() if len(found) == 1 else None

"""On whose behalf code that several worlds share asks for a name by which they mean different things.

Such code is told apart, one instance for each meaning, by all that it is seen to use (``mvlock.importmap.sharing``).
But what it is told to load at run time, by ``importlib.import_module``, ``__import__`` or ``sys.modules``, nobody can
see before. Then the world is meant whose code has called it, or that the application speaks for. An ``import``
statement gets what its domain may import, and nothing else: what it finds must not depend on who came first.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from importshim._domain import Domain
    from importshim._runtime import Runtime


def user_of(runtime: Runtime, domain: Domain, frame: FrameType | None) -> Domain | None:
    """The world whose code has called that of ``domain``, which runs in ``frame`` and is shared; None: no world's."""
    if domain.is_world:
        return None
    spoken_for = runtime.asker.spoken_for()
    found = (*callers(runtime, frame), *([spoken_for] if spoken_for is not None else ()))
    return next((one for one in found if one.is_world and domain.is_shared_by(one)), None)


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


def conflicts(one: Domain, other: Domain) -> Iterator[tuple[str, str, str]]:
    """(distribution, version for ``one``, version for ``other``) of what both have, each its own."""
    for name, served in one.routes.items():
        theirs = other.routes.get(name, served)
        mine, its = served.owner_of(name), theirs.owner_of(name)
        if theirs is not served and mine is not None and its is not None and mine[0] == its[0]:
            yield mine[0], mine[1], its[1]

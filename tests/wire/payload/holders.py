"""An instance of a class that is not the library's: it holds one of every other kind."""

from __future__ import annotations

from typing import Any

import numpy  # type: ignore[import-not-found]

from . import arrays, estimators, frames, models, rows

Facts = dict[str, Any]
_KINDS: tuple[Any, ...] = (frames, arrays, models, estimators, rows)


class Holder:
    """It names a library in its own code, too."""

    kind = numpy.ndarray

    def __init__(self, held: list[Any]) -> None:
        self.held = held

    def total(self) -> int:
        """What it computes."""
        return int(self.held[0]["amount"].sum())


def make() -> Any:
    """A new one."""
    return Holder([kind.make() for kind in _KINDS])


def origins(thing: Any) -> list[tuple[Any, Any]]:
    """What shows whose the held ones are, with the modules whose versions that should be."""
    return [pair for kind, one in zip(_KINDS, thing.held, strict=True) for pair in kind.origins(one)]


def facts(thing: Any) -> Facts:
    """What it is, and what its code computes."""
    held = [kind.facts(one) for kind, one in zip(_KINDS, thing.held, strict=True)]
    return {
        "class": [type(thing).__module__, type(thing).__qualname__],
        "is of this version": isinstance(thing, Holder) and all(one["is of this version"] for one in held),
        "names its class": type(thing.held[1]) is thing.kind,
        "total": thing.total(),
        "held": held,
    }

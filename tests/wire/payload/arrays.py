"""An ndarray: a class of C, whose name nothing can be written to."""

from __future__ import annotations

from typing import Any

import numpy  # type: ignore[import-not-found]

Facts = dict[str, Any]


def make() -> Any:
    """A new one."""
    return numpy.arange(6.0).reshape(2, 3)


def origins(thing: Any) -> list[tuple[Any, Any]]:
    """What shows whose it is, with the module whose version that should be."""
    return [(thing, numpy), (thing.dtype, numpy), (thing.sum(), numpy)]


def facts(thing: Any) -> Facts:
    """What it is, and what its code computes."""
    total = thing.sum()
    return {
        "class": [type(thing).__module__, type(thing).__qualname__],
        "is of this version": isinstance(thing, numpy.ndarray)
        and isinstance(total, numpy.float64)
        and isinstance(thing.dtype, numpy.dtype),
        "numbers": [repr(total), repr(thing.std()), repr((thing @ thing.T)[0, 0])],
        "mean": thing.mean(axis=0).tolist()[:3],
        "has a device": hasattr(thing, "device"),
    }

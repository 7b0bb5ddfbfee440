"""Explains an error that came of mixing two versions of one library.

The sign of such a mix-up is that the frames of the traceback hold classes of one name from two domains. A value is
looked at by its class only; nothing of it is called.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType, ModuleType, TracebackType
from typing import Any

from importshim._api import module_of, runtime
from importshim._domain import Domain

_INNERMOST = 8
_PER_CONTAINER = 20


def explain(error: BaseException) -> str | None:
    """See ``importshim.explain``."""
    runtime()
    if not isinstance(error, BaseException):
        raise TypeError(f"what is to be explained is an exception, not {type(error).__name__}")
    found: dict[str, dict[Domain, type]] = {}
    for thing in _things(error):
        kind = thing if isinstance(thing, type) else type(thing)
        for base in kind.__mro__[:-1]:
            place = module_of(base)
            if place is not None and place[0].is_contested(place[1]):
                name = f"{place[1].partition('.')[0]}.{base.__qualname__}"
                found.setdefault(name, {}).setdefault(place[0], base)
    mixed = {name: kinds for name, kinds in found.items() if len(kinds) > 1}
    told = [_sentence(name, kinds) for name, kinds in mixed.items() if not _is_base(kinds, mixed.values())]
    return "\n".join(told) or None


def _is_base(kinds: dict[Domain, type], others: Iterable[dict[Domain, type]]) -> bool:
    """Whether these are only what other classes that are told of are made from."""
    pairs = ((kind, other.get(domain)) for other in others for domain, kind in kinds.items() if other is not kinds)
    return any(derived is not None and kind in derived.__mro__ for kind, derived in pairs)


def _sentence(name: str, kinds: dict[Domain, type]) -> str:
    one, *others = (_holder(domain, name) for domain in kinds)
    return f"{name} of {one} is not {name} of {', nor of '.join(others)}"


def _holder(domain: Domain, name: str) -> str:
    owner = domain.owner_of(name)
    return f"{domain.label} ({owner[1]})" if owner else domain.label


def _things(error: BaseException) -> list[Any]:
    """The error's arguments and the values in its innermost frames, one level into containers."""
    frames = _frames(error.__traceback__)[-_INNERMOST:]
    direct = [*error.args, *(value for frame in frames for value in frame.f_locals.values())]
    inside = [item for value in direct for item in _items(value)]
    return [thing for thing in (*direct, *inside) if not isinstance(thing, ModuleType)]


def _frames(trace: TracebackType | None) -> list[FrameType]:
    frames = []
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    return frames


def _items(value: Any) -> list[Any]:
    if type(value) is dict:
        return list(value.values())[:_PER_CONTAINER]
    if type(value) in (list, tuple, set, frozenset):
        return list(value)[:_PER_CONTAINER]
    return []

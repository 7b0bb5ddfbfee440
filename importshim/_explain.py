"""Explains an error that is caused by mixing two versions of one library.

One sign is that the frames of the traceback have classes of one name from two domains. Values in the error itself, and
those named in the current expression of each frame, are considered first; then, from the innermost frame outward, all
variables of trees' code, and the arguments of the application's functions. The application's other variables prove
nothing: it may well use both versions. Only the class of a value is looked at; none of its methods is called.

The other sign is a foreign object: code of a tree fails on an object whose class, or a base of it, is from another
version of a library than the tree has. The tree's own class need not be there: a framework that gets a model of another
pydantic has only that one. Foreign objects count if the tree's code has raised the error itself, or if the text of the
error names their class.
"""

from __future__ import annotations

import dis
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from types import FrameType, ModuleType, TracebackType
from typing import Any

from importshim._active import runtime
from importshim._api import module_of
from importshim._domain import Domain, distribution_of

_INNERMOST = 8
"""The number of frames in which variables are looked at."""
_NAMED = 50
"""The number in which those of the current expression are."""
_PER_CONTAINER = 20
_NAMING = frozenset((*dis.hasname, *dis.haslocal, *dis.hasfree))


def explain(error: BaseException) -> str | None:
    """See ``importshim.explain``."""
    runtime()
    if not isinstance(error, BaseException):
        raise TypeError(f"explain() needs an exception, not {type(error).__name__}")
    sentences = next(filter(None, map(_explanation, _chain(error))), [])
    return "\n".join(sentences) or None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__


def _explanation(error: BaseException) -> list[str]:
    things: list[Any] = []
    for more in _related_values(error):
        things += more
        sentences = _mixed(things)
        if sentences:
            return sentences
    return list(islice(_foreign_objects(error), 1))


def _mixed(things: Iterable[Any]) -> list[str]:
    found: dict[str, dict[Domain, type]] = {}
    for thing in things:
        for base in _kind(thing).__mro__[:-1]:
            place = module_of(base)
            if place is not None and place[0].is_contested(place[1]):
                name = f"{place[1].partition('.')[0]}.{base.__qualname__}"
                found.setdefault(name, {}).setdefault(place[0], base)
    mixed = {name: kinds for name, kinds in found.items() if len(kinds) > 1}
    return [_sentence(name, kinds) for name, kinds in mixed.items() if not _is_base(kinds, mixed.values())]


def _is_base(kinds: dict[Domain, type], others: Iterable[dict[Domain, type]]) -> bool:
    """Whether these are only bases of other classes that are reported."""
    pairs = ((kind, other.get(domain)) for other in others for domain, kind in kinds.items() if other is not kinds)
    return any(derived is not None and kind in derived.__mro__ for kind, derived in pairs)


def _sentence(name: str, domains: Iterable[Domain]) -> str:
    one, *others = (_label_with_version(domain, name) for domain in domains)
    return f"{name} of {one} is not {name} of {', nor of '.join(others)}"


def _label_with_version(domain: Domain, name: str) -> str:
    distribution = distribution_of(domain, name)
    return f"{domain.label} ({distribution[1]})" if distribution else domain.label


def _foreign_objects(error: BaseException) -> Iterator[str]:
    """The sentences about foreign objects that have caused the error."""
    attribution = runtime().attribution
    steps = [
        step for step in _steps(error.__traceback__) if attribution.first_opaque_frame(step.tb_frame) is step.tb_frame
    ]
    code_domains = [attribution.domain_of_frame(step.tb_frame) for step in reversed(steps)]
    if not any(code_domains):
        return
    if code_domains[0] is not None:
        for thing in (*_with_items(_named(steps[-1])), *_with_items(_variables(steps[-1].tb_frame))):
            yield from _foreign_object(thing, code_domains[:1])
    for thing in _values_in_error(error, steps):
        yield from _foreign_object(thing, code_domains)


def _values_in_error(error: BaseException, steps: list[TracebackType]) -> Iterator[Any]:
    """The values in the error, and those whose class its text names."""
    text = _text(error)
    yield from _with_items(list(error.args))
    yield from _quoted(text)
    for step in reversed(steps[-_NAMED:]):
        for thing in _with_items(_variables(step.tb_frame)):
            if any(_is_word(base.__name__, text) for base in _kind(thing).__mro__[:-1]):
                yield thing


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an error that cannot be shown still has its frames
        return ""


def _is_word(name: str, text: str) -> bool:
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _quoted(text: str) -> Iterator[Any]:
    """The classes whose ``repr`` is in the text: frames of compiled code have no variables."""
    for module, _, name in (found.rpartition(".") for found in re.findall(r"<class '([\w.]+)'>", text)):
        found = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if isinstance(found, type):
            yield found


def _foreign_object(thing: Any, code_domains: Iterable[Domain | None]) -> Iterator[str]:
    """The sentence about ``thing`` if one of ``code_domains`` has another version of the library of its class."""
    for code_domain in filter(None, code_domains):
        found = [(base, *place) for base in _kind(thing).__mro__[:-1] if (place := module_of(base)) is not None]
        for base, domain, module in sorted(found, key=lambda one: _counterpart(one[0], one[2], code_domain) is None):
            meant = code_domain.provider_of(module)
            if meant is not None and meant is not domain and domain.is_contested(module):
                yield _sentence(f"{module.partition('.')[0]}.{base.__qualname__}", (domain, meant))
                return


def _counterpart(kind: type, module: str, code_domain: Domain) -> object:
    """The class of the same name in the ``module`` that ``code_domain`` gets, if that is loaded."""
    meant = code_domain.provider_of(module)
    loaded = meant.loaded(module) if meant is not None else None
    return vars(loaded).get(kind.__name__) if loaded is not None else None


def _kind(thing: Any) -> type:
    return thing if isinstance(thing, type) else type(thing)


def _related_values(error: BaseException) -> Iterator[list[Any]]:
    """Values that may be related to the error, the closest first; one level into containers."""
    steps = _steps(error.__traceback__)
    yield _with_items([*error.args, *(value for step in steps[-_NAMED:] for value in _named(step))])
    for step in reversed(steps[-_INNERMOST:]):
        yield _with_items(_variables(step.tb_frame))


def _steps(trace: TracebackType | None) -> list[TracebackType]:
    steps = []
    while trace is not None:
        steps.append(trace)
        trace = trace.tb_next
    return steps


def _named(step: TracebackType) -> list[Any]:
    """The values of the variables that are named in the lines of the current expression."""
    frame, code = step.tb_frame, step.tb_frame.f_code
    first, last = _lines(step)
    spans = [(start, end) for start, end, line in code.co_lines() if line is not None and first <= line <= last]
    names: dict[str, None] = {}
    for one in dis.get_instructions(code):
        if one.opcode in _NAMING and any(start <= one.offset < end for start, end in spans):
            names.update(dict.fromkeys(one.argval if isinstance(one.argval, tuple) else (one.argval,)))
    variables = {**frame.f_globals, **frame.f_locals}
    return [variables[name] for name in names if name in variables]


def _lines(step: TracebackType) -> tuple[int, int]:
    """The first and the last line of the current expression (before 3.11, only the first is known)."""
    if hasattr(step.tb_frame.f_code, "co_positions"):
        first, last, *_ = next(islice(step.tb_frame.f_code.co_positions(), step.tb_lasti // 2, None))
        if first is not None and last is not None:
            return first, last
    return step.tb_lineno, step.tb_lineno


def _variables(frame: FrameType) -> list[Any]:
    if runtime().attribution.domain_of_frame(frame) is not None:
        return list(frame.f_locals.values())
    names, positional, keywords, variables = inspect.getargvalues(frame)
    return [variables[name] for name in (*names, positional, keywords) if name in variables]


def _with_items(values: list[Any]) -> list[Any]:
    things = [*values, *(item for value in values for item in _items(value))]
    return [thing for thing in things if not isinstance(thing, ModuleType)]


def _items(value: Any) -> list[Any]:
    if type(value) is dict:
        return list(value.values())[:_PER_CONTAINER]
    if type(value) in (list, tuple, set, frozenset):
        return list(value)[:_PER_CONTAINER]
    return []

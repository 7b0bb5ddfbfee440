"""Which names can be imported from a wheel (PEP 427), told from its members: no metadata says it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator

_MODULE = re.compile(r"([^.]+)(?:\.py|(?:\.[^/]*)?\.(?:so|pyd))")
_Path = tuple[str, ...]
_MOST_BELOW = 50
_INSTALLED = ("purelib", "platlib")
# Many wheels ship these folders by mistake. A name that dozens of distributions "provide" is nobody's
# interface, and taking it would make any two such trees conflict.
STRAY = frozenset({"tests", "test", "docs", "examples"})
"""Top-level names that are there by mistake."""


def import_names(member_names: Iterable[str]) -> tuple[str, ...]:
    """Import names, sorted: packages, modules, extension modules; of a namespace (PEP 420) what is below it.

    A top-level folder without ``__init__`` belongs to nobody: others may add to it. So its name says nothing, and the
    dotted names at which namespaces end stand for it (``google.cloud.storage``); if they are very many, the folder
    counts as a package after all. Folders ``*.dist-info`` do not count, of ``*.data`` only what is installed into
    site-packages. ``tests``, ``test``, ``docs`` and ``examples`` count only where a distribution has nothing else.
    """
    modules = {module for member in member_names if (module := _module(member)) is not None}
    regular = {module[:-1] for module in modules if module[-1] == "__init__" and len(module) > 1}
    names = {_owned(module, regular) for module in modules if module != ("__init__",)}
    kept = {name for name in names if name[0] not in STRAY} or names
    return tuple(sorted({".".join(name) for name in _not_too_many(kept)}))


def _module(member: str) -> _Path | None:
    """The parts of a module's name, ``__init__`` included, or None if a member is no module."""
    parts = _below_site_packages(member.split("/"))
    module = _MODULE.fullmatch(parts[-1]) if parts else None
    if module is None or not all(_is_name(part) for part in (*parts[:-1], module[1])):
        return None
    return (*parts[:-1], module[1])


def _owned(module: _Path, regular: set[_Path]) -> _Path:
    """The outermost package with an ``__init__`` around a module, or the module itself."""
    packages = (module[:length] for length in range(1, len(module)))
    return next((package for package in packages if package in regular), module)


def _not_too_many(names: set[_Path]) -> Iterator[_Path]:
    below: dict[str, list[_Path]] = {}
    for name in names:
        below.setdefault(name[0], []).append(name)
    for top, found in below.items():
        yield from [(top,)] if len(found) > _MOST_BELOW else found


def _below_site_packages(parts: list[str]) -> list[str]:
    """The path as it will be in site-packages; empty if the member goes elsewhere."""
    if len(parts) > 1 and parts[0].endswith(".data"):
        return parts[2:] if parts[1] in _INSTALLED else []
    return parts


def _is_name(part: str) -> bool:
    """``*.dist-info`` and everything hostile (``..``, an empty part) fails here too."""
    return part.isidentifier() and not keyword.iskeyword(part)

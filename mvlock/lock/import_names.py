"""Which names can be imported from a wheel (PEP 427), told from its members: no metadata says it."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

_MODULE = re.compile(r"([^.]+)(?:\.py|(?:\.[^/]*)?\.(?:so|pyd))")
_INSTALLED = ("purelib", "platlib")
# Many wheels ship these folders by mistake. A name that dozens of distributions "provide" is nobody's
# interface, and taking it would make any two such trees conflict.
_STRAY = frozenset({"tests", "test", "docs", "examples"})


def import_names(member_names: Iterable[str]) -> tuple[str, ...]:
    """Top-level import names, sorted: packages, modules, extension modules, namespace folders with modules.

    Folders ``*.dist-info`` do not count, of ``*.data`` only what is installed into site-packages. ``tests``,
    ``test``, ``docs`` and ``examples`` count only where a distribution has nothing else.
    """
    names = {name for member in member_names if (name := _top_level(member)) is not None}
    return tuple(sorted(names - _STRAY or names))


def _top_level(member: str) -> str | None:
    """The import name that a member belongs to, or None if it is no module."""
    parts = _below_site_packages(member.split("/"))
    module = _MODULE.fullmatch(parts[-1]) if parts else None
    if module is None or not all(_is_name(part) for part in (*parts[:-1], module[1])):
        return None
    name = parts[0] if len(parts) > 1 else module[1]
    return None if name == "__init__" else name


def _below_site_packages(parts: list[str]) -> list[str]:
    """The path as it will be in site-packages; empty if the member goes elsewhere."""
    if len(parts) > 1 and parts[0].endswith(".data"):
        return parts[2:] if parts[1] in _INSTALLED else []
    return parts


def _is_name(part: str) -> bool:
    """``*.dist-info`` and everything hostile (``..``, an empty part) fails here too."""
    return part.isidentifier() and not keyword.iskeyword(part)

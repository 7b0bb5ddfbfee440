"""TOML from outside: parsed by ``tomllib``, or by ``tomli`` where the standard library has none (Python 3.10)."""

from __future__ import annotations

import sys
from typing import Any

from mvlock.base.limits import DEEPEST_BRACKETS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["parse_toml", "tomllib"]


def parse_toml(text: str) -> dict[str, Any]:
    """A document (TOML 1.0) that is not nested more deeply than everything that works on it can follow.

    :raises ValueError: it is none; the message gives line and column
    """
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _is_deep(document):
        raise ValueError("nested too deeply")
    return document


def _is_deep(document: object) -> bool:
    level = [document]
    for _ in range(DEEPEST_BRACKETS):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list))
        level = [part for parts in inner for part in parts if isinstance(part, dict | list)]
        if not level:
            return False
    return True

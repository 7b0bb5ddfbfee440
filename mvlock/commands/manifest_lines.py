"""Where the entries of pyproject.toml are, by line."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from mvlock.project.declaration import Origin

_MARK = "mvlock looks for this line"
_INNER = ("requirements", "requirement")
"""Where the requirements of a table in ``[tool.mvlock]`` are; their origin names the table alone."""


class ManifestLines:
    """The lines of a pyproject.toml: tomlkit writes it with a mark in place of an entry, and all else as it was."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of(self, origin: Origin) -> int:
        """The line of a value, or of an entry of an array, from 1; 0 if it is not there."""
        try:
            document = tomlkit.parse(self._text)
            _mark(document, origin)
        except (TOMLKitError, LookupError, TypeError):
            return 0
        lines = tomlkit.dumps(document).split("\n")
        return next((number for number, line in enumerate(lines, 1) if _MARK in line), 0)


def _mark(document: MutableMapping[str, Any], origin: Origin) -> None:
    holder, key = document, origin.keys[-1]
    for name in origin.keys[:-1]:
        holder = holder[name]
    while isinstance(holder[key], MutableMapping):
        holder, key = holder[key], next(name for name in (*_INNER, *holder[key]) if name in holder[key])
    array = holder[key]
    if isinstance(array, Array):
        array[origin.index or 0] = _MARK
    else:
        holder[key] = _MARK

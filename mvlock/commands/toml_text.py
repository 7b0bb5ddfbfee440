"""The text of a TOML file that is being edited: what is not changed keeps its comments and formatting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from itertools import pairwise

import tomlkit
from packaging.utils import canonicalize_name
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from mvlock.errors import LocalError

Keys = tuple[str, ...]
Table = MutableMapping[str, object]


class TomlText:
    """The text, with its tables by their keys."""

    def __init__(self, text: str) -> None:
        """:raises LocalError: ``toml-invalid``."""
        try:
            self._document = tomlkit.parse(text)
        except TOMLKitError as error:
            raise LocalError("toml-invalid", f"pyproject.toml: not valid TOML: {error}") from error
        self._old = text

    def __str__(self) -> str:
        """The whole file as it is now."""
        text, old = (text.replace("\r\n", "\n") for text in (tomlkit.dumps(self._document), self._old))
        if text == old:
            return self._old
        spaced = "\n".join(_spaced_lines(text, old))
        while spaced.endswith("\n\n") and not old.endswith("\n\n"):
            spaced = spaced[:-1]
        return spaced.replace("\n", "\r\n") if "\r\n" in self._old else spaced

    def find(self, keys: Keys) -> object:
        """What the keys lead to; None if there is nothing."""
        found: object = self._document
        for key in keys:
            if not isinstance(found, MutableMapping):
                return None
            found = found.get(key)
        return found

    def tables(self, keys: Keys) -> Table:
        """The tables in a table; {} if there is none."""
        found = self.find(keys)
        return found if isinstance(found, MutableMapping) else {}

    def table(self, keys: Keys) -> Table:
        """The table that the keys lead to, made if there is none.

        :raises LocalError: ``toml-invalid``: something else is there
        """
        table: Table = self._document
        for depth, key in enumerate(keys, start=1):
            if key not in table:
                table[key] = tomlkit.table(is_super_table=depth < len(keys))
            inner = table[key]
            if not isinstance(inner, MutableMapping):
                raise LocalError("toml-invalid", f"pyproject.toml: {'.'.join(keys[:depth])} must be a table")
            table = inner
        return table

    def array_of_tables(self, keys: Keys) -> list[Table]:
        """The tables of an array, in order; [] if there is none."""
        found = self.find(keys)
        return [table for table in found if isinstance(table, MutableMapping)] if isinstance(found, list) else []

    def append(self, keys: Keys, values: Mapping[str, object]) -> None:
        """Add a table to an array of tables, in the form that the array has."""
        parent = self.table(keys[:-1])
        array = parent.setdefault(keys[-1], tomlkit.aot())
        table = tomlkit.inline_table() if isinstance(array, Array) else tomlkit.table()
        table.update(values)
        if not isinstance(array, list):
            raise LocalError("toml-invalid", f"pyproject.toml: {'.'.join(keys)} must be an array")
        array.append(table)

    def remove(self, keys: Keys) -> None:
        """Remove what the keys lead to, and the table that it was in if nothing else is left there."""
        table = self.tables(keys[:-1])
        del table[keys[-1]]
        if not table:
            del self.tables(keys[:-2])[keys[-2]]


def same_key(table: Table, wanted: str) -> str:
    """The key in a table that is equal to the wanted one as a name (PEP 503); the wanted one if there is none."""
    return next((key for key in table if canonicalize_name(str(key)) == canonicalize_name(wanted)), wanted)


def _spaced_lines(text: str, old: str) -> Iterator[str]:
    """The lines, with an empty one before each header that has another line before it than in ``old``."""
    old_lines = old.splitlines()
    pairs = set(pairwise(old_lines))
    last = ""
    for line in text.split("\n"):
        if line.startswith("[") and last.strip() and not last.startswith("#") and (last, line) not in pairs:
            yield ""
        yield line
        last = line

"""The requirements in one place of pyproject.toml: an array, or a single string, as an alias may have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping

import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from tomlkit.items import Array

from mvlock.base.pep508 import parse_requirement
from mvlock.commands.toml_text import Table
from mvlock.errors import LocalError
from mvlock.project.fields import plain_requirement

_LONGEST_LINE = 100
"""Characters of an array on one line; a longer one has a line for each requirement, which diffs well."""


class RequirementList:
    """The value of ``key`` in ``table``, which may not exist yet; then it is made, as a string if ``is_text``."""

    def __init__(self, table: Table, key: str, *, is_text: bool) -> None:
        self._table = table
        self._key = key
        self._is_text = is_text

    @classmethod
    def at(cls, table: Table, key: str, *, is_text: bool) -> RequirementList:
        """The list in an entry, which may be the list itself or a table with settings."""
        entry = table.get(key)
        if not isinstance(entry, MutableMapping):
            return cls(table, key, is_text=is_text)
        is_single = is_text and "requirements" not in entry
        return cls(entry, "requirement" if is_single else "requirements", is_text=is_text)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it, whatever it is."""
        return not self._table.get(self._key)

    def of(self, name: NormalizedName) -> list[tuple[int, Requirement]]:
        """The requirements on a project, with their positions."""
        return [(number, found) for number, found in self.items() if canonicalize_name(found.name) == name]

    def put(self, requirement: Requirement) -> None:
        """Add it; one for the same project and marker is replaced, unless it means the same."""
        for number, old in self.of(canonicalize_name(requirement.name)):
            if str(old.marker) == str(requirement.marker):
                if plain_requirement(str(old)) != plain_requirement(str(requirement)):
                    self._replace(number, str(requirement))
                return
        self._append(str(requirement))

    def drop(self, numbers: Iterable[int]) -> None:
        """Remove what is at these positions of an array."""
        for number in sorted(numbers, reverse=True):
            del self._array()[number]

    def items(self) -> Iterator[tuple[int, Requirement]]:
        """Every requirement, with its position."""
        value = self._table.get(self._key)
        texts = [value] if isinstance(value, str) else value if isinstance(value, Array) else []
        for number, text in enumerate(texts):
            if isinstance(text, str):
                try:
                    yield number, parse_requirement(str(text))
                except InvalidRequirement:
                    continue

    def _replace(self, number: int, text: str) -> None:
        if isinstance(self._table[self._key], str):
            self._table[self._key] = text
        else:
            self._array()[number] = text

    def _append(self, text: str) -> None:
        if self._key not in self._table and self._is_text:
            self._table[self._key] = text
        else:
            array = self._array()
            array.append(text)
            if len(array.as_string()) > _LONGEST_LINE:
                array.multiline(multiline=True)

    def _array(self) -> Array:
        """The value as an array: made if there is none, or from a single string."""
        value = self._table.get(self._key)
        if value is None or isinstance(value, str):
            if self._key == "requirement":
                del self._table[self._key]
                self._key = "requirements"
            self._table[self._key] = tomlkit.array()
            array = self._table[self._key]
            if isinstance(value, str) and isinstance(array, Array):
                array.append(str(value))
            value = array
        if not isinstance(value, Array):
            raise LocalError("toml-invalid", f"pyproject.toml: {self._key} must be an array")
        return value

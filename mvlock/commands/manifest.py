"""Edits of pyproject.toml that keep its comments and formatting."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, Table

from mvlock.errors import LocalError
from mvlock.project.fields import plain_requirement
from mvlock.project.tree_names import tree_name


class Section(msgspec.Struct, frozen=True):
    """Where requirements are: ``[project]`` itself, one group or one extra, or the block of a script."""

    group: str | None = None
    extra: str | None = None
    is_script: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """The keys that lead there."""
        if self.group is not None:
            return ("dependency-groups", self.group)
        if self.extra is not None:
            return ("project", "optional-dependencies", self.extra)
        return ("dependencies",) if self.is_script else ("project", "dependencies")

    def __str__(self) -> str:
        return ".".join(self.path)


_PROJECT = Section()


class Manifest:
    """The TOML of a pyproject.toml or script that is being edited; ``main`` has what is always required."""

    def __init__(self, text: str, main: Section = _PROJECT) -> None:
        """:raises LocalError: ``toml-invalid``."""
        self._main = main
        try:
            self._document = tomlkit.parse(text)
        except TOMLKitError as error:
            raise LocalError("toml-invalid", f"pyproject.toml: not valid TOML: {error}") from error
        self._windows = "\r\n" in text

    @property
    def text(self) -> str:
        """The whole file as it is now."""
        text = tomlkit.dumps(self._document)
        return text.replace("\r\n", "\n").replace("\n", "\r\n") if self._windows else text

    def requirements(self, name: NormalizedName, section: Section) -> list[Requirement]:
        """The requirements on a project in one place, in the order of the file."""
        array = self._find(section.path)
        return [found for _, found in _requirements(array) if _name(found) == name] if isinstance(array, Array) else []

    def put(self, requirement: Requirement, section: Section) -> None:
        """Add a requirement; one for the same project and marker is replaced in place.

        One that already means the same is left as it is written.
        """
        array = self._array(section)
        for number, old in _requirements(array):
            if _name(old) == _name(requirement) and str(old.marker) == str(requirement.marker):
                if plain_requirement(str(old)) != plain_requirement(str(requirement)):
                    array[number] = str(requirement)
                return
        array.append(str(requirement))

    def drop(self, name: NormalizedName, section: Section) -> bool:
        """Remove every requirement on a project from ``section``; returns whether there was one."""
        array = self._find(section.path)
        if not isinstance(array, Array):
            return False
        numbers = [number for number, old in _requirements(array) if _name(old) == name]
        for number in reversed(numbers):
            del array[number]
        return bool(numbers)

    def drop_tree_settings(self, name: NormalizedName) -> bool:
        """Remove ``[tool.mvlock.trees.NAME]`` if it has no requirements, since its tree is gone."""
        trees = self._find(("tool", "mvlock", "trees"))
        if not isinstance(trees, Table | Container):
            return False
        keys = [key for key in trees if tree_name(str(key)) == tree_name(name)]
        keys = [key for key in keys if isinstance(trees[key], dict) and "requirements" not in trees[key]]
        for key in keys:
            trees.remove(key)
        return bool(keys)

    def sections_with(self, name: NormalizedName) -> list[Section]:
        """Every place that requires a project."""
        groups = self._find(("dependency-groups",))
        extras = self._find(("project", "optional-dependencies"))
        sections = [self._main]
        sections += [Section(group=str(key)) for key in groups] if isinstance(groups, dict) else []
        sections += [Section(extra=str(key)) for key in extras] if isinstance(extras, dict) else []
        return [section for section in sections if self._requires(section, name)]

    def _requires(self, section: Section, name: NormalizedName) -> bool:
        array = self._find(section.path)
        return isinstance(array, Array) and any(_name(old) == name for _, old in _requirements(array))

    def _find(self, path: tuple[str, ...]) -> object:
        found: object = self._document
        for key in path:
            if not isinstance(found, dict):
                return None
            found = found.get(key) if len(path) < 2 or key != path[-1] else _get_by_normalised_name(found, key)
        return found

    def _array(self, section: Section) -> Array:
        array_found = self._find(section.path)
        if isinstance(array_found, Array):
            return array_found
        table: dict[str, object] = self._document
        for key in section.path[:-1]:
            if key not in table:
                table[key] = tomlkit.table()
            inner = table[key]
            if not isinstance(inner, dict):
                raise LocalError("toml-invalid", f"pyproject.toml: {key} must be a table")
            table = inner
        table[section.path[-1]] = tomlkit.array()
        array = table[section.path[-1]]
        if not isinstance(array, Array):
            raise LocalError("toml-invalid", f"pyproject.toml: {section} must be an array")
        return array


def _get_by_normalised_name(table: dict[str, object], wanted: str) -> object:
    """The value of a group or extra under any spelling of its name (PEP 503)."""
    keys = [key for key in table if canonicalize_name(str(key)) == canonicalize_name(wanted)]
    return table[keys[0]] if keys else None


def _requirements(array: Array) -> Iterator[tuple[int, Requirement]]:
    for number, item in enumerate(array):
        if isinstance(item, str):
            try:
                yield number, Requirement(str(item))
            except InvalidRequirement:
                continue


def _name(requirement: Requirement) -> NormalizedName:
    return canonicalize_name(requirement.name)

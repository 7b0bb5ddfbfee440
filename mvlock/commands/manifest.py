"""Edits of pyproject.toml that keep its comments and formatting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import tomlkit
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.commands.requirement_list import RequirementList
from mvlock.commands.toml_text import Keys, Table, TomlText, same_key
from mvlock.errors import LocalError
from mvlock.project.tree_names import tree_name

_MVLOCK = ("tool", "mvlock")
_GROUPS = ("dependency-groups",)
_EXTRAS = ("project", "optional-dependencies")
_ALIASES = (*_MVLOCK, "alias")
_TREES = (*_MVLOCK, "trees")
_SOURCES = (*_MVLOCK, "sources")


class Section(msgspec.Struct, frozen=True):
    """Where requirements are: ``[project]`` itself, one group, one extra, one alias or one tree.

    ``is_script``: in the block of a script, which has its requirements at the top.
    """

    group: str | None = None
    extra: str | None = None
    alias: str | None = None
    tree: str | None = None
    is_script: bool = False

    @property
    def keys(self) -> Keys:
        """The keys that lead there."""
        tables = {_GROUPS: self.group, _EXTRAS: self.extra, _ALIASES: self.alias, _TREES: self.tree}
        named = [(*table, name) for table, name in tables.items() if name is not None]
        return named[0] if named else ("dependencies",) if self.is_script else ("project", "dependencies")

    @property
    def option(self) -> str | None:
        """The option of ``add`` and ``remove`` that means it."""
        options = {"--group": self.group, "--extra": self.extra, "--alias": self.alias, "--tree": self.tree}
        return next((f"{option} {name}" for option, name in options.items() if name is not None), None)

    def __str__(self) -> str:
        return ".".join(self.keys)


class Manifest:
    """The text of a pyproject.toml, or of the block of a script, that is being edited."""

    def __init__(self, text: str, *, is_script: bool = False) -> None:
        """:raises LocalError: ``toml-invalid``."""
        self._main = Section(is_script=is_script)
        self._toml = TomlText(text)

    @property
    def toml(self) -> TomlText:
        """The tables, to edit what is no requirement and no source."""
        return self._toml

    @property
    def text(self) -> str:
        """The whole file as it is now."""
        return str(self._toml)

    def requirements(self, name: NormalizedName, section: Section) -> list[Requirement]:
        """The requirements on a project in one place, in the order of the file."""
        return [found for _, found in self._find_list(section).of(name)]

    def projects(self, section: Section) -> list[NormalizedName]:
        """The projects that one place requires, in the order of the file."""
        return list(dict.fromkeys(canonicalize_name(found.name) for _, found in self._find_list(section).items()))

    def entries_beside(self, section: Section) -> list[str]:
        """The keys of the table that a place is in, as the file spells them: all aliases, for one of them."""
        return list(self._toml.tables(section.keys[:-1]))

    def put(self, requirement: Requirement, section: Section) -> None:
        """Add a requirement; one for the same project and marker is replaced in place.

        One that already means the same is left as it is written.
        """
        self._toml.table(section.keys[:-1])
        self._find_list(section).put(requirement)

    def drop(self, name: NormalizedName, section: Section) -> bool:
        """Remove every requirement on a project from ``section``; returns whether there was one.

        A tree or an alias of which nothing is left goes with the last, an alias with the library that it names.
        """
        found = self._find_list(section)
        numbers = [number for number, _ in found.of(name)]
        if not numbers:
            return False
        if section.alias is not None and numbers[0] == 0:
            return self.drop_entry(section)
        found.drop(numbers)
        if section.tree is not None and found.is_empty:
            return self.drop_entry(section)
        return True

    def drop_entry(self, section: Section) -> bool:
        """Remove a tree or an alias with all its requirements and settings; returns whether there was one."""
        keys = self._spelled(section)
        if self._toml.find(keys) is None:
            return False
        self._toml.remove(keys)
        return True

    def drop_tree_settings(self, name: NormalizedName) -> bool:
        """Remove ``[tool.mvlock.trees.NAME]`` if it has no requirements, since its tree is gone."""
        keys = self._spelled(Section(tree=tree_name(name)))
        settings = self._toml.find(keys)
        if not isinstance(settings, Mapping) or "requirements" in settings:
            return False
        self._toml.remove(keys)
        return True

    def sections_with(self, name: NormalizedName) -> list[Section]:
        """Every place that requires a project."""
        return [section for section in self._sections() if self.requirements(name, section)]

    def put_source(self, name: NormalizedName, source: Mapping[str, str | bool]) -> bool:
        """Say where a project comes from; returns whether that is new."""
        sources = self._toml.table(_SOURCES)
        key = same_key(sources, name)
        if sources.get(key) == source:
            return False
        sources[key] = tomlkit.value(format_source(source))
        return True

    def drop_source(self, name: NormalizedName) -> bool:
        """Remove the source of a project; returns whether it had one."""
        sources = self._toml.tables(_SOURCES)
        key = same_key(sources, name)
        if key not in sources:
            return False
        self._toml.remove((*_SOURCES, key))
        return True

    def put_index(self, name: str, url: str) -> bool:
        """Add an index; returns whether it is new.

        :raises LocalError: ``usage``: it has another URL
        """
        indexes = self._toml.array_of_tables((*_MVLOCK, "index"))
        known = {str(index.get("name")): str(index.get("url")) for index in indexes}
        if known.setdefault(name, url).rstrip("/") != url.rstrip("/"):
            raise LocalError("usage", f"--index: '{name}' is {known[name]} in pyproject.toml, not {url}")
        if len(known) == len(indexes):
            return False
        self._toml.append((*_MVLOCK, "index"), {"name": name, "url": url})
        return True

    def _sections(self) -> Iterator[Section]:
        yield self._main
        yield from (Section(group=key) for key in self._toml.tables(_GROUPS))
        yield from (Section(extra=key) for key in self._toml.tables(_EXTRAS))
        yield from (Section(alias=key) for key in self._toml.tables(_ALIASES))
        yield from (Section(tree=key) for key in self._toml.tables(_TREES))

    def _spelled(self, section: Section) -> Keys:
        """The keys of a place as the file spells them: groups, extras and trees are names (PEP 503)."""
        *parents, key = section.keys
        if section.alias is not None:
            return section.keys
        table = self._toml.tables(tuple(parents))
        return (*parents, same_key(table, key))

    def _find_list(self, section: Section) -> RequirementList:
        keys = self._spelled(section)
        table: Table = self._toml.tables(keys[:-1])
        return RequirementList.at(table, keys[-1], is_text=section.alias is not None)


def format_source(source: Mapping[str, str | bool]) -> str:
    """A source as it is written: ``{ path = "libs/dep_a", editable = true }``."""
    return "{ " + ", ".join(f"{key} = {tomlkit.item(value).as_string()}" for key, value in source.items()) + " }"

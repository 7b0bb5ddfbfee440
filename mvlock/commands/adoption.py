"""What another tool's files say, added to a pyproject.toml; what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import tomlkit
from packaging.utils import canonicalize_name
from tomlkit.items import Array

from mvlock.commands.manifest import Manifest, Section
from mvlock.commands.toml_text import same_key
from mvlock.foreign.model import ForeignProject, ForeignRequirement, Place
from mvlock.project.fields import plain_requirement

_MVLOCK = ("tool", "mvlock")


class Adopted(msgspec.Struct):
    """What was added, for the report: requirements by their place, and other keys with their number."""

    requirements: dict[str, int] = msgspec.field(default_factory=dict)
    others: dict[str, int] = msgspec.field(default_factory=dict)

    def __str__(self) -> str:
        counts = [f"{count} to {place}" for place, count in self.requirements.items()]
        counts += [f"{what}: {count}" for what, count in self.others.items()]
        return ", ".join(counts) or "nothing new"


def adopt_head(manifest: Manifest, found: ForeignProject, name: str, python: str) -> None:
    """Add the keys of ``[project]`` that are missing; what is known of them is no longer dynamic."""
    table = manifest.toml.table(("project",))
    defaults: dict[str, object] = {
        "name": name,
        "version": found.version or "0.1.0",
        "requires-python": found.requires_python or python,
        "dependencies": tomlkit.array().multiline(True),
    }
    dynamic = table.get("dynamic")
    if isinstance(dynamic, list):
        for field in {*known_fields(found)}.intersection(dynamic):
            dynamic.remove(field)
    for key, value in defaults.items():
        if key not in table and not (isinstance(dynamic, list) and key in dynamic):
            table[key] = value
    if found.scripts and "scripts" not in table:
        manifest.toml.table(("project", "scripts")).update(found.scripts)


def known_fields(found: ForeignProject) -> Iterator[str]:
    """The keys of ``[project]`` that must not be dynamic and that are known."""
    if any(one.place == Place() for one in found.requirements):
        yield "dependencies"
    if any(one.place.extra for one in found.requirements):
        yield "optional-dependencies"
    if found.requires_python:
        yield "requires-python"


def adopt(manifest: Manifest, found: ForeignProject, root: Path) -> Adopted:
    """Add the requirements, sources, indexes and settings that are missing."""
    adopted = Adopted()
    for one in found.requirements:
        if adopt_requirement(manifest, one):
            place = str(_section(one.place))
            adopted.requirements[place] = adopted.requirements.get(place, 0) + 1
    for group, included in found.includes:
        _adopt_include(manifest, group, included)
    counts = {
        **_adopt_settings(manifest, found),
        "sources": _adopt_sources(manifest, found, root),
        "indexes": _adopt_indexes(manifest, found, root),
        "members of the workspace": _adopt_workspace(manifest, found, root),
    }
    adopted.others = {what: count for what, count in counts.items() if count}
    return adopted


def adopt_folders(manifest: Manifest, folders: Mapping[str, str]) -> Mapping[str, str]:
    """Name the folders that have not their usual names, unless the file names them; returns those added."""
    known = manifest.toml.tables(_MVLOCK)
    added = {key: name for key, name in folders.items() if key not in known}
    if added:
        manifest.toml.table(_MVLOCK).update(added)
    return added


def adopt_requirement(manifest: Manifest, found: ForeignRequirement) -> bool:
    """Add a requirement unless one for the same project and marker is there; returns whether it was added."""
    section, needed = _section(found.place), found.requirement
    known = manifest.requirements(canonicalize_name(needed.name), section)
    if str(needed.marker) in {str(plain_requirement(str(one)).marker) for one in known}:
        return False
    _make_array(manifest, section)
    manifest.put(needed, section)
    return True


def _adopt_include(manifest: Manifest, group: str, included: str) -> None:
    """Let a group include another one, unless it does."""
    section = Section(group=group)
    _make_array(manifest, section)
    table = manifest.toml.table(section.keys[:-1])
    array = table[same_key(table, group)]
    if not isinstance(array, Array):
        return
    names = {canonicalize_name(str(item["include-group"])) for item in array if isinstance(item, Mapping)}
    if canonicalize_name(included) not in names:
        array.append(tomlkit.value(f'{{ include-group = "{included}" }}'))


def _make_array(manifest: Manifest, section: Section) -> None:
    """A new array has a line for each requirement; one that is there, by any spelling of its name, stays as it is."""
    *above, name = section.keys
    table = manifest.toml.table(tuple(above))
    table.setdefault(same_key(table, name), tomlkit.array().multiline(True))


def _section(place: Place) -> Section:
    return Section(place.group, place.extra)


def _adopt_sources(manifest: Manifest, found: ForeignProject, root: Path) -> int:
    table = manifest.toml.tables((*_MVLOCK, "sources"))
    new = [
        (canonicalize_name(name), source.row(root))
        for name, source in sorted(found.sources.items())
        if source.is_known and same_key(table, name) not in table
    ]
    return sum(manifest.put_source(name, row) for name, row in new)


def _adopt_indexes(manifest: Manifest, found: ForeignProject, root: Path) -> int:
    keys = (*_MVLOCK, "index")
    known = {str(table.get("name")).lower() for table in manifest.toml.array_of_tables(keys)}
    new = [index for index in found.indexes if index.name.lower() not in known]
    for index in new:
        manifest.toml.append(keys, index.row(root))
    return len(new)


def is_virtual_root(found: ForeignProject, root: Path) -> bool:
    """Whether ``root`` is the root of a workspace, but not a project itself; its members have what it says for them."""
    workspace = found.workspace
    return workspace is not None and workspace.root == root and root not in workspace.members.values()


def _adopt_workspace(manifest: Manifest, found: ForeignProject, root: Path) -> int:
    """Make the project the root of the workspace that it is in another tool; returns the number of members."""
    workspace = found.workspace
    if workspace is None or workspace.root != root or "workspace" in manifest.toml.tables(_MVLOCK):
        return 0
    manifest.toml.table((*_MVLOCK, "workspace")).update(workspace.table)
    return len(workspace.members)


def _adopt_settings(manifest: Manifest, found: ForeignProject) -> dict[str, int]:
    """Add the keys that are missing, and to lists that are there the items that are missing."""
    return {key: _adopt_setting(manifest, key, value) for key, value in found.settings.items()}


def _adopt_setting(manifest: Manifest, key: str, value: object) -> int:
    old = manifest.toml.tables(_MVLOCK).get(key)
    if isinstance(value, list) and isinstance(old, Array):
        new = [item for item in value if item not in old]
        old.extend(new)
        return len(new)
    if old is not None:
        return 0
    manifest.toml.table(_MVLOCK)[key] = _item(value)
    return len(value) if isinstance(value, list) else 1


def _item(value: object) -> object:
    """A list in lines if it is long, a table in one line."""
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(value) > 1)
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    return value

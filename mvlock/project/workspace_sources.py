"""Sources that a project has because members of its workspace have them.

A member that is used in place requires other projects, from where its own ``[tool.mvlock.sources]`` say: in a lock of
another member, too. Without them, projects of the same names would come from an index.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.project.declaration import Declaration
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Source
from mvlock.project.problem import Problems, key_path
from mvlock.project.settings import ProjectTable, Settings, SourceTable
from mvlock.project.sources import ProblemLocation, SourceReader
from mvlock.project.validation import validate
from mvlock.project.workspace import Workspace

_MISSING = "'{name}' is a member of this workspace; write {name} = {{ workspace = true }} into [tool.mvlock.sources]"
_CIRCLE = "'{one}' and '{other}' need each other; put what both of them use into a third project"
_AT = ("tool", "mvlock", "sources")


def members_without_source(
    own: str, required: Iterable[Declaration], sources: Mapping[NormalizedName, Source], workspace: Workspace
) -> Iterator[tuple[str, str]]:
    """Key and text for each requirement that names a member and does not say whether that is meant."""
    for declaration in required:
        name = declaration.project
        if name in workspace.members and name not in sources and name != canonicalize_name(own):
            yield str(declaration.origin), _MISSING.format(name=name)


def inherited_sources(
    sources: Mapping[NormalizedName, Source], reader: SourceReader, workspace: Workspace, problems: Problems
) -> dict[NormalizedName, Source]:
    """The sources of what used members require, and so on, that the project has not itself.

    :raises LocalError: ``project-invalid``, ``toml-invalid``: the file of a member
    """
    found: dict[NormalizedName, Source] = {}
    pending, seen = _members_in(sources.values(), workspace), {reader.root}
    while pending:
        folder = pending.pop(0)
        if folder in seen:
            continue
        seen.add(folder)
        new = _MemberFile(replace(reader, folder=folder), workspace).sources(skipped=sources)
        for name, source in new.items():
            if _place(found.setdefault(name, source)) != _place(source):
                text = f"members of the workspace take '{name}' from different places; write here which one is meant"
                problems.add("source-clash", key_path([*_AT, name]), text)
        pending += _members_in(new.values(), workspace)
    return found


def _members_in(sources: Iterable[Source], workspace: Workspace) -> list[Path]:
    folders = {source.path for source in sources if isinstance(source, PathSource)}
    return sorted(folders & set(workspace.members.values()))


def _place(source: Source) -> object:
    return source.path if isinstance(source, PathSource) else source


class _MemberFile:
    """pyproject.toml of another member, in the folder of ``reader``."""

    def __init__(self, reader: SourceReader, workspace: Workspace) -> None:
        file = reader.folder / FILE_NAME
        name = Path(os.path.relpath(file, reader.root)).as_posix()
        self._reader, self._workspace, self._problems = reader, workspace, Problems(name)
        self._settings = validate(Settings, parse_document(read_text(file), name), self._problems)

    def sources(self, skipped: Mapping[NormalizedName, Source]) -> dict[NormalizedName, Source]:
        """The sources of what it requires; of what is dynamic, all that it has."""
        table = self._settings.project
        rows = {canonicalize_name(name): row for name, row in self._settings.mvlock.sources.items()}
        required = {*rows} if "dependencies" in table.dynamic else set(_required(table))
        found: dict[NormalizedName, Source] = {}
        for name in sorted(required - skipped.keys() - {canonicalize_name(table.name)}):
            if name in rows and self._is_using_project(name, rows[name]):
                text = _CIRCLE.format(one=canonicalize_name(table.name), other=name)
                self._problems.add("path-invalid", key_path([*_AT, name]), text)
            elif name in rows:
                source = self._reader.read(name, rows[name], ProblemLocation(key_path([*_AT, name]), self._problems))
                found |= {name: source} if source is not None else {}
            elif name in self._workspace.members:
                self._problems.add("workspace-source-missing", "project", _MISSING.format(name=name))
        self._problems.raise_if_any()
        return found

    def _is_using_project(self, name: NormalizedName, row: SourceTable) -> bool:
        """Whether a source is the project that uses this member."""
        is_folder = row.workspace or row.path is not None
        return bool(is_folder) and self._workspace.members.get(name) == self._reader.root


def _required(table: ProjectTable) -> Iterator[NormalizedName]:
    for requirement in (*table.dependencies, *(one for extra in table.optional_dependencies.values() for one in extra)):
        yield canonicalize_name(requirement.name)

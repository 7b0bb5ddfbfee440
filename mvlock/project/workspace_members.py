"""From the table of a workspace to its members: the folders that patterns mean, and the names of the projects there.

As in uv, ``*``, ``?`` and ``[…]`` stand for the name of one folder, ``**`` for any number of them, without those that
tools generate. Unlike there, a pattern passes over folders without pyproject.toml: they stay when another branch is
checked out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath

from packaging.utils import NormalizedName, canonicalize_name

from mvlock.base.freshness import GENERATED
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.problem import Problems
from mvlock.project.settings import OpenTable, WorkspaceTable
from mvlock.project.validation import validate

_AT = "tool.mvlock.workspace"
_PATTERN = re.compile(r"[*?[]")
_parsed = lru_cache(maxsize=1000)(parse_document)
"""A command at the root reads every file for every member."""


class _MvlockTable(OpenTable, frozen=True):
    workspace: WorkspaceTable


class _ToolTable(OpenTable, frozen=True):
    mvlock: _MvlockTable


class _RootTables(OpenTable, frozen=True):
    """What is read of the root of a workspace, which need not be a project."""

    tool: _ToolTable


def read_members(root: Path, document: Mapping[str, object], name: str) -> Mapping[NormalizedName, Path] | None:
    """The folders of all members by the names of their projects; that of the root, if it is one, is the first.

    None: the file of the root, called ``name`` in messages, has no table of a workspace.

    :raises LocalError: ``project-invalid``; ``file-unreadable``, ``toml-invalid``: a file of a member
    """
    problems, members = Problems(name), _Members(root)
    if "workspace" not in _mvlock_keys(document):
        return None
    table = validate(_RootTables, document, problems).tool.mvlock.workspace
    if "project" in document:
        members.add(root, document)
    else:
        _check_virtual(document, problems)
    for folder in _folders(root, table, problems):
        members.read(folder, problems)
    problems.raise_if_any()
    return members.found


def _mvlock_keys(document: Mapping[str, object]) -> Mapping[str, object]:
    tool = document.get("tool")
    mvlock = tool.get("mvlock") if isinstance(tool, Mapping) else None
    return mvlock if isinstance(mvlock, Mapping) else {}


def _check_virtual(document: Mapping[str, object], problems: Problems) -> None:
    """Refuse what would mean nothing: the settings of a project, in a file that is none."""
    for key in sorted(_mvlock_keys(document).keys() - {"workspace"}):
        text = "without a [project] table, only 'workspace' has a meaning here; settings are those of each member"
        problems.add("extra-forbidden", f"tool.mvlock.{key}", text)


class _Members:
    """The members of the workspace in ``root`` that were found so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[NormalizedName, Path] = {}

    def read(self, folder: Path, problems: Problems) -> None:
        """Add the project in a folder below the root, or what is wrong with it."""
        at = f"member '{self._place(folder)}'"
        document = _parsed(read_text(folder / FILE_NAME), f"{self._place(folder)}/{FILE_NAME}")
        if "workspace" in _mvlock_keys(document):
            problems.add("workspace-nested", _AT, f"{at} is itself the root of a workspace; 'exclude' can name it")
        name = self.add(folder, document)
        if name is None:
            problems.add(
                "project-table-missing", _AT, f"{at} has no [project] table with a name; 'exclude' can name it"
            )
        elif self.found[name] != folder:
            other = self._place(self.found[name])
            problems.add("name-clash", _AT, f"{at} and '{other}' are both called '{name}'")

    def add(self, folder: Path, document: Mapping[str, object]) -> NormalizedName | None:
        """Add a project, unless another one has its name; returns the name, None if it has none."""
        table = document.get("project")
        name = table.get("name") if isinstance(table, Mapping) else None
        if not isinstance(name, str):
            return None
        self.found.setdefault(canonicalize_name(name), folder)
        return canonicalize_name(name)

    def _place(self, folder: Path) -> str:
        return folder.relative_to(self.root).as_posix()


def _folders(root: Path, table: WorkspaceTable, problems: Problems) -> list[Path]:
    """The folders of the members below the root, sorted."""
    found: set[Path] = set()
    for number, pattern in enumerate(table.members):
        at, parts = f"{_AT}.members[{number}]", PurePosixPath(pattern).parts
        folders = {folder.resolve() for folder in _matching(root, parts)}
        if PurePosixPath(pattern).is_absolute() or not all(folder.is_relative_to(root) for folder in folders):
            problems.add("folder-invalid", at, f"'{pattern}' is not below the root of the workspace")
            continue
        projects = {folder for folder in folders if (folder / FILE_NAME).is_file()}
        if not projects and not _PATTERN.search(pattern):
            problems.add("folder-missing", at, f"there is no {FILE_NAME} in '{pattern}'")
        found |= projects
    return sorted(folder for folder in found - {root} if not _is_excluded(folder.relative_to(root).as_posix(), table))


def _is_excluded(place: str, table: WorkspaceTable) -> bool:
    return any(fnmatchcase(place, PurePosixPath(pattern).as_posix()) for pattern in table.exclude)


def _matching(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """The folders that a pattern means, seen from ``folder``."""
    if not parts:
        yield folder
        return
    first, rest = parts[0], parts[1:]
    if first == "**":
        yield from _matching(folder, rest)
        for name in _inner(folder) - GENERATED:
            yield from _matching(folder / name, parts)
    elif _PATTERN.search(first):
        for name in _inner(folder):
            if fnmatchcase(name, first):
                yield from _matching(folder / name, rest)
    elif (folder / first).is_dir():
        yield from _matching(folder / first, rest)


def _inner(folder: Path) -> set[str]:
    """The names of the folders in a folder, without hidden ones and links."""
    with os.scandir(folder) as entries:
        found = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
    return {name for name in found if not name.startswith(".")}

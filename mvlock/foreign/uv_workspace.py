"""Workspaces of uv: a root whose ``members`` are projects in folders beside or below it."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from packaging.utils import canonicalize_name

from mvlock.foreign.document import read_toml, shaped, table_in
from mvlock.foreign.model import ForeignWorkspace


class UvWorkspace(ForeignWorkspace, frozen=True):
    """``uv`` is ``[tool.uv]`` of the root."""

    uv: Mapping[str, object]


def uv_workspace_of(folder: Path, document: Mapping[str, object]) -> UvWorkspace | None:
    """The workspace that a project is the root or a member of; None: of none.

    :raises ValueError: ``[tool.uv.workspace]`` is not in the shape that uv reads
    """
    if "workspace" in table_in(document, "tool", "uv"):
        return _workspace(folder, document)
    for parent in folder.parents:
        if (parent / "pyproject.toml").is_file():
            found = _workspace_at(parent)
            if found is not None:
                return found if folder in found.members.values() else None
    return None


def _workspace_at(folder: Path) -> UvWorkspace | None:
    """The workspace with this root; a file beside the project that cannot be read is no concern of it."""
    try:
        document = read_toml(folder / "pyproject.toml")
        return _workspace(folder, document) if "workspace" in table_in(document, "tool", "uv") else None
    except (ValueError, RecursionError):
        return None


def _workspace(root: Path, document: Mapping[str, object]) -> UvWorkspace:
    table = table_in(document, "tool", "uv", "workspace")
    patterns = shaped(table.get("members", []), list[str], "tool.uv.workspace.members")
    excluded = shaped(table.get("exclude", []), list[str], "tool.uv.workspace.exclude")
    members: dict[str, Path] = {}
    for folder in (root, *sorted({found for pattern in patterns for found in _matching(root, pattern)})):
        place = folder.relative_to(root).as_posix()
        name = project_name(folder / "pyproject.toml")
        if name is not None and not any(fnmatch(place, pattern) for pattern in excluded):
            members[name] = folder
    return UvWorkspace(root, members, tuple(patterns), tuple(excluded), table_in(document, "tool", "uv"))


def _matching(root: Path, pattern: str) -> list[Path]:
    try:
        return list(root.glob(pattern))
    except NotImplementedError as error:
        raise ValueError(f"tool.uv.workspace.members: '{pattern}' is not relative") from error


def project_name(file: Path) -> str | None:
    """What a pyproject.toml calls its project; None if it is none."""
    try:
        name = table_in(read_toml(file), "project").get("name") if file.is_file() else None
    except (ValueError, RecursionError):
        return None
    return canonicalize_name(name) if isinstance(name, str) else None

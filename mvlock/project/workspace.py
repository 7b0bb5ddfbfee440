"""Workspaces: the projects of a repository that a file above them names, its members.

    [tool.mvlock.workspace]              in pyproject.toml of the root, which may be a project too
    members = ["apps/*", "libs/*"]
    exclude = ["apps/attic"]

Each member has its own lock and its own trees. A workspace says which projects one command is for, and where
``{ workspace = true }`` in ``[tool.mvlock.sources]`` leads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from packaging.specifiers import InvalidSpecifier
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.base.pep508 import parse_specifiers
from mvlock.errors import LocalError
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.pep621 import table_in
from mvlock.project.problem import did_you_mean
from mvlock.project.workspace_members import read_members

_SHOWN = 20
_LOWER = {">=", ">", "==", "~="}
_CHOOSE = "name one with `--package NAME`, or work in its folder"
_BEGIN = "`mvlock init DIR` starts one, in a folder that `members` of [tool.mvlock.workspace] names"


class Workspace(msgspec.Struct, frozen=True):
    """``root`` is absolute; ``members`` are absolute folders by the names of their projects, the root's own first."""

    root: Path
    members: Mapping[NormalizedName, Path]

    def names(self, near: str = "") -> str:
        """The names of the members, for the end of a message, with the one that may be meant by ``near``."""
        if not self.members:
            return "; it has no members yet"
        shown, more = list(self.members)[:_SHOWN], len(self.members) - _SHOWN
        others = f" and {more} more" if more > 0 else ""
        return f"; its members are {', '.join(shown)}{others}{did_you_mean(canonicalize_name(near), self.members)}"


def workspace_at(root: Path, name: str = FILE_NAME) -> Workspace | None:
    """The workspace whose root is this folder; None if it is none. ``name`` is its file in messages.

    :raises LocalError: ``project-missing``, ``file-unreadable``, ``toml-invalid``, ``project-invalid``
    """
    root = root.resolve()
    text = read_text(root / FILE_NAME)
    if "workspace" not in text:
        return None
    try:
        document = parse_document(text, name)
    except LocalError:
        if "mvlock" in text:
            raise
        return None  # a file above a project is no concern of it
    members = read_members(root, document, name)
    return None if members is None else Workspace(root, members)


def workspace_around(folder: Path) -> Workspace | None:
    """The workspace with this root, or the nearest one above; None: there is none. It need not have the folder.

    :raises LocalError: see ``workspace_at``
    """
    folder = folder.resolve()
    for root in (folder, *folder.parents):
        file = root / FILE_NAME
        found = workspace_at(root, Path(os.path.relpath(file, folder)).as_posix()) if file.is_file() else None
        if found is not None:
            return found
    return None


def workspace_of(folder: Path) -> Workspace | None:
    """The workspace of which the project in a folder is a member; None: of none.

    :raises LocalError: see ``workspace_at``
    """
    found = workspace_around(folder)
    return found if found is not None and folder.resolve() in found.members.values() else None


def usual_python(workspace: Workspace) -> str | None:
    """``requires-python`` of the root, or else the one with the lowest bound among the members; None: none has one.

    :raises LocalError: see ``workspace_at``
    """
    own = _required_python(workspace.root)
    found = [own] if own is not None else [_required_python(folder) for folder in workspace.members.values()]
    return min(filter(None, found), key=_lowest, default=None)


def _required_python(folder: Path) -> str | None:
    text = table_in(parse_document(read_text(folder / FILE_NAME)), "project").get("requires-python")
    with suppress(InvalidSpecifier):
        return text if isinstance(text, str) and parse_specifiers(text) else None
    return None


def _lowest(text: str) -> Version:
    bounds = [one.version.removesuffix(".*") for one in parse_specifiers(text) if one.operator in _LOWER]
    return max(map(Version, bounds), default=Version("0"))


def check_is_project(root: Path) -> None:
    """Refuse the root of a workspace that is no project itself; a folder without a file is let pass.

    :raises LocalError: ``workspace-virtual``, and see ``workspace_at``
    """
    found = workspace_at(root) if (root / FILE_NAME).is_file() else None
    if found is not None and found.root not in found.members.values():
        text = f"{found.root} is the root of a workspace, but not a project itself{found.names()}"
        raise LocalError("workspace-virtual", text, hint=_CHOOSE if found.members else _BEGIN)

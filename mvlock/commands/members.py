"""Which members of a workspace a command is for.

Few imports: a plain project takes no longer than to see that its file does not have the word.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

from mvlock.commands.command_table import FOR_ALL_MEMBERS
from mvlock.commands.options import Options
from mvlock.errors import LocalError
from mvlock.project.location import FILE_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mvlock.project.workspace import Workspace


class Member(NamedTuple):
    """A member of a workspace: its name and its folder."""

    name: str
    folder: Path


def chosen_members(arguments: Namespace, options: Options) -> list[Member]:
    """The members that a command is for; none: it is for the project that it finds itself.

    :raises LocalError: ``workspace-missing``, ``package-unknown``, ``usage``, and see ``workspace_at``
    """
    if options.packages:
        return _named(arguments, options)
    if arguments.command not in FOR_ALL_MEMBERS or getattr(arguments, "script", None) is not None:
        return []
    workspace = workspace_here(options.root)
    return [] if workspace is None else [Member(*one) for one in workspace.members.items()]


def workspace_here(root: Path) -> Workspace | None:
    """The workspace with this root; None: it is none.

    :raises LocalError: ``workspace-virtual``: it has neither members nor a project; and see ``workspace_at``
    """
    try:
        text = (root / FILE_NAME).read_bytes()
    except OSError:  # the command will say so
        return None
    if b"workspace" not in text:
        return None
    from mvlock.project.workspace import check_is_project, workspace_at

    workspace = workspace_at(root)
    if workspace is not None and not workspace.members:
        check_is_project(root)
    return workspace


def _named(arguments: Namespace, options: Options) -> list[Member]:
    from packaging.utils import canonicalize_name

    from mvlock.project.workspace import workspace_around

    workspace = workspace_around(options.root)
    if workspace is None:
        hint = "to make one, list its members in [tool.mvlock.workspace] of a pyproject.toml in a folder above"
        raise LocalError("workspace-missing", f"--package: {options.root} is not in a workspace", hint=hint)
    names = list(dict.fromkeys(map(canonicalize_name, options.packages)))
    for name in names:
        if name not in workspace.members:
            text = f"--package: the workspace in {workspace.root} has no member '{name}'{workspace.names(near=name)}"
            raise LocalError("package-unknown", text)
    if len(names) > 1 and arguments.command not in FOR_ALL_MEMBERS:
        raise LocalError("usage", f"{arguments.command}: only one --package can be given")
    return [Member(name, workspace.members[name]) for name in names]

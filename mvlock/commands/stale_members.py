"""Members of a workspace whose locks an edit of one that they use has made stale."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mvlock.commands.amounts import listed
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context
from mvlock.errors import MvlockError
from mvlock.project.model import PathSource, Project
from mvlock.project.workspace import workspace_of

_MOST_NAMED = 3


def note_stale_members(project: Project, context: Context) -> None:
    """Name the members that use ``project`` and whose locks do not match any more, with the command for them."""
    workspace = workspace_of(project.root) if project.workspace is not None else None
    if workspace is None:
        return
    names = [name for name, folder in workspace.members.items() if _is_stale_user(folder, project, context)]
    if names:
        chosen = "".join(f" --package {name}" for name in names)
        command = f"`mvlock resolve{chosen}`" if len(names) <= _MOST_NAMED else f"`mvlock resolve` in {workspace.root}"
        text = f"{project.name} is used by {listed(names)}: their locks are stale now; {command} updates them"
        context.console.note(text)


def _is_stale_user(folder: Path, project: Project, context: Context) -> bool:
    """Whether the project in a folder uses another one from its folder, and has a lock that is not current."""
    with suppress(MvlockError):
        opened = open_project(context.options._replace(project=folder))
        sources = [source for source in opened.project.sources.values() if isinstance(source, PathSource)]
        is_user = any(source.path.resolve() == project.root for source in sources)
        return is_user and opened.lock is not None and opened.is_stale
    return False

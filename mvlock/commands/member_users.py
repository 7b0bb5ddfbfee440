"""Members of a workspace that an edit of one that they use is about: their locks are stale, or lack its alias."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from mvlock.commands.amounts import listed
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context
from mvlock.errors import MvlockError
from mvlock.operations.opened_project import OpenedProject
from mvlock.project.model import PathSource, Project
from mvlock.project.workspace import workspace_of

_Users = Sequence[tuple[str, OpenedProject]]
_MOST_NAMED = 3


def note_users(project: Project, alias: str | None, context: Context) -> None:
    """Note what an edit of ``project`` is about in the members that use it; ``alias``: one that was added."""
    users = list(_users(project, context))
    _note_stale_locks(project, users, context)
    if alias is not None:
        _note_users_without_alias(alias, project, users, context)


def _note_stale_locks(project: Project, users: _Users, context: Context) -> None:
    """Name the members whose locks do not match any more, with the command for them."""
    names = [name for name, user in users if _is_stale(user)]
    if names:
        chosen = "".join(f" --package {name}" for name in names)
        root = project.movable
        command = f"`mvlock resolve{chosen}`" if len(names) <= _MOST_NAMED else f"`mvlock resolve` in {root}"
        text = f"{project.name} is used by {listed(names)}: their locks are stale now; {command} updates them"
        context.console.note(text)


def _note_users_without_alias(alias: str, project: Project, users: _Users, context: Context) -> None:
    """Name the members that do not have the alias, which is for the project itself."""
    names = [name for name, user in users if not any(tree.alias == alias for tree in user.project.trees)]
    if names:
        context.console.note(
            f"{project.name} is used by {listed(names)}: aliases are of the project that is run, and {alias} is none "
            f"of theirs; add it there, too, if modules of {project.name} import it"
        )


def _is_stale(user: OpenedProject) -> bool:
    with suppress(MvlockError):
        return user.lock is not None and user.is_stale
    return False


def _users(project: Project, context: Context) -> Iterator[tuple[str, OpenedProject]]:
    """The members of the workspace that use a project from its folder; those that cannot be read are passed over."""
    workspace = workspace_of(project.root) if project.workspace is not None else None
    for name, folder in workspace.members.items() if workspace is not None else ():
        with suppress(MvlockError):
            opened = open_project(context.options._replace(project=folder))
            sources = (source for source in opened.project.sources.values() if isinstance(source, PathSource))
            if any(source.path.resolve() == project.root for source in sources):
                yield name, opened

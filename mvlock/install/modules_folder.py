"""The folder of the trees. It may be a link to another disk: then it says whose it is, for it serves one project.

In the project, it is ours by its place. Elsewhere there may be another project's trees, or anything.
"""

from __future__ import annotations

from pathlib import Path

from mvlock.base.folders import remove
from mvlock.errors import UsageError
from mvlock.install.receipts import read_trees

_OWNER = ".mvlock-project"
_IGNORE = ".gitignore"


def check_modules(modules: Path, project: Path) -> None:
    """Refuse a folder outside of the project whose trees are not the project's.

    :raises UsageError: ``folder-not-ours``
    """
    if _is_inside(modules, project) or not modules.is_dir() or _owner(modules) == str(project.resolve()):
        return
    if _owner(modules) or read_trees(modules):
        raise UsageError(
            "folder-not-ours",
            f"{modules} leads to {modules.resolve()}, where the trees of {_owner(modules) or 'another project'} are",
            hint=f"give each project a folder of its own; if this project was moved, delete {modules.resolve()}",
        )


def claim_modules(modules: Path, project: Path) -> None:
    """Make the folder if it is not there, for git not to see or with a note of whose it is."""
    modules.resolve().mkdir(parents=True, exist_ok=True)
    if not _is_inside(modules, project):
        (modules / _OWNER).write_text(f"{project.resolve()}\n", "utf-8")
    elif not (modules / _IGNORE).exists():
        (modules / _IGNORE).write_text("*\n", "utf-8")


def leave_modules(modules: Path) -> None:
    """Remove what ``claim_modules`` made if nothing came of it."""
    if not modules.is_dir():
        return
    names = [path.name for path in modules.iterdir()]
    if names == [_IGNORE] and not modules.is_symlink():
        remove(modules)
    elif names == [_OWNER]:
        (modules / _OWNER).unlink()


def _is_inside(modules: Path, project: Path) -> bool:
    return modules.resolve().is_relative_to(project.resolve())


def _owner(modules: Path) -> str:
    """The folder of the project whose trees these are; "" if that is not told."""
    try:
        return (modules / _OWNER).read_text("utf-8").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""

"""The folder of the trees. It may be a link to another disk; then a note in it names the one project that it serves.

Inside the project, it is ours by its location. Elsewhere it may hold another project's trees, or anything.
"""

from __future__ import annotations

from pathlib import Path

from mvlock.base.folders import remove
from mvlock.errors import LocalError
from mvlock.install.generated_folders import has_only_trees
from mvlock.install.receipts import read_trees

_OWNER = ".mvlock-project"
_IGNORE = ".gitignore"


def check_modules(modules: Path, project: Path) -> None:
    """Refuse a folder outside the project whose trees belong to something else.

    :raises LocalError: ``folder-not-ours``
    """
    if _is_inside(modules, project) or not modules.is_dir() or _owner(modules) == str(project.resolve()):
        return
    if _owner(modules) or read_trees(modules):
        raise LocalError(
            "folder-not-ours",
            f"{modules} leads to {modules.resolve()}, where the trees of {_owner(modules) or 'another project'} are",
            hint=f"give each project a folder of its own; if this project was moved, delete {modules.resolve()}",
        )


def create_modules(modules: Path, project: Path) -> None:
    """Create the folder if it does not exist: ignored by git, or with a note that names its project.

    One that has files of somebody else is not ignored.
    """
    modules.resolve().mkdir(parents=True, exist_ok=True)
    if not _is_inside(modules, project):
        (modules / _OWNER).write_text(f"{project.resolve()}\n", "utf-8")
    elif not (modules / _IGNORE).exists() and has_only_trees(modules):
        (modules / _IGNORE).write_text("*\n", "utf-8")


def remove_unused_modules(modules: Path) -> None:
    """Remove what ``create_modules`` made if it was not used."""
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
    """The folder of the project that these trees belong to; "" if there is no note."""
    try:
        return (modules / _OWNER).read_text("utf-8").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""

"""The folders that installs generate: whether they are ours, or what is there belongs to somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mvlock.errors import LocalError
from mvlock.install.receipts import read_receipt, read_trees
from mvlock.install.up_to_date import RECORD_FILE
from mvlock.plan.receipt import TREE_RECEIPT
from mvlock.project.model import Project

_NAMES = {"app": ("app", ".venv", "mvlock_app"), "modules": ("py_modules", "mvlock_modules")}
"""The usual name of each, and those to use if there is something else of that name."""
_ENVIRONMENT = "pyvenv.cfg"


def is_ours(folder: Path) -> bool:
    """Whether we made ``folder``, or it is empty or absent."""
    if not folder.exists() and not folder.is_symlink():
        return True
    if folder.is_symlink() or not folder.is_dir():
        return False
    return (folder / TREE_RECEIPT).is_file() or next(folder.iterdir(), None) is None


def has_only_trees(modules: Path) -> bool:
    """Whether a folder holds nothing but trees that we made, or is absent."""
    if not modules.exists():
        return True
    trees = read_trees(modules)
    return modules.is_dir() and all(path.name in trees or path.name.startswith(".") for path in modules.iterdir())


def other_folders(root: Path) -> Mapping[str, str]:
    """For each generated folder whose usual name is taken by something else in ``root``: its key, and a free name."""
    return {key: free_folder(root, key) for key, (usual, *_) in _NAMES.items() if not _IS_FREE[key](root / usual)}


def free_folder(root: Path, key: str) -> str:
    """A folder that an install may use in ``root``."""
    return next((name for name in _NAMES[key] if _IS_FREE[key](root / name)), f"{_NAMES[key][-1]}_2")


_IS_FREE = {"app": is_ours, "modules": has_only_trees}


def check_application_folder(project: Project) -> None:
    """Refuse a project whose application's environment would replace something that we did not make.

    :raises LocalError: ``folder-not-ours``
    """
    check_ours(project.home / project.app, project.home, "app")


def check_ours(folder: Path, home: Path, key: str) -> None:
    """Refuse to replace something that we did not make; ``key`` says in [tool.mvlock] where the folder is.

    :raises LocalError: ``folder-not-ours``
    """
    if is_ours(folder):
        return
    name, hint = folder.relative_to(home).as_posix(), f'write `{key} = "{free_folder(home, key)}"` in [tool.mvlock]'
    if (folder / _ENVIRONMENT).is_file() and not folder.is_symlink():
        text = f"{name}/ is an environment that mvlock did not make: it has no {TREE_RECEIPT}"
        hint = f"{hint} for a folder of mvlock's own; or, if nothing else uses {name}/, delete that and install again"
    else:
        text = f"{name} was not made by mvlock, and stays as it is"
        hint = f"{hint}: then mvlock installs there"
    raise LocalError("folder-not-ours", text, hint=hint)


def unused_folders(project: Project) -> Iterator[str]:
    """Folders of earlier installs under other names than the project has now."""
    for folder in sorted(path for path in project.home.iterdir() if path.is_dir() and not path.is_symlink()):
        receipt = read_receipt(folder)
        is_app = receipt is not None and not receipt.tree
        if (is_app and folder.name != project.app) or (
            (folder / RECORD_FILE).is_file() and folder.name != project.modules
        ):
            yield folder.name

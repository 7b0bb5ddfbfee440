"""What is a module of the application itself. No alias may have its name: the alias would be imported instead."""

from __future__ import annotations

from pathlib import Path

from packaging.utils import canonicalize_name

from mvlock.errors import LocalError
from mvlock.project.model import Project, TreeRequest

_ENDINGS = (".py", ".so", ".pyd")
_CONTENT = ("*.py", "*.so", "*.pyd", "*/__init__.py")
"""What makes a folder a package; with or without ``__init__.py`` (PEP 420)."""
_OTHERS = ("pyvenv.cfg", "pyproject.toml", "setup.py")
"""Files of a folder that is an environment or a project of its own."""


def is_module_file(name: str) -> bool:
    """Whether a file of this name can be imported."""
    return name.endswith(_ENDINGS)


def is_of_others(folder: Path) -> bool:
    """Whether a folder is an environment, or a project of its own."""
    return any((folder / name).exists() for name in _OTHERS)


def check_alias_names(project: Project) -> None:
    """Check that no alias is a module in the folders of the project's code, or the project itself.

    :raises LocalError: ``import-name-taken``
    """
    for tree in project.trees:
        own = _own_module(project, tree.alias) if tree.alias is not None else None
        if own is not None:
            raise _taken(tree, own)


def _own_module(project: Project, name: str) -> str | None:
    """The project's own module of a name, for a message."""
    for folder in dict.fromkeys((*project.source_folders, ".")):
        for path in sorted((project.root / folder).glob(f"{name}*")):
            if path.name.partition(".")[0] == name and (is_module_file(path.name) or _is_package(path)):
                return f"{path.relative_to(project.root).as_posix()}{'/' if path.is_dir() else ''} of the project"
    is_project = project.is_package and canonicalize_name(name) == canonicalize_name(project.name)
    return "the project itself" if is_project else None


def _is_package(path: Path) -> bool:
    return not is_of_others(path) and any(next(path.glob(pattern), None) for pattern in _CONTENT)


def _taken(tree: TreeRequest, own: str) -> LocalError:
    required = ", ".join(map(str, tree.requirements))
    return LocalError(
        "import-name-taken",
        f"`import {tree.alias}` could mean alias {tree.alias} ({required}) or {own}",
        hint="give the alias another name",
        facts={"name": tree.alias, "own": own},
    )

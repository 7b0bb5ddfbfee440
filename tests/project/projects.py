"""A project of one test: the text of pyproject.toml, and the project or error that it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.errors import LocalError
from mvlock.project.load import load_project
from mvlock.project.model import Project, TreeRequest

HEAD = '[project]\nname = "my-app"\n'


def load(folder: Path, text: str = "", head: str = HEAD) -> Project:
    """The project of ``head`` and ``text``; ``head`` leaves ``[project]`` open for more keys."""
    (folder / "pyproject.toml").write_text(head + text, encoding="utf-8")
    return load_project(folder)


def tree(project: Project, name: str) -> TreeRequest:
    """The tree of this name."""
    return next(found for found in project.trees if found.name == name)


def requirement_texts(found: TreeRequest) -> list[str]:
    """The requirements of a tree, as text."""
    return [str(requirement) for requirement in found.requirements]


def origins(found: TreeRequest) -> tuple[str, ...]:
    """Where that is written."""
    return tuple(str(line.origin) for line in found.requirements)


def problems(folder: Path, text: str, head: str = HEAD) -> list[str]:
    """The lines of the refusal, without the name of the file."""
    with pytest.raises(LocalError) as caught:
        load(folder, text, head)
    assert caught.value.exit_code == 2
    return [line.removeprefix("pyproject.toml: ") for line in caught.value.message.splitlines()]

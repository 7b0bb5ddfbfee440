"""Projects that are read at once if nothing has changed since they were last read."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import astuple

from mvlock.base.freshness import content_hash, paths_above
from mvlock.base.parsed import hash_of_inputs, read_parsed, write_parsed
from mvlock.project.document import read_text
from mvlock.project.folders import has_src
from mvlock.project.location import FILE_NAME
from mvlock.project.model import Project


def read_project(directory: Path, cache: Path) -> Project:
    """The project whose pyproject.toml lies in ``directory``: as ``load_project``, and at once if that is known.

    :raises LocalError: see ``load_project``
    """
    root = directory.resolve()
    file = root / FILE_NAME
    text = read_text(file)
    workspaces = map(content_hash, paths_above(root, FILE_NAME))
    inputs = hash_of_inputs(root, has_src(root), text, *workspaces)
    return read_parsed(cache, file, inputs, Project) or _load(file, text, cache, inputs)


def _load(file: Path, text: str, cache: Path, inputs: str) -> Project:
    from mvlock.project.load import load_project

    project = load_project(file.parent, text=text)
    # Whether a source on the disk exists, and as what, is part of the answer, and so is what the members of a workspace
    # are called: such a project is read every time.
    values = (value for source in project.sources.values() for value in astuple(source))
    if project.workspace is None and not any(isinstance(value, Path) for value in values):
        write_parsed(cache, file, inputs, project)
    return project

"""Plays a story and returns what was printed."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

from mvlock.commands import main
from tests.refusals.page import neutral
from tests.refusals.story import Story
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


def play(story: Story, folder: Path) -> tuple[int, str, str]:
    """The exit code, the error's code, and what people read."""
    with LocalIndex() as index:
        root = folder / "my_app"
        root.mkdir(parents=True)
        project = ProjectFolder(root, folder / "cache", index)
        project.write(story.dependencies, python=story.python, tool=story.tool, project=story.project)
        story.world(index, project)
        for command in story.before:
            _run(project, command)
        story.after(index, project)
        code, _, text = _run(project, story.command)
        error_code = _code(project, story)
    return code, error_code, neutral(text, {f"{root}/": "", str(root): "my_app"})


def _code(project: ProjectFolder, story: Story) -> str:
    _, out, _ = _run(project, (*story.command, "--json")) if story.command[0] == "resolve" else (0, "", "")
    return str(json.loads(out)["error"]["code"]) if out else story.code


def _run(project: ProjectFolder, command: tuple[str, ...]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    place = ("--project", str(project.root), "--cache-dir", str(project.cache), "--no-progress", "--color", "never")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*place, *command])
    return code, out.getvalue(), err.getvalue()

"""Plays a story and returns what was printed."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from mvlock.commands import execute, main
from mvlock.commands.console import Console
from mvlock.errors import MvlockError
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
        code, text = _run(project, story.command)
        error_code = _code(project, story.command)
    return code, error_code, neutral(text, {f"{root}/": "", str(root): "my_app"})


def _run(project: ProjectFolder, command: tuple[str, ...]) -> tuple[int, str]:
    with _quiet() as said:
        code = main(_line(project, command))
    return code, said.getvalue()


def _code(project: ProjectFolder, command: tuple[str, ...]) -> str:
    """The code of the error, which most commands do not print: what the command ends with before it is told."""
    console = Console()
    try:
        with _quiet():
            execute(_line(project, command), console)
    except MvlockError as error:
        return error.code
    finally:
        console.close()
    return "none"


def _line(project: ProjectFolder, command: tuple[str, ...]) -> list[str]:
    place = ("--project", str(project.root), "--cache-dir", str(project.cache), "--no-progress", "--color", "never")
    return [*place, *command]


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    """Nothing reaches the terminal; gives what goes to standard error."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
        yield said

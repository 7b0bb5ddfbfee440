"""Plays a story and returns what was printed."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from mvlock.commands import execute, main
from mvlock.commands.console import Console
from mvlock.errors import MvlockError
from mvlock.resolver.target import host_target
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
            code, text = _run(project, command)
            assert code == 0, f"`mvlock {' '.join(command)}` comes before: {text}"
        story.after(index, project)
        code, text = _run(project, story.command)
        error_code = _code(project, story.command)
    places = {f"{root}/": "", str(root): "my_app"}
    return code, error_code, neutral(text, places if story.command[0] == "resolve" else places | _this_machine())


def _this_machine() -> dict[str, str]:
    """What an install says of the Python that runs this, and what the page says for it."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {host_target().name: "Python 3.11 on linux-x86_64", f"/python{version}/": "/python3.11/"}


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

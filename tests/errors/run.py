"""Runs a scenario and returns what was printed."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from mvlock.commands import execute, main
from mvlock.commands.console import Console
from mvlock.errors import MvlockError
from mvlock.resolver.target import machine_target
from tests.errors.page import without_machine_details
from tests.errors.scenario import Scenario
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


def run_scenario(scenario: Scenario, folder: Path) -> tuple[int, str, str]:
    """The exit code, the error's code, and the printed text."""
    with LocalIndex() as index:
        root = folder / "my_app"
        root.mkdir(parents=True)
        project = ProjectFolder(root, folder / "cache", index)
        project.write(scenario.dependencies, python=scenario.python, tool=scenario.tool, project=scenario.project)
        scenario.setup(index, project)
        for command in scenario.before:
            code, text = _run(project, command)
            assert code == 0, f"`mvlock {' '.join(command)}` comes before: {text}"
        scenario.after(index, project)
        code, text = _run(project, scenario.command)
        error_code = _code(project, scenario.command)
    places = {f"{root}/": "", str(root): "my_app"}
    if scenario.command[0] != "resolve":
        places |= _this_machine()
    return code, error_code, without_machine_details(text, places)


def _this_machine() -> dict[str, str]:
    """What an install prints about this machine, with what the page has instead."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {machine_target().name: "Python 3.11 on linux-x86_64", f"/python{version}/": "/python3.11/"}


def _run(project: ProjectFolder, command: tuple[str, ...]) -> tuple[int, str]:
    with _quiet() as stderr:
        code = main(_line(project, command))
    return code, stderr.getvalue()


def _code(project: ProjectFolder, command: tuple[str, ...]) -> str:
    """The code of the error, which most commands do not print: that of the exception that ends the command."""
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
    return [*place, *(str(project.root / word) if word.endswith(".py") else word for word in command)]


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    """Capture standard output and error; gives the latter."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as stderr:
        yield stderr

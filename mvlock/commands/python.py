"""The Python that a project's trees are for."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet

from mvlock.commands.options import Shell
from mvlock.interpreter import Interpreter, Search, find_interpreter
from mvlock.project.model import Project


def interpreter_of(project: Project, wanted: str | None, shell: Shell) -> Interpreter:
    """The interpreter that the project's trees are for.

    :raises UsageError: ``python-missing``
    """
    admitted = SpecifierSet(str(project.requires_python))
    found = find_interpreter(admitted, wanted, search=Search(cache=shell.options.cache))
    shell.console.detail(f"Python {found.version} at {found.path}")
    return found

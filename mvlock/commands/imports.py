"""What the application imports without declaring it, for the commands that report it."""

from __future__ import annotations

from mvlock.importmap.file import installed_map
from mvlock.install.application_imports import application_imports
from mvlock.install.undeclared import Undeclared, undeclared
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.query import standard_library
from mvlock.lock.model import Lock
from mvlock.project.model import Project


def undeclared_imports(project: Project, lock: Lock, interpreter: Interpreter) -> list[Undeclared]:
    """The undeclared imports of the application as it is installed; none without an import map."""
    value = installed_map(project.root / project.app)
    if value is None:
        return []
    return undeclared(application_imports(project), value, lock, standard_library(interpreter))

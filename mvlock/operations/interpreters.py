"""The Python that a project's trees are for."""

from __future__ import annotations

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from mvlock.errors import LocalError, UnmetRequest
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.lock.model import Lock
from mvlock.operations.machine import Machine
from mvlock.project.model import Project
from mvlock.resolver.target import bounded, minors_for, newest_locked


def interpreter_for(project: Project, lock: Lock, wanted: str | None, machine: Machine) -> Interpreter:
    """The interpreter to install the trees of ``lock`` for; the lock must have an environment for it.

    :raises LocalError: ``python-missing``
    :raises UnmetRequest: ``python-not-locked``: there is one, but the lock was not made for it
    """
    locked = locked_pythons(project.requires_python, lock)
    try:
        return _find(locked, wanted, machine)
    except LocalError as missing:
        if missing.code != "python-missing":
            raise
    other = _find(project.requires_python, wanted, machine)
    raise UnmetRequest(
        "python-not-locked",
        f"the lock is for Python {locked_pythons(SpecifierSet(), lock)}, this is {other.version}",
        hint=f"run `mvlock resolve --python {wanted or other.minor}` to lock for it too",
        facts={"locked": str(locked), "python": other.version},
    )


def locked_pythons(requires_python: SpecifierSet, lock: Lock) -> SpecifierSet:
    """The Pythons that ``requires_python`` allows and a lock has environments for."""
    pythons = SpecifierSet(lock.requires_python)
    newest = newest_locked(pythons)
    found = SpecifierSet(str(requires_python)) & bounded(pythons, newest)
    if not any("python" in text for text in lock.environments):
        return found
    locked = minors_for(found, map(Marker, lock.environments), newest=newest)
    others = minors_for(found, newest=newest) - locked
    return found & SpecifierSet(",".join(f"!={minor}.*" for minor in sorted(others)))


def interpreter_of(project: Project, wanted: str | None, machine: Machine) -> Interpreter:
    """The interpreter that the project's trees are for.

    :raises LocalError: ``python-missing``
    """
    return _find(project.requires_python, wanted, machine)


def _find(requires_python: SpecifierSet, wanted: str | None, machine: Machine) -> Interpreter:
    with machine.reporter.task("Looking", item="for a Python"):
        found = find_interpreter(requires_python, wanted, search=Search(cache=machine.cache))
    machine.reporter.detail(f"Python {found.version} at {found.path}")
    return found

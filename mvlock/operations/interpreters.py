"""The Python that a project's trees are for.

It is the one that the command line or ``MVLOCK_PYTHON`` names; else that of ``.python-version``; else that of what is
installed; else the first one that is found (see ``find_interpreter``): of all, the first that is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from mvlock.errors import LocalError, UnmetRequest
from mvlock.install.receipts import read_receipt, read_trees
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.pinned import pinned_version
from mvlock.interpreter.search import Search, find_interpreter
from mvlock.interpreter.version_file import VERSION_FILE
from mvlock.lock.model import Lock
from mvlock.operations.machine import Machine
from mvlock.plan.receipt import TreeReceipt
from mvlock.project.model import Project
from mvlock.resolver.target import bounded, minors_for, newest_locked


def interpreter_for(project: Project, lock: Lock, wanted: str | None, machine: Machine) -> Interpreter:
    """The interpreter to install the trees of ``lock`` for; the lock must have an environment for it.

    :raises LocalError: ``python-missing``
    :raises UnmetRequest: ``python-not-locked``: there is one, but the lock was not made for it
    """
    try:
        found = interpreter_of(project, wanted, machine, lock)
    except LocalError as missing:
        if missing.code != "python-missing":
            raise
    else:
        if wanted is None:
            _report_unmet_pin(project, found, machine)
        return found
    other = interpreter_of(project, wanted, machine)
    raise UnmetRequest(
        "python-not-locked",
        f"the lock is for Python {locked_pythons(SpecifierSet(), lock)}, and this is Python {other.version}",
        hint=f"run `mvlock resolve --python {wanted or other.minor}` to lock for it too",
        facts={"locked": str(locked_pythons(project.requires_python, lock)), "python": other.version},
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


def interpreter_of(project: Project, wanted: str | None, machine: Machine, lock: Lock | None = None) -> Interpreter:
    """The interpreter that the project's trees are for, of those that ``lock`` is for, if there is one.

    :raises LocalError: ``python-missing``
    """
    allowed = project.requires_python
    return _find(project, allowed if lock is None else locked_pythons(allowed, lock), wanted, machine)


def _find(project: Project, allowed: SpecifierSet, wanted: str | None, machine: Machine) -> Interpreter:
    with machine.reporter.task("Looking", item="for a Python"):
        found = _first_found(project, allowed, wanted, Search(cache=machine.cache))
    machine.reporter.detail(f"Python {found.version} at {found.path}")
    return found


def _first_found(project: Project, allowed: SpecifierSet, wanted: str | None, search: Search) -> Interpreter:
    """The requested one; else that of the project's file, that of what is installed, any: the first that is allowed."""
    if wanted is None:
        for preferred in filter(None, (_pinned(project), _installed_python(project))):
            with suppress(LocalError):
                return find_interpreter(allowed, preferred, search=search)
    return find_interpreter(allowed, wanted, search=search)


def _pinned(project: Project) -> str | None:
    """What the file of the project says, or that of its workspace."""
    root = project.root.resolve()
    return pinned_version(root, (root / (project.workspace or ".")).resolve())


def _installed_python(project: Project) -> str | None:
    """The path of the interpreter of what is installed; an environment in the cache is for that of its project."""
    homes = [project.home] if project.is_script else [project.root, project.home]
    receipt = next((found for home in homes for found in _receipts(project, home) if found is not None), None)
    return receipt.python.partition(" at ")[2] if receipt is not None else None


def _receipts(project: Project, home: Path) -> Iterator[TreeReceipt | None]:
    """Of the application, then of the trees, which are read only if it has none."""
    yield read_receipt(home / project.app)
    yield from read_trees(home / project.modules).values()


def _report_unmet_pin(project: Project, found: Interpreter, machine: Machine) -> None:
    pinned = _pinned(project)
    if pinned is not None and not f"{found.version}.".startswith(f"{pinned}."):
        text = f"{VERSION_FILE} asks for Python {pinned}, and none that fits requires-python and mv.lock was found"
        machine.reporter.note(f"{text}: {found.version} is used")

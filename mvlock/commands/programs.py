"""Programs that a command line names and the application's environment does not have."""

from __future__ import annotations

import os
from pathlib import Path

from mvlock.errors import LocalError


def program_elsewhere(program: str, scripts: Path, path: str) -> str | None:
    """Where a program on PATH is that belongs to another Python, and so does not see the project's trees; else None.

    ``scripts``: the folder of the application's own. Programs that are not for Python are the same everywhere.
    """
    if os.path.dirname(program) or program.startswith("python") or (scripts / program).exists():  # noqa: PTH120 - as typed
        return None
    from shutil import which

    found = which(program, path=path)
    return found if found is not None and _is_of_python(Path(found)) else None


def _is_of_python(file: Path) -> bool:
    """Whether it is a script for Python, or stands for one (pyenv's do)."""
    if file.parent.name == "shims" and "pyenv" in file.parent.parent.name:
        return True
    try:
        with file.open("rb") as opened:
            first = opened.readline(500)
    except OSError:
        return False
    return first.startswith(b"#!") and b"python" in first


def missing_program(program: str, scripts: Path, path: str) -> LocalError:
    """The error for a program that could not be run because a file is missing."""
    from shutil import which

    from mvlock.project.problem import did_you_mean

    if which(program, path=path):
        return LocalError("command-missing", f"'{program}' cannot be run: the interpreter in its first line is missing")
    if Path(program).is_file():
        return _no_program(program, "it is not a program")
    if os.path.dirname(program):  # noqa: PTH120 - as typed, not as a path
        return LocalError("command-missing", f"there is no program '{program}'")
    where = f"neither in {scripts.parent.name}/{scripts.name} nor on PATH"
    names = sorted(entry.name for entry in scripts.iterdir())
    return LocalError("command-missing", f"there is no program '{program}', {where}{did_you_mean(program, names)}")


def no_program(program: str, error: OSError) -> LocalError:
    """The error for a program that the operating system refuses to run."""
    return _no_program(program, error.strerror or str(error))


def _no_program(program: str, reason: str) -> LocalError:
    hint = None
    if program.endswith(".ipynb"):
        hint = f"`mvlock run jupyter execute {program}` runs a notebook"
    elif Path(program).is_file():
        hint = f"`mvlock run python {program}` runs a file of Python; for others, name the program that opens it"
    return LocalError("command-missing", f"'{program}' cannot be run: {reason}", hint=hint)

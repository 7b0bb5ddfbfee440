"""Finding the Python that trees are made for.

Places are searched in a fixed order, newest version first in each: the requested one; the interpreter that runs
mvlock; ``python3.X`` on PATH; pyenv's versions; the siblings of the running interpreter (pyenv and uv both keep
versions side by side). The result is always a base interpreter, never that of a virtual environment, which may be
removed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from mvlock.errors import LocalError
from mvlock.interpreter import probe
from mvlock.interpreter.model import Interpreter
from mvlock.interpreter.query import query_interpreter

OLDEST = Version("3.10")
_NEWEST_MINOR = 30
_REQUESTED_VERSION = re.compile(r"(?:cpython-?|python)?(\d+(?:\.\d+){0,2})")
_EXCLUDED = "does not satisfy requires-python"
_FREE_THREADED = "is free-threaded: several versions in one process need the GIL"


class Search(msgspec.Struct, frozen=True):
    """Where to look, besides the requested interpreter.

    ``path`` is the text of PATH; without ``cache`` nothing is cached. ``running`` False excludes the running Python.
    """

    path: str = msgspec.field(default_factory=lambda: os.environ.get("PATH", ""))
    pyenv_root: Path = msgspec.field(
        default_factory=lambda: Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    )
    siblings_of: Path = msgspec.field(default_factory=lambda: Path(sys.base_prefix))
    running: bool = True
    cache: Path | None = None


class _Candidate(msgspec.Struct, frozen=True):
    """A candidate: its path, and its version if the name of its folder says it."""

    path: Path
    version: Version | None = None


def find_interpreter(
    requires_python: SpecifierSet, wanted: str | None = None, *, search: Search | None = None
) -> Interpreter:
    """The first interpreter that ``requires_python`` allows; ``wanted`` is ``3.12``, a path or a command.

    :raises LocalError: ``python-missing``; lists what was found and why each does not fit
    """
    search = search or Search()
    requested = _REQUESTED_VERSION.fullmatch(wanted) if wanted is not None else None
    wanted = requested[1] if requested else wanted
    seen: dict[Path, str] = {}
    for candidate in _candidates(wanted, search):
        real = candidate.path.resolve()
        if real in seen:
            continue
        seen[real] = _version_rejection(candidate.version, requires_python, wanted) if candidate.version else ""
        if seen[real]:
            continue
        queried = query_interpreter(candidate.path, search.cache)
        seen[real] = queried if isinstance(queried, str) else _rejection(queried, requires_python, wanted)
        if isinstance(queried, Interpreter) and not seen[real]:
            return queried
    raise _not_found(requires_python, wanted, seen)


def _candidates(wanted: str | None, search: Search) -> Iterator[_Candidate]:
    if wanted is not None and not _REQUESTED_VERSION.fullmatch(wanted):
        yield from _requested(wanted, search)
        return
    if search.running:
        yield _Candidate(Path(probe.base_executable()))
    yield from _on_path(search)
    yield from _versioned_folders(search.pyenv_root / "versions")
    yield from _versioned_folders(search.siblings_of.parent)


def _requested(wanted: str, search: Search) -> Iterator[_Candidate]:
    """A file, the folder of an environment, or a command on PATH."""
    path = Path(wanted).expanduser()
    if path.is_dir():
        yield from (_Candidate(path / name) for name in _EXECUTABLES if (path / name).exists())
    elif path.exists():
        yield _Candidate(path.absolute())
    elif os.sep not in wanted:
        folders = map(Path, search.path.split(os.pathsep))
        yield from (_Candidate(folder / wanted) for folder in folders if (folder / wanted).is_file())


_EXECUTABLES = ("bin/python3", "bin/python", "python.exe", "Scripts/python.exe")


def _on_path(search: Search) -> Iterator[_Candidate]:
    """``python3.X``, newest first. Shims of pyenv are skipped, since its versions are searched anyway."""
    folders = [Path(folder) for folder in search.path.split(os.pathsep) if folder]
    folders = [folder for folder in folders if folder != search.pyenv_root / "shims"]
    for minor in range(_NEWEST_MINOR, OLDEST.minor - 1, -1):
        for folder in folders:
            path = folder / f"python3.{minor}"
            if path.is_file() and os.access(path, os.X_OK):
                yield _Candidate(path)


def _versioned_folders(folder: Path) -> Iterator[_Candidate]:
    """Installations in folders named after their versions (``3.12.1``, ``cpython-3.12.1-linux-…``)."""
    found = [(version, path) for path in _folders(folder) if (version := _version_in(path.name)) is not None]
    for version, path in sorted(found, reverse=True):
        for name in (f"bin/python3.{version.minor}", "python.exe"):
            if (path / name).is_file():
                yield _Candidate(path / name, version)


def _folders(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    return []


def _version_in(name: str) -> Version | None:
    found = re.fullmatch(r"(?:cpython-)?(\d+\.\d+\.\d+\w*)(?:-.*)?", name)
    try:
        return Version(found[1]) if found else None
    except InvalidVersion:
        return None


def _rejection(found: Interpreter, requires_python: SpecifierSet, wanted: str | None) -> str:
    """Why the interpreter cannot be used, or ""."""
    if found.implementation != "cpython":
        return f"is {found.implementation}, not CPython"
    if found.is_free_threaded:
        return f"{found.version} {_FREE_THREADED}"
    return _version_rejection(Version(found.version), requires_python, wanted)


def _version_rejection(version: Version, requires_python: SpecifierSet, wanted: str | None) -> str:
    if version < OLDEST:
        return f"{version}: mvlock needs Python {OLDEST} or newer"
    if wanted and _REQUESTED_VERSION.fullmatch(wanted) and not f"{version}.".startswith(f"{wanted}."):
        return f"{version} is not {wanted}"
    if not requires_python.contains(version, prereleases=True):
        return f"{version} {_EXCLUDED} '{requires_python}'"
    return ""


def _not_found(requires_python: SpecifierSet, wanted: str | None, seen: Mapping[Path, str]) -> LocalError:
    requested = f"Python '{wanted}'" if wanted else f"a Python that satisfies requires-python '{requires_python}'"
    lines = [f"  {path}: {reason}" for path, reason in seen.items()]
    hint = "install one, or name one with `--python PATH`"
    verdict = f"{requested} was not found" + ("; examined:" if lines else "")
    if any(_FREE_THREADED in reason for reason in seen.values()):
        hint = "install, or name with `--python PATH`, one of the same version that is built with the GIL"
    if wanted and lines and not _REQUESTED_VERSION.fullmatch(wanted):
        verdict = f"'{wanted}' was found, but cannot be used here"
    excluded = [line for line in lines if wanted and _EXCLUDED in line]
    if excluded:
        verdict, lines = f"Python '{wanted}' was found, but this project excludes it", excluded
        hint = "change requires-python in pyproject.toml so that it allows this Python, or name another one"
    return LocalError(
        "python-missing",
        "\n".join([verdict, *lines]),
        hint=hint,
        facts={"wanted": wanted, "found": {str(path): reason for path, reason in seen.items()}},
    )

"""Finds the map of a project for a host that gives the project's folder, which has ``mv.lock`` and ``app/``.

A host is a program that ``app/bin/python`` cannot start (an editor, a notebook server, an application that embeds
Python). It runs in its own environment with its own Python, which must have the version that the trees are for: they
contain compiled code and bytecode.
"""

from __future__ import annotations

import os
import sys

from importshim._active import InterpreterError
from importshim._map import MapError

_APP = "app"
_IN_SITE = os.path.join("site-packages", "importshim", "import_map.json")
_LIBRARY = "Lib" if os.name == "nt" else "lib"
_SETTINGS = "pyvenv.cfg"


def find_map(path: str) -> str:
    """The absolute path of the map that ``path`` means: itself, or that of a project's folder, or of its ``app/``.

    :raises MapError: there is no such folder, or no project is installed there
    :raises InterpreterError: it is installed for another version of Python
    """
    path = os.path.abspath(path)
    if not os.path.isdir(path):
        if not os.path.exists(path) and not path.endswith(".json"):
            raise MapError(f"{path} is missing; name the folder of a project, where mv.lock and app/ are")
        return path
    for environment in (os.path.join(path, _APP), path):
        found = _maps(environment)
        if found:
            return _map_for_this_python(path, environment, found)
    raise MapError(f"{path} has no installed project; run `mvlock install` there")


def _maps(environment: str) -> dict[str, str]:
    """Version of Python, as ``3.11``, to the map in an application's environment."""
    library = os.path.join(environment, _LIBRARY)
    if os.name == "nt":
        candidates = {_version_in_settings(environment): os.path.join(library, _IN_SITE)}
    else:
        names = sorted(os.listdir(library)) if os.path.isdir(library) else []
        candidates = {name[6:]: os.path.join(library, name, _IN_SITE) for name in names if name.startswith("python")}
    return {version: map_path for version, map_path in candidates.items() if os.path.isfile(map_path)}


def _version_in_settings(environment: str) -> str:
    """The version in ``pyvenv.cfg`` (PEP 405), ``3.11`` of ``3.11.4``."""
    try:
        with open(os.path.join(environment, _SETTINGS), encoding="utf-8") as file:
            pairs = [line.partition("=") for line in file]
    except OSError:
        return ""
    versions = [value.strip() for key, _, value in pairs if key.strip() in ("version", "version_info")]
    return ".".join(versions[0].split(".")[:2]) if versions else ""


def _map_for_this_python(path: str, environment: str, found: dict[str, str]) -> str:
    """The map for this Python."""
    mine = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if mine not in found:
        raise InterpreterError(
            f"{path} is installed for Python {', '.join(sorted(found))}, and this is Python {mine}; "
            f"run `mvlock install --python {mine}` there, or start this program with the Python of {environment}"
        )
    return found[mine]

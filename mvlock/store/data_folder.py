"""The ``.data`` folder of a wheel: its files go to other places of an environment (PEP 427, "The .data directory")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mvlock.base.wheel_paths import below_site_packages
from mvlock.store import guard
from mvlock.store.scripts import is_reserved

_SCHEMES = {"purelib", "platlib", "headers", "scripts", "data"}
_OWN_FILES = {"pyvenv.cfg", ".mvlock.json"}
_SCRIPTS = {"bin", "scripts"}
_SITE_PACKAGES = r"lib(64)?/(python3\.\d+t?/)?site-packages"
_FOLDER = re.compile(rf"bin|scripts|include|lib|lib64|lib(64)?/python3\.\d+t?|{_SITE_PACKAGES}", re.IGNORECASE)
"""What every environment has as a folder, whatever its Python and platform."""
_IN_SITE_PACKAGES = re.compile(rf"{_SITE_PACKAGES}/(?P<below>.+)", re.IGNORECASE)


def data_problems(names: Iterable[str], data: str, info: str) -> list[str]:
    """Why the files of a wheel must not be put where its ``data`` folder says; ``info`` is its .dist-info folder."""
    files = [name for name in names if not name.endswith("/")]
    inside = [name for name in files if name.startswith(f"{data}/")]
    if not inside:
        return []
    found = [problem for name in inside if (problem := _problem(name, data, info))]
    return found or guard.collisions((_place(name, data), name) for name in files)


def _problem(name: str, data: str, info: str) -> str | None:
    _, scheme, *path = name.split("/")
    if scheme not in _SCHEMES or not path:
        return f"{name!r} is in no known scheme"
    if _is_reserved(scheme, path):
        return f"{name!r} would replace part of the environment"
    if _place(name, data).casefold().startswith(f"{info}/".casefold()):
        return f"{name!r} would change the wheel's own metadata"
    return None


def _is_reserved(scheme: str, path: list[str]) -> bool:
    """Whether a file would replace what makes the environment work."""
    if scheme == "scripts":
        return is_reserved(path[0])
    if scheme != "data":
        return False
    top = path[0].lower()
    is_script = top in _SCRIPTS and len(path) > 1 and is_reserved(path[1])
    return top in _OWN_FILES or is_script or _FOLDER.fullmatch("/".join(path)) is not None


def _place(name: str, data: str) -> str:
    """Where a file goes, relative to site-packages; two files must not have the same place."""
    below = below_site_packages(name, data)
    if below is not None:
        return below
    _, scheme, path = name.split("/", 2)
    inside = _IN_SITE_PACKAGES.fullmatch(path) if scheme == "data" else None
    return inside["below"] if inside else f"../{'bin/' if scheme == 'scripts' else ''}{path}"

"""The CPython versions of this machine that the runtime's tests run on; a missing one is skipped with a message."""

from __future__ import annotations

import os
import re
import shutil
import sys
from functools import cache
from pathlib import Path

import pytest

WANTED = ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
_FOLDER = "MVLOCK_TEST_PYTHONS"
"""The variable that names a folder whose ``bin`` has ``python3.X``; without it, ``.pythons`` of the repository."""
_REPOSITORY = Path(__file__).resolve().parents[2]


@cache
def find(version: str) -> Path | None:
    """The interpreter of ``version`` (``3.12``): the running one, one of the folder of newer ones
    (``tests/newer_pythons.py``), pyenv's, a sibling of the running one, PATH.
    """
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    newer = Path(os.environ.get(_FOLDER) or _REPOSITORY / ".pythons") / "bin" / f"python{version}"
    if newer.exists():
        return newer
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders = [*_versions(root, version), *_versions(Path(sys.base_prefix).parent, version)]
    for folder in folders:
        if (folder / "bin" / "python").exists():
            return folder / "bin" / "python"
    found = shutil.which(f"python{version}")
    return Path(found) if found else None


def _versions(root: Path, version: str) -> list[Path]:
    pattern = re.compile(rf"(?:.*\D)?{re.escape(version)}(?:\.\d+)?(?:-.*)?")
    return sorted(folder for folder in root.glob("*") if pattern.fullmatch(folder.name))


def require(version: str) -> Path:
    """The interpreter of ``version``; the test is skipped, and says so, where there is none."""
    found = find(version)
    if found is None:
        pytest.skip(f"no CPython {version} on this machine")
    return found


def require_other(version: str) -> tuple[str, Path]:
    """An interpreter of another version than ``version``; the test is skipped, and says so, where there is none."""
    found = ((other, path) for other in WANTED if other != version and (path := find(other)))
    other = next(found, None)
    if other is None:
        pytest.skip(f"no CPython but {version} on this machine")
    return other

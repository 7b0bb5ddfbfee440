"""What shells read to activate the application's environment. It works wherever the environment is moved to."""

from __future__ import annotations

import shlex
from pathlib import Path

from mvlock.environment.content import WrittenFile
from mvlock.environment.layout import TreePlace
from mvlock.project.model import Project

_SCRIPTS = Path(__file__).with_name("activate_scripts")
_POWERSHELL = "Activate.ps1"
WORKING_FOLDER = {"activate": '"$PWD"', "activate.csh": '"$cwd"'}
"""Scripts for shells that do not always tell which file they read, and need the environment's place then: by name, how
the shell spells its working folder."""


def activation_scripts(project: Project, place: TreePlace) -> dict[str, WrittenFile]:
    """The scripts by their paths in the environment at ``place``; on Windows, only that for PowerShell."""
    names = [_POWERSHELL] if place.layout.windows else sorted(path.name for path in _SCRIPTS.iterdir())
    return {f"{place.layout.scripts}/{name}": _script(name, project, place) for name in names}


def _script(name: str, project: Project, place: TreePlace) -> WrittenFile:
    text = (_SCRIPTS / name).read_text("utf-8")
    values = {"@PLACE@": str(place.root), "@APP@": project.app, "@NAME@": project.name}
    for key, value in values.items():
        text = text.replace(key, "'{}'".format(value.replace("'", "''")) if name == _POWERSHELL else shlex.quote(value))
    return WrittenFile(text.encode())

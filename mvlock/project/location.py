"""Where a project is: the folder of its pyproject.toml. Light to import: every command needs it first."""

from __future__ import annotations

import os
from pathlib import Path

from mvlock.errors import LocalError

FILE_NAME = "pyproject.toml"


def find_project(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds a pyproject.toml, absolute.

    :raises LocalError: ``project-missing``
    """
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        if (candidate / FILE_NAME).is_file():
            return candidate
    raise project_missing(f"no {FILE_NAME} in {folder} or in any folder above it")


def check_utf8(folder: Path, what: str) -> None:
    """Refuse a folder whose path cannot be written into files that are UTF-8.

    :raises LocalError: ``name-not-utf8``
    """
    try:
        str(folder).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(folder).decode("utf-8", "backslashreplace")
        hint = "give it another name"
        raise LocalError("name-not-utf8", f"{what} has a name that is not UTF-8: {shown}", hint=hint) from error


def project_missing(message: str) -> LocalError:
    """The error for a missing pyproject.toml, with ``message`` as its text."""
    hint = from_hint(Path.cwd()) or "`mvlock init` makes one here"
    return LocalError("project-missing", message, hint=f"{hint}; `--project DIR` names another folder")


def from_hint(folder: Path) -> str | None:
    """How to take over what other tools' files in ``folder`` say; None if there are none."""
    from mvlock.foreign.files import foreign_files

    found = foreign_files(folder)
    others = f" (there is {', '.join(found[1:])}, too)" if found[1:] else ""
    return f"`mvlock init --from {found[0]}` takes over what that says{others}" if found else None

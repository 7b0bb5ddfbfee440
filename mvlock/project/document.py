"""pyproject.toml as a plain TOML document: found, read, not yet understood."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mvlock.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE_NAME = "pyproject.toml"


def find_project(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds a pyproject.toml, absolute.

    :raises UsageError: ``project-missing``
    """
    folder = start.absolute()
    for candidate in (folder, *folder.parents):
        if (candidate / FILE_NAME).is_file():
            return candidate
    raise _missing(f"no {FILE_NAME} in {folder} or in any folder above it")


def check_utf8(folder: Path, what: str) -> None:
    """Refuse a folder whose path cannot be written into files that are UTF-8.

    :raises UsageError: ``name-not-utf8``
    """
    try:
        str(folder).encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(folder).decode("utf-8", "backslashreplace")
        hint = "give it another name"
        raise UsageError("name-not-utf8", f"{what} has a name that is not UTF-8: {shown}", hint=hint) from error


def read_text(path: Path) -> str:
    """The text of a TOML file.

    :raises UsageError: ``project-missing``, ``file-unreadable``, ``toml-invalid`` (not UTF-8)
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise _missing(f"no {path.name} in {path.parent}") from error
    except OSError as error:
        raise UsageError("file-unreadable", f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError("toml-invalid", f"{path.name}: not UTF-8 (at line {line})") from error


def parse_document(text: str, name: str = FILE_NAME) -> dict[str, object]:
    """TOML 1.0 text as nested dicts and lists.

    :raises UsageError: ``toml-invalid``, the message says line and column
    """
    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise UsageError("toml-invalid", f"{name}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise UsageError("toml-invalid", f"{name}: not valid TOML: nested too deeply") from error


def _missing(message: str) -> UsageError:
    return UsageError(
        "project-missing", message, hint="`mvlock init` makes one here; `--project DIR` names another folder"
    )

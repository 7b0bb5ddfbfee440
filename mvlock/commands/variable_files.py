"""Files with environment variables, for ``mvlock run --env-file``."""

from __future__ import annotations

from pathlib import Path

from dotenv import dotenv_values

from mvlock.errors import LocalError


def read_variables(files: list[str]) -> dict[str, str]:
    """The variables of all files; later ones win. A name without ``=`` is not set.

    :raises LocalError: ``file-unreadable``
    """
    found = {name: value for file in files for name, value in _values(Path(file)).items()}
    return {name: value for name, value in found.items() if value is not None}


def _values(file: Path) -> dict[str, str | None]:
    try:
        with file.open(encoding="utf-8") as stream:
            return dotenv_values(stream=stream)
    except OSError as error:
        raise LocalError("file-unreadable", f"--env-file: {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LocalError("file-unreadable", f"--env-file: {file} is not UTF-8") from error

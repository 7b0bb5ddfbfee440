"""pyproject.toml as a plain TOML document: parsed, not yet validated."""

from __future__ import annotations

from pathlib import Path

from mvlock.base.bounded import read_bounded
from mvlock.base.toml import parse_toml
from mvlock.errors import LocalError
from mvlock.project.location import FILE_NAME, project_missing


def read_text(path: Path) -> str:
    """The text of a TOML file.

    :raises LocalError: ``project-missing``, ``file-unreadable``, ``toml-invalid`` (not UTF-8)
    """
    try:
        return read_bounded(path).decode("utf-8")
    except FileNotFoundError as error:
        raise project_missing(f"no {path.name} in {path.parent}") from error
    except OSError as error:
        raise LocalError("file-unreadable", f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise LocalError("toml-invalid", f"{path.name}: not UTF-8 (at line {line})") from error


def parse_document(text: str, name: str = FILE_NAME) -> dict[str, object]:
    """TOML 1.0 text as nested dicts and lists.

    :raises LocalError: ``toml-invalid``, the message gives line and column
    """
    try:
        return dict(parse_toml(text))
    except ValueError as error:
        raise LocalError("toml-invalid", f"{name}: not valid TOML: {error}") from error

"""Files of other tools as text and as documents of the expected shape; whatever is wrong in them is one error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from mvlock.base.bounded import read_bounded
from mvlock.base.toml import parse_toml
from mvlock.errors import LocalError

_PATH_SHOWN = 80
_Table = TypeVar("_Table")


@contextmanager
def understood(name: str, hint: str = "correct the file, or take another one") -> Iterator[None]:
    """Whatever reading the file ``name`` cannot make sense of becomes one error.

    :raises LocalError: ``foreign-invalid``
    """
    try:
        yield
    except (ValueError, msgspec.MsgspecError, RecursionError, OSError) as error:
        text = f"{name} cannot be understood: {_reason(error)}"
        raise LocalError("foreign-invalid", text, hint=hint) from error


def _reason(error: Exception) -> str:
    """The first line; a path that the system refuses may be long."""
    if isinstance(error, OSError):
        return f"{error.strerror}: {str(error.filename)[:_PATH_SHOWN]}"
    return next(iter(str(error).splitlines()), type(error).__name__)


def read_text(path: Path) -> str:
    """The text of a file, with or without a byte order mark.

    :raises LocalError: ``file-unreadable``
    :raises ValueError: not UTF-8
    """
    try:
        return read_bounded(path).decode("utf-8-sig")
    except OSError as error:
        raise LocalError("file-unreadable", f"{path} cannot be read: {error.strerror}") from error


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file.

    :raises LocalError: ``file-unreadable``
    :raises ValueError: it is none
    """
    return dict(parse_toml(read_text(path)))


def read_json(path: Path) -> object:
    """A JSON file, see ``read_toml``."""
    return json.loads(read_text(path))


def table_in(document: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    """The table at a path of keys; an empty one if there is none.

    :raises ValueError: something else is there
    """
    found: object = document
    for number, key in enumerate(keys, 1):
        found = found.get(key, {}) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            raise ValueError(f"{'.'.join(keys[:number])} must be a table")  # noqa: TRY004 - see ``understood``
    return found if isinstance(found, Mapping) else {}


def shaped(value: object, shape: type[_Table], at: str) -> _Table:
    """``value`` as a ``shape``, whose types it must have.

    :raises ValueError: it does not
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise ValueError(f"{at}{place.strip('`')}: {reason[:1].lower()}{reason[1:]}") from error


def optional_text(value: object, at: str) -> str | None:
    """``value`` as a string, if there is one; see ``shaped``."""
    return None if value is None else shaped(value, str, at)

"""``mvlock config``: the settings that apply here and where each is from; it also edits the user's file."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import tomlkit

from mvlock.base import atomic
from mvlock.base.urls import without_credentials
from mvlock.commands.options import Context, option_values
from mvlock.errors import LocalError, MvlockError
from mvlock.operations.project_lock import locked_project
from mvlock.operations.user_settings import KEYS, checked_text, settings_files, variable
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.model import Project
from mvlock.project.parsed import read_project


class Setting(msgspec.Struct, frozen=True):
    """A setting that applies, and where it is from; ``value`` None: the default."""

    key: str
    value: str | None
    source: str


def execute(arguments: Namespace, context: Context) -> int:
    """List the settings, or change one in the user's file."""
    if arguments.action is not None:
        _edit(arguments, context)
        return 0
    found = list(_settings(arguments, context))
    if arguments.json:
        facts = [{"key": one.key, "value": one.value, "source": one.source} for one in found]
        files = [str(path) for path in settings_files(context.options.environ)]
        context.console.data(json.dumps({"settings": facts, "files": files}, indent=2))
        return 0
    width = max(len(one.key) for one in found)
    for one in found:
        context.console.data(f"{one.key:{width}}  {one.value or '-'}  ({one.source})")
    return 0


def _settings(arguments: Namespace, context: Context) -> Iterator[Setting]:
    """Each setting from the first that has it: command line, variable, project, the user's file, the machine's."""
    project = _project(context)
    for key in KEYS:
        value, source = _value_and_source(key, arguments, project, context)
        yield Setting(key, value and without_credentials(value) if key == "index-url" else value, source)


def _value_and_source(
    key: str, arguments: Namespace, project: Project | None, context: Context
) -> tuple[str | None, str]:
    user, name = context.options.user, key.replace("-", "_")
    given = getattr(arguments, name, None)
    if given is not None:
        return str(given), "command line"
    text = option_values(arguments).environ.get(variable(key))
    if text and text != user.text(key):
        return text, variable(key)
    declared = _of_project(key, project)
    if declared is not None:
        return declared, FILE_NAME
    return (user.text(key), str(user.source(key))) if key in user.found else (None, "default")


def _of_project(key: str, project: Project | None) -> str | None:
    if project is None:
        return None
    if key == "index-url":
        return next((index.url for index in project.indexes if index.default), None)
    return str(project.exclude_newer) if key == "exclude-newer" and project.exclude_newer is not None else None


def _project(context: Context) -> Project | None:
    with suppress(MvlockError):
        return read_project(context.options.root, context.options.cache)
    return None


def _edit(arguments: Namespace, context: Context) -> None:
    path = _file_to_edit(context)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked_project(path.parent, context.machine):
        _change(path, arguments)
    context.console.info(f"Wrote {path}")


def _change(path: Path, arguments: Namespace) -> None:
    document = tomlkit.parse(read_text(path) if path.exists() else "")
    if arguments.action == "set":
        document[arguments.key] = _parsed(arguments.key, arguments.value)
    elif document.pop(arguments.key, None) is None:
        raise LocalError("usage", f"{path} does not set '{arguments.key}'")
    atomic.update(path, tomlkit.dumps(document).encode(), mode=atomic.OWNER_ONLY)


def _file_to_edit(context: Context) -> Path:
    files = settings_files(context.options.environ)
    if not files:
        raise LocalError("usage", "MVLOCK_NO_CONFIG is set, so there is no file to change")
    return files[0]


def _parsed(key: str, text: str | None) -> object:
    """The value as TOML has it: as written where that is of the right kind, else as a string.

    :raises LocalError: ``usage``
    """
    if text is None:
        raise LocalError("usage", f"`mvlock config set {key}` needs a value")
    with suppress(LocalError, ValueError):
        value = parse_document(f"value = {text}")["value"]
        checked_text(key, value)
        return value
    try:
        checked_text(key, text)
    except ValueError as error:
        raise LocalError("usage", str(error)) from error
    return text

"""The settings of a person and of a machine, for all projects: ``config.toml`` in the platform's folders.

Each is one of the options of the command line, by its name. What a project says wins over them. Read by every command,
so this module imports little, and nothing if there is no file.
"""

# Annotations are not postponed: each one would be compiled whenever a command starts.

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from mvlock.base.variables import ignores_configuration
from mvlock.errors import LocalError

_NAME = Path("mvlock", "config.toml")
_KINDS: Mapping[str, object] = {
    "cache-dir": str,
    "color": ("auto", "always", "never"),
    "concurrency": int,
    "exclude-newer": str,
    "http-retries": int,
    "http-timeout": float,
    "index-url": str,
    "link-mode": ("reflink", "hardlink", "copy", "symlink"),
    "no-build": bool,
    "no-bytecode": bool,
    "no-progress": bool,
    "offline": bool,
}
KEYS = tuple(_KINDS)
BELOW_PROJECT = ("exclude-newer", "index-url")
"""The settings that a project may have, too."""
_WORDS = {str: "a string", bool: "a boolean", int: "an integer", float: "a number"}


class UserSettings(NamedTuple):
    """Settings as text, as variables have it, each with the file that it is from."""

    found: Mapping[str, tuple[str, Path]] = {}

    def text(self, key: str) -> str | None:
        """The value of a key."""
        return self.found[key][0] if key in self.found else None

    def source(self, key: str) -> Path:
        """The file that has a key."""
        return self.found[key][1]

    def completed(self, environ: Mapping[str, str]) -> dict[str, str]:
        """These variables, with settings in the place of those that are not set."""
        named = {variable(key): text for key, (text, _) in self.found.items() if key not in BELOW_PROJECT}
        return {**environ, **{name: text for name, text in named.items() if not environ.get(name)}}


def variable(key: str) -> str:
    """The environment variable of a setting."""
    return f"MVLOCK_{key.replace('-', '_').upper()}"


def read_user_settings(environ: Mapping[str, str]) -> UserSettings:
    """The settings in the user's file, else in that of the machine.

    :raises LocalError: ``config-invalid``, ``file-unreadable``
    """
    found: dict[str, tuple[str, Path]] = {}
    for path in reversed(settings_files(environ)):
        if path.is_file():
            found |= {key: (text, path) for key, text in _read(path)}
    return UserSettings(found)


def settings_files(environ: Mapping[str, str]) -> list[Path]:
    """Where settings are read from, whether it exists or not: the user's file first.

    ``MVLOCK_CONFIG_FILE`` names the only one; with ``MVLOCK_NO_CONFIG`` there is none.
    """
    if ignores_configuration(environ):
        return []
    if environ.get("MVLOCK_CONFIG_FILE"):
        return [Path(environ["MVLOCK_CONFIG_FILE"]).expanduser().absolute()]
    return [folder / _NAME for folder in _folders(environ)]


def checked_text(key: str, value: object) -> str:
    """A value as text.

    :raises ValueError: the key is unknown, or the value is not one of its kind; the text says so
    """
    kind = _KINDS.get(key)
    if kind is None:
        from mvlock.project.problem import did_you_mean

        raise ValueError(f"{key}: unknown key{did_you_mean(key, KEYS)}")
    if isinstance(kind, tuple):
        if value not in kind:
            raise ValueError(f"{key}: must be one of {', '.join(kind)}, not {value!r}")
    elif type(value) is not kind and not (kind is float and type(value) is int):
        raise ValueError(f"{key}: must be {_WORDS[kind]}, not {value!r}")  # type: ignore[index]  # a type here
    return str(int(value)) if isinstance(value, bool) else str(value)


def _folders(environ: Mapping[str, str]) -> list[Path]:
    """As platformdirs has them; on Linux without asking it, because it is slow to import."""
    if sys.platform != "linux":
        import platformdirs

        return [platformdirs.user_config_path(appauthor=False), platformdirs.site_config_path(appauthor=False)]
    own, home = environ.get("XDG_CONFIG_HOME", ""), environ.get("HOME", "")
    users = Path(own) if own.startswith("/") else Path(home, ".config") if home.startswith("/") else None
    machine = [Path(text) for text in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":") if text[:1] == "/"]
    return [*([users] if users else []), *machine]


def _read(path: Path) -> Iterator[tuple[str, str]]:
    from mvlock.base.bounded import read_bounded
    from mvlock.base.toml import parse_toml

    try:
        document = parse_toml(read_bounded(path).decode("utf-8"))
    except OSError as error:
        raise LocalError("file-unreadable", f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise LocalError("config-invalid", f"{path}: not valid TOML: {error}") from error
    problems = []
    for key, value in document.items():
        try:
            yield key, _located(key, checked_text(key, value), path.parent)
        except ValueError as error:
            problems.append(f"{path}: {error}")
    if problems:
        raise LocalError("config-invalid", "\n".join(problems))


def _located(key: str, text: str, folder: Path) -> str:
    """The value; a path is relative to the folder of the file."""
    if key == "cache-dir":
        return str(folder / Path(text).expanduser())
    if key == "index-url":
        from mvlock.project.index_address import INDEX_FORMS, index_address

        url = index_address(text, folder)
        if url is None:
            raise ValueError(f"{key}: {text.rpartition('@')[2]!r} is not {INDEX_FORMS}")
        return url
    return text

"""Settings of pip and uv on this machine, by the name that pip has for them: variables first, then their files.

Files that cannot be read count as absent.
"""

from __future__ import annotations

import configparser
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from mvlock.base.toml import parse_toml
from mvlock.base.variables import ignores_configuration

_OWN_SECTIONS = ("install", "global")
"""The sections of pip's file that ``pip install`` reads, the one that wins first."""
_UV_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "index-url": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "extra-index-url": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    "find-links": ("UV_FIND_LINKS",),
    "trusted-host": ("UV_INSECURE_HOST",),
}
_UV_KEYS: Mapping[str, tuple[str, ...]] = {
    "index-url": ("index-url",),
    "extra-index-url": ("extra-index-url",),
    "find-links": ("find-links",),
    "trusted-host": ("allow-insecure-host",),
    "proxy": ("https-proxy", "http-proxy"),
}
_PIP_VARIABLES = {"cert": ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")}


class FoundSetting(msgspec.Struct, frozen=True):
    """A setting of another installer, and the variable or file that has it. ``value`` may have credentials."""

    value: str
    tool: str
    where: str


def settings_of_uv(environ: Mapping[str, str], key: str) -> Iterator[FoundSetting]:
    """What uv is configured for."""
    if ignores_configuration(environ):
        return
    for variable in _UV_VARIABLES.get(key, ()):
        separator = "," if key == "find-links" else None
        for text in environ.get(variable, "").split(separator):
            yield FoundSetting(_without_name(text) if "index" in key else text.strip(), "uv", variable)
    for path in _uv_files(environ):
        for text in _in_uv_file(_read_toml(path), key):
            yield FoundSetting(text, "uv", str(path))


def settings_of_pip(environ: Mapping[str, str], key: str) -> Iterator[FoundSetting]:
    """What pip is configured for; the first variable or file that has the setting is the only one that counts."""
    if ignores_configuration(environ):
        return
    for variable in _PIP_VARIABLES.get(key, (f"PIP_{key.replace('-', '_').upper()}",)):
        if environ.get(variable):
            yield from _found(environ[variable].split(), variable)
            return
    for path in _pip_files(environ):
        if text := _in_pip_file(path, key):
            yield from _found(text.split(), str(path))
            return


def _found(values: Iterable[str], where: str) -> Iterator[FoundSetting]:
    return (FoundSetting(value, "pip", where) for value in values)


def _in_pip_file(path: Path, key: str) -> str:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, ValueError):
        return ""
    options = ((section, name) for section in _OWN_SECTIONS for name in (key, key.replace("-", "_")))
    return next((parser.get(*option).strip() for option in options if parser.has_option(*option)), "")


def _pip_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """The files of pip, the one that wins first: ``PIP_CONFIG_FILE``, the environment's, the user's, the machine's."""
    named = environ.get("PIP_CONFIG_FILE")
    if named:
        yield Path(named)
    if named in {"/dev/null", "nul"}:
        return
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    if environ.get("VIRTUAL_ENV"):
        yield Path(environ["VIRTUAL_ENV"], name)
    for folder in _user_folders(environ):
        yield folder / "pip" / name
    yield Path(environ.get("HOME", "/"), ".pip", name)
    for folder in _machine_folders(environ):
        yield folder / "pip" / name
    yield Path("/etc", name)


def _uv_files(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("UV_NO_CONFIG"):
        return
    if environ.get("UV_CONFIG_FILE"):
        yield Path(environ["UV_CONFIG_FILE"])
        return
    for folder in (*_user_folders(environ), *_machine_folders(environ), Path("/etc")):
        yield folder / "uv" / "uv.toml"


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        return parse_toml(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _in_uv_file(document: Mapping[str, object], key: str) -> Iterator[str]:
    """The values of a setting, in tables of indexes, at the top and in ``[pip]``."""
    tables = document.get("index") if "index" in key else None
    for table in tables if isinstance(tables, list) else ():
        if isinstance(table, dict) and (table.get("default") is True) == (key == "index-url"):
            yield from _texts(table.get("url"))
    pip = document.get("pip")
    for holder in (document, pip if isinstance(pip, dict) else {}):
        for name in _UV_KEYS.get(key, ()):
            yield from _texts(holder.get(name))


def _texts(value: object) -> Iterator[str]:
    return (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


def _without_name(text: str) -> str:
    """The URL of ``name=url``."""
    name, separator, url = text.partition("=")
    return url if separator and ":" not in name else text


def _user_folders(environ: Mapping[str, str]) -> list[Path]:
    if sys.platform == "win32":
        return [Path(environ["APPDATA"])] if environ.get("APPDATA") else []
    home = environ.get("HOME", "")
    folders = [Path(home, "Library", "Application Support")] if sys.platform == "darwin" and home else []
    own = environ.get("XDG_CONFIG_HOME") or (str(Path(home, ".config")) if home else "")
    return [*folders, *([Path(own)] if own else [])]


def _machine_folders(environ: Mapping[str, str]) -> list[Path]:
    if sys.platform == "win32":
        return [Path(environ.get("PROGRAMDATA", "C:\\ProgramData"))]
    if sys.platform == "darwin":
        return [Path("/Library/Application Support")]
    return [Path(text) for text in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":") if text]

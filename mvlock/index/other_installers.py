"""The indexes that pip and uv are configured for on this machine. They are only mentioned, never used.

A lock names its indexes, so that none is taken without a word; but where pip works and mvlock finds nothing, this says
why. Credentials in what is found are never shown; they are sent to their own server only, if that is asked anyway.
"""

from __future__ import annotations

import configparser
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from mvlock.base.toml import tomllib
from mvlock.base.urls import without_credentials
from mvlock.base.variables import ignores_configuration

_OWN_SECTIONS = ("install", "global")
"""The sections of pip's file that ``pip install`` reads, the one that wins first."""


class FoundIndex(msgspec.Struct, frozen=True):
    """A default index of another installer, and the variable or file that names it. ``url`` may have credentials."""

    url: str
    tool: str
    where: str


def advice(environ: Mapping[str, str]) -> str | None:
    """How to use the index that pip or uv is configured for; None if neither is."""
    for found in default_indexes(environ):
        url = without_credentials(found.url)
        return (
            f"{found.tool} uses {url} here ({found.where}); "
            f"for mvlock, run `mvlock config set index-url {url}`, or use `--index-url`"
        )
    return None


def default_indexes(environ: Mapping[str, str]) -> Iterator[FoundIndex]:
    """The default index of uv, then of pip, if configured; files that cannot be read count as absent."""
    if ignores_configuration(environ):
        return
    for found in (_of_uv(environ), _of_pip(environ)):
        if found is not None and found.url.startswith(("https://", "http://")):
            yield found


def _of_pip(environ: Mapping[str, str]) -> FoundIndex | None:
    if environ.get("PIP_INDEX_URL"):
        return FoundIndex(environ["PIP_INDEX_URL"], "pip", "PIP_INDEX_URL")
    for path in _pip_files(environ):
        url = _pip_index(path)
        if url:
            return FoundIndex(url, "pip", str(path))
    return None


def _pip_index(path: Path) -> str | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, ValueError):
        return None
    for section in _OWN_SECTIONS:
        for key in ("index-url", "index_url"):
            if parser.has_option(section, key):
                return parser.get(section, key).strip()
    return None


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


def _of_uv(environ: Mapping[str, str]) -> FoundIndex | None:
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if environ.get(variable):
            return FoundIndex(_without_name(environ[variable]), "uv", variable)
    for path in _uv_files(environ):
        url = _uv_index(path)
        if url:
            return FoundIndex(url, "uv", str(path))
    return None


def _uv_files(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("UV_NO_CONFIG"):
        return
    if environ.get("UV_CONFIG_FILE"):
        yield Path(environ["UV_CONFIG_FILE"])
        return
    for folder in (*_user_folders(environ), *_machine_folders(environ), Path("/etc")):
        yield folder / "uv" / "uv.toml"


def _uv_index(path: Path) -> str | None:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    tables = document.get("index")
    for table in tables if isinstance(tables, list) else ():
        if isinstance(table, dict) and table.get("default") is True and isinstance(table.get("url"), str):
            return str(table["url"])
    pip = document.get("pip")
    for holder in (document, pip if isinstance(pip, dict) else {}):
        if isinstance(holder.get("index-url"), str):
            return str(holder["index-url"])
    return None


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

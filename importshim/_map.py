"""Reads import_map.json: plain values, checked only as far as routing needs them.

`mvlock install` writes the file (schemas/import-map.schema.json is its full description). The C scanner behind ``json``
reads it without importing ``json`` and ``re``, which saves half of the start-up time.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAP_VERSION = 2


class MapError(ImportError):
    """import_map.json is missing, of another version, or damaged; `mvlock install` writes it again."""


def damaged(path: str, error: Exception) -> MapError:
    """The error for a map at ``path`` that is JSON, but lacks what ``error`` names."""
    return MapError(f"{path} is damaged ({error!r}); run `mvlock install` to write it again")


class DomainEntry:
    """One domain of the map; ``paths`` are absolute, ``trees`` the names of those it serves.

    ``distributions``: (name, version, import names, the path that it is loaded from); ``startup``: (folder, ``.pth``
    file, line of Python) or (folder, ``.start`` file, entry point); ``peers``: names that its trees lack and direct
    dependencies of the application provide; ``is_strict``: there are none (``peers = false``).
    """

    def __init__(self, entry: Any, folder: str) -> None:
        self.name: str = entry["name"]
        self.trees = tuple(entry["trees"])
        self.paths = tuple(os.path.normpath(os.path.join(folder, path)) for path in entry["paths"])
        self.distributions = tuple(
            (item["name"], item["version"], tuple(item["imports"]), self.paths[item.get("site", 0)])
            for item in entry["distributions"]
        )
        self.routes: dict[str, str] = dict(entry["routes"])
        self.startup: tuple[tuple[str, str, str], ...] = tuple(
            (os.path.normpath(os.path.join(folder, one["folder"])), one["file"], one["line"])
            for one in entry.get("startup", ())
        )
        self.peers: dict[str, str] = dict(entry.get("peers", ()))
        self.is_strict: bool = entry.get("strict", False)


class ImportMap:
    """The whole map.

    ``root``: import name to domain; ``silent``: project to domain; ``aliases``: import name to (domain, module);
    ``trees``: name to (domain of its world, site-packages).
    """

    def __init__(self, data: Any, folder: str) -> None:
        self.domains = tuple(DomainEntry(entry, folder) for entry in data["domains"])
        self.trees: dict[str, tuple[str, str]] = {
            name: (tree["domain"], os.path.normpath(os.path.join(folder, tree["site"])))
            for name, tree in data["trees"].items()
        }
        self.root: dict[str, str] = dict(data["root"])
        self.silent: dict[str, str] = dict(data.get("silent", ()))
        self.aliases: dict[str, tuple[str, str]] = {
            name: (alias["domain"], alias["module"]) for name, alias in data["aliases"].items()
        }


class _ScannerSettings:
    """The settings that ``json.JSONDecoder`` gives the scanner; a future scanner that needs more is not used."""

    strict = True
    array_hook = None
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float

    def __init__(self) -> None:
        self.memo: dict[str, str] = {}


def _parse_json(text: str) -> Any:
    try:
        from _json import make_scanner

        return make_scanner(_ScannerSettings())(text.strip(), 0)[0]  # type: ignore[arg-type]
    except Exception:  # no such scanner, one that needs more, or no JSON: the error of json says where
        import json

        return json.loads(text)


def read_map(path: str) -> ImportMap:
    """Read the map at ``path``.

    :raises MapError: the file is missing, damaged, or of a version this importshim does not know
    """
    try:
        with open(path, encoding="utf-8") as file:
            data = _parse_json(file.read())
        version = data["version"]
    except FileNotFoundError:
        raise MapError(f"{path} is missing; run `mvlock install`") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MapError(f"{path} cannot be read ({error}); run `mvlock install` to write it again") from None
    if version != MAP_VERSION:
        raise MapError(f"{path} has version {version}, this importshim reads {MAP_VERSION}; run `mvlock install`")
    try:
        return ImportMap(data, os.path.dirname(path))
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(path, error) from None

"""import_map.json on disk: sorted, two lines for each domain, replaced as a whole, not written if it is equal."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from mvlock.base import atomic
from mvlock.importmap.model import ImportMap

MAP_FILE = "import_map.json"
_NO_DOMAINS = '"domains": []'
_WHEN_IMPORTING = ("distributions", "peers", "routes", "trees")
_IN_SITE = f"site-packages/importshim/{MAP_FILE}"


def map_text(value: ImportMap) -> str:
    """The file's text: equal maps, equal text.

    Of each domain, the first line has what importshim needs at every start, the second what it reads when something is
    imported for the domain.
    """
    data = msgspec.to_builtins(value)
    if not data["silent"]:
        del data["silent"]
    domains = ",\n".join(map(_domain_lines, data["domains"]))
    text = _json({**data, "domains": []}, indent=1)
    return text.replace(_NO_DOMAINS, f'"domains": [\n{domains}\n ]', 1) + "\n" if domains else text + "\n"


def _domain_lines(domain: dict[str, Any]) -> str:
    for empty in [key for key in ("peers", "startup", "strict") if not domain[key]]:
        del domain[empty]
    for item in domain["distributions"]:
        if not item["site"]:
            del item["site"]
    first = _json({key: value for key, value in domain.items() if key not in _WHEN_IMPORTING})
    second = _json({key: value for key, value in domain.items() if key in _WHEN_IMPORTING})
    return f"{first[:-1]},\n{second[1:]}"


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, sort_keys=True, ensure_ascii=False)


def installed_map(app: Path) -> ImportMap | None:
    """The map in the application's environment ``app``; None if there is no readable one."""
    places = [*app.glob(f"lib/python*/{_IN_SITE}"), *app.glob(f"Lib/{_IN_SITE}")]
    for path in places:
        with suppress(OSError, ValueError, RecursionError):
            return msgspec.json.decode(path.read_bytes(), type=ImportMap)
    return None


def write_map(path: Path, value: ImportMap) -> bool:
    """Write the map to ``path``, whose folder exists; returns whether that changed anything.

    The write is atomic.
    """
    return atomic.update(path, map_text(value).encode(), mode=0o644)

"""import_map.json on disk: sorted, indented by one space, replaced as a whole, not written if it is equal."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import msgspec

from mvlock.base import atomic
from mvlock.importmap.model import ImportMap

MAP_FILE = "import_map.json"
_IN_SITE = f"site-packages/importshim/{MAP_FILE}"


def map_text(value: ImportMap) -> str:
    """The file's text: equal maps, equal text."""
    data = msgspec.to_builtins(value)
    if not data["silent"]:
        del data["silent"]
    for domain in data["domains"]:
        for empty in [key for key in ("peers", "startup", "strict") if not domain[key]]:
            del domain[empty]
        for item in domain["distributions"]:
            if not item["site"]:
                del item["site"]
    return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def installed_map(app: Path) -> ImportMap | None:
    """The map in the application's environment ``app``; None if there is no readable one."""
    places = [*app.glob(f"lib/python*/{_IN_SITE}"), *app.glob(f"Lib/{_IN_SITE}")]
    for path in places:
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(path.read_bytes(), type=ImportMap)
    return None


def write_map(path: Path, value: ImportMap) -> bool:
    """Write the map to ``path``, whose folder exists; returns whether that changed anything.

    The write is atomic.
    """
    return atomic.update(path, map_text(value).encode(), mode=0o644)

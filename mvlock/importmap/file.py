"""import_map.json on disk: sorted, one space deep, replaced as a whole, untouched if it says the same."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from mvlock.importmap.model import ImportMap

MAP_FILE = "import_map.json"
_IN_SITE = f"site-packages/importshim/{MAP_FILE}"


def map_text(value: ImportMap) -> str:
    """The file's text: equal maps, equal text."""
    data = value.model_dump(mode="json")
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
    """The map in the application's environment ``app``; None if there is none that can be read."""
    places = [*app.glob(f"lib/python*/{_IN_SITE}"), *app.glob(f"Lib/{_IN_SITE}")]
    for path in places:
        with suppress(OSError, ValidationError):
            return ImportMap.model_validate_json(path.read_bytes())
    return None


def write_map(path: Path, value: ImportMap) -> bool:
    """Write the map to ``path`` whose folder exists; whether that changed anything.

    At every moment the file is the old or the new one.
    """
    text = map_text(value).encode()
    with suppress(FileNotFoundError):
        if path.read_bytes() == text:
            return False
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True

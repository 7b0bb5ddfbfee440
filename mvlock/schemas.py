"""JSON Schemas of what mvlock reads and writes, generated from the models (class docstrings included).

``python -m mvlock.schemas [FOLDER]`` writes them (default: ``schemas``). They describe the shape; the meaning of text
(a requirement, a marker) is given by ``format`` and checked by mvlock itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from mvlock.base.validation import model_of
from mvlock.importmap.model import ImportMap
from mvlock.lock.model import Lock
from mvlock.project.settings import MvlockTable

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SCHEMAS: Mapping[str, tuple[str, type[BaseModel]]] = {
    "tool-mvlock": ("[tool.mvlock] of pyproject.toml", model_of(MvlockTable)),
    "mv-lock": ("mv.lock", model_of(Lock)),
    "import-map": ("import_map.json", model_of(ImportMap)),
}


def schema_texts() -> dict[str, str]:
    """Every schema's file name and text: equal models, equal text."""
    return {f"{name}.schema.json": _text(title, model) for name, (title, model) in _SCHEMAS.items()}


def write_schemas(folder: Path) -> None:
    """Write all schemas into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (folder / name).write_text(text, encoding="utf-8")


def _text(title: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    if model is not model_of(ImportMap):
        schema = _without_null(schema)
    return json.dumps({"$schema": DIALECT, **schema, "title": title}, indent=2, sort_keys=True) + "\n"


def _without_null(node: object) -> dict[str, object]:
    """The schema without null, which TOML does not have: a key that may be None may be left out."""
    cleaned = _cleaned(node)
    if not isinstance(cleaned, dict):
        raise TypeError("a schema is an object")
    return cleaned


def _cleaned(node: object) -> object:
    if isinstance(node, list):
        return [_cleaned(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _cleaned(value) for key, value in node.items() if not (key == "default" and value is None)}
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        kept = {key: value for key, value in kept.items() if key != "anyOf"}
        kept |= rest[0] if len(rest) == 1 else {"anyOf": rest}
    return kept


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("schemas"))

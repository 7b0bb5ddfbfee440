"""docs/reference/settings.md: every key of [tool.mvlock]: type and default from the schema, meaning from the guide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mvlock.schemas import schema_texts
from tests.reference.guide_rows import meanings

_HEAD = """\
# Settings

Every key of `[tool.mvlock]` in `pyproject.toml`. All are optional unless marked "required"; an unknown key is an error.
Made by `python -m tests.reference` from the models that read the file. What they mean together is explained in the
[guide](../guide.md#pyprojecttoml); for editors there is a JSON Schema of them,
[tool-mvlock.schema.json](../../schemas/tool-mvlock.schema.json). Your own settings, for all projects, are
in the [user configuration](../guide.md#user-configuration).
"""
_TABLES = {
    "Share": ("tool.mvlock.share", "Sharing", "ShareTable"),
    "Tree": ("tool.mvlock.trees.NAME", "Trees", "TreeTable"),
    "Alias": ("tool.mvlock.alias.NAME", "Aliases", "AliasTable"),
    "Source": ("tool.mvlock.sources.NAME", "Sources", "SourceTable"),
    "Policy": ("tool.mvlock.policy", "Policy", "PolicyTable"),
    "Index": ("tool.mvlock.index", "Indexes", "IndexTable"),
    "Workspace": ("tool.mvlock.workspace", "Workspaces", "WorkspaceTable"),
}
"""Of each inner table: its name in TOML, its section in the guide, its model."""
_SHARE = {
    "mode": 'Whether identical distributions are shared: `"identical"` (the default) or `"none"`.',
    "always": "Projects that are shared whatever they find; all trees must agree on one version.",
    "never": "Projects of which each tree has its own copy.",
}
_WORDS = {"boolean": "`true` or `false`", "string": "text", "integer": "number"}
_FORMATS = {"pep508-requirement": "requirement", "pep508-marker": "marker"}


def settings_page() -> str:
    """The text of the page."""
    schema = json.loads(schema_texts()["tool-mvlock.schema.json"])
    parts = [_HEAD, "## tool.mvlock\n", *_rows(schema, meanings("Settings"))]
    for title, section, model in _TABLES.values():
        found = _SHARE if model == "ShareTable" else meanings(section)
        anchor = section.lower()
        parts += [f"\n## {title}\n", f"Explained in [{section}](../guide.md#{anchor}).\n"]
        parts += _rows(schema["$defs"][model], found)
    return "\n".join([*parts, ""])


def _rows(table: dict[str, Any], found: Any) -> Iterator[str]:
    yield from ("| Key | Type | Default | Meaning |", "|---|---|---|---|")
    for key, value in table["properties"].items():
        default = "required" if key in table.get("required", ()) else _default(value)
        yield f"| `{key}` | {_type(value)} | {default} | {found[key]} |"


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    return "" if default in (None, [], {}) else f"`{json.dumps(default)}`"


def _type(value: dict[str, Any]) -> str:
    if "anyOf" in value:
        return _either([_type(one) for one in value["anyOf"]])
    if "enum" in value or "const" in value:
        return _either([f"`{json.dumps(one)}`" for one in value.get("enum", [value.get("const")])])
    if "$ref" in value:
        return _link(value["$ref"].rpartition("/")[2])
    return _plain_type(value)


def _either(words: list[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} or {last}" if before else last


def _link(model: str) -> str:
    title = next(title for title, _, name in _TABLES.values() if name == model)
    return f"[table](#{title.lower().replace('.', '')})"


def _plain_type(value: dict[str, Any]) -> str:
    if value["type"] == "array":
        return f"list of {_plural(_type(value['items']))}"
    if value["type"] == "object":
        return f"by name: {_type(_inner(value))}"
    return _FORMATS.get(value.get("format", ""), _WORDS[value["type"]])


def _inner(value: dict[str, Any]) -> dict[str, Any]:
    patterns = value.get("patternProperties", {})
    found: dict[str, Any] = next(iter(patterns.values())) if patterns else value["additionalProperties"]
    return found


def _plural(word: str) -> str:
    return {"text": "texts"}.get(word, f"{word}s" if word in _FORMATS.values() else word.replace("[table]", "[tables]"))

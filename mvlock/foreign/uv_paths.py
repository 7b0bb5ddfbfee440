"""What uv knows of projects in folders: they have ``[tool.uv.sources]`` of their own, which their metadata lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from mvlock.foreign.document import read_toml, table_in
from mvlock.foreign.model import ForeignSource, combined
from mvlock.foreign.uv import read_sources
from mvlock.foreign.uv_workspace import uv_workspace_of


def sources_beyond(folders: Mapping[str, ForeignSource]) -> Mapping[str, ForeignSource]:
    """The sources of what the projects in some folders require, and so on, except of these themselves."""
    found: dict[str, ForeignSource] = {}
    pending = [source.path for source in folders.values() if source.path]
    seen: set[str] = set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        new = {name: source for name, source in _sources_of(Path(path)).items() if name not in folders}
        found = {**new, **found}
        pending += [source.path for source in new.values() if source.path]
    return found


def _sources_of(folder: Path) -> Mapping[str, ForeignSource]:
    """The sources of what a project in a folder requires; a file that cannot be read is reported by others."""
    file = folder / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        document = read_toml(file)
        found = combined(read_sources(document, folder, uv_workspace_of(folder, document)))
        required = set(_required(document))
    except (ValueError, RecursionError):
        return {}
    return {name: source for name, source in found.sources.items() if name in required}


def _required(document: Mapping[str, object]) -> Iterator[str]:
    texts = table_in(document, "project").get("dependencies")
    for text in texts if isinstance(texts, list) else ():
        try:
            yield canonicalize_name(Requirement(str(text)).name)
        except InvalidRequirement:
            continue

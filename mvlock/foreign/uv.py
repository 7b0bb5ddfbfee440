"""``[tool.uv]``: sources, indexes, development dependencies and bounds of uv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from mvlock.foreign.document import optional_text, shaped, table_in
from mvlock.foreign.model import ForeignProject, ForeignSource, Place, combined, left_out, said_by_root
from mvlock.foreign.requirement import (
    find_links_part,
    index_name,
    index_part,
    one_source,
    path_source,
    requirement_part,
)
from mvlock.foreign.standard import read_standard
from mvlock.foreign.uv_settings import AT, read_settings
from mvlock.foreign.uv_workspace import UvWorkspace, uv_workspace_of


class _Source(msgspec.Struct, frozen=True):
    git: str | None = None
    branch: str | None = None
    tag: str | None = None
    rev: str | None = None
    subdirectory: str | None = None
    url: str | None = None
    path: str | None = None
    editable: bool | None = None
    workspace: bool = False
    index: str | None = None
    marker: str | None = None
    group: str | None = None
    extra: str | None = None

    @property
    def condition(self) -> str:
        """Where it applies, which a source of mvlock cannot say; "": everywhere."""
        extra, group = self.extra and f"extra {self.extra}", self.group and f"group {self.group}"
        return ", ".join(filter(None, (self.marker, extra, group)))


class _Index(msgspec.Struct, frozen=True):
    url: str
    name: str | None = None
    default: bool = False
    explicit: bool = False
    format: str = "simple"


def read_uv(document: Mapping[str, object], folder: Path) -> ForeignProject:
    """What ``[tool.uv]`` says, with what the root of a workspace says for its members.

    :raises ValueError: it is not in the shape that uv reads
    """
    table = table_in(document, "tool", "uv")
    workspace = uv_workspace_of(folder, document)
    root, of_root = (folder, table) if workspace is None else (workspace.root, workspace.uv)
    settings = read_settings(of_root, root)
    return combined(
        [
            *_requirements(table, folder),
            *read_sources(document, folder, workspace),
            *_indexes(table, folder),
            *_indexes(of_root, root),
            *(settings if root == folder else map(said_by_root, settings)),
            ForeignProject(workspace=workspace),
        ]
    )


def read_sources(
    document: Mapping[str, object], folder: Path, workspace: UvWorkspace | None
) -> Iterator[ForeignProject]:
    """``[tool.uv.sources]``; those of the workspace's root apply to what is required and has none there."""
    yield from _sources(table_in(document, "tool", "uv", "sources"), folder, workspace)
    if workspace is not None and workspace.root != folder:
        table, required = table_in(workspace.uv, "sources"), _required(document, folder)
        rows = {name: row for name, row in table.items() if canonicalize_name(name) in required}
        yield from _sources(rows, workspace.root, workspace)


def _required(document: Mapping[str, object], folder: Path) -> set[str]:
    """The names of all that a project requires, but itself."""
    found = combined([read_standard(document, folder), *_requirements(table_in(document, "tool", "uv"), folder)])
    return {one.requirement.name for one in found.requirements} - {canonicalize_name(found.name or "")}


def _sources(table: Mapping[str, object], folder: Path, workspace: UvWorkspace | None) -> Iterator[ForeignProject]:
    for written, value in table.items():
        name, at = canonicalize_name(written), f"{AT}.sources.{written}"
        rows = shaped(value if isinstance(value, list) else [value], list[_Source], at)
        choices = [(row.condition, _source(name, row, folder, workspace)) for row in rows]
        if any(row.workspace and not source.is_known for row, (_, source) in zip(rows, choices, strict=True)):
            yield left_out(at, "there is no such member of the workspace")
        yield one_source(name, choices, folder, at)


def _source(name: str, row: _Source, folder: Path, workspace: UvWorkspace | None) -> ForeignSource:
    if row.workspace:
        member = workspace.members.get(name) if workspace is not None else None
        if member is None:
            return ForeignSource()
        return ForeignSource(path=str(member), editable=row.editable is not False, workspace=True)
    if row.path is not None:
        return path_source(row.path, folder, editable=bool(row.editable))
    index = index_name(row.index, "") if row.index else None
    rev = row.rev or row.tag or row.branch
    return ForeignSource(git=row.git, rev=rev, url=row.url, subdirectory=row.subdirectory, index=index)


def _requirements(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    for text in shaped(table.get("dev-dependencies", []), list[str], f"{AT}.dev-dependencies"):
        yield requirement_part(text, Place(group="dev"), folder, f"{AT}.dev-dependencies")


def _indexes(table: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    for index in shaped(table.get("index", []), list[_Index], f"{AT}.index"):
        keys = {"default": index.default, "explicit": index.explicit}
        yield index_part(index.name, index.url, folder, **keys, format_=index.format)
    extra = shaped(table.get("extra-index-url", []), list[str], f"{AT}.extra-index-url")
    for url in extra:
        yield index_part(None, url, folder)
    default = optional_text(table.get("index-url"), f"{AT}.index-url")
    if default is not None:
        yield index_part(None, default, folder, default=True)
    for page in shaped(table.get("find-links", []), list[str], f"{AT}.find-links"):
        yield find_links_part(page, folder)

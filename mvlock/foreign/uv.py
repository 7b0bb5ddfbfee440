"""``[tool.uv]``: sources, indexes, development dependencies and bounds of uv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from mvlock.foreign.document import optional_text, shaped, table_in
from mvlock.foreign.model import FIND_LINKS, ForeignProject, ForeignSource, Place, combined, left_out
from mvlock.foreign.requirement import index_name, index_part, path_source, requirement_part
from mvlock.foreign.standard import read_standard
from mvlock.foreign.uv_workspace import UvWorkspace, workspace_of

_AT = "tool.uv"
_TAKEN = frozenset(
    {
        *("sources", "index", "index-url", "extra-index-url", "dev-dependencies", "constraint-dependencies"),
        *("override-dependencies", "environments", "exclude-newer", "prerelease", "workspace"),
    }
)
_PRERELEASES = {"allow": "allow", "disallow": "disallow"}
_WHY = {
    "conflicts": "not needed, unless two of them require one project; then [tool.mvlock.alias] has its other version",
    "default-groups": "mvlock installs dev by default; other groups by --group",
    "no-build": "write no-build = true into [tool.mvlock] if you want it",
    "find-links": FIND_LINKS,
    "resolution": "mvlock takes the newest versions that fit",
}


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
    def is_conditional(self) -> bool:
        """Whether it applies somewhere only, which a source of mvlock cannot."""
        return bool(self.marker or self.group or self.extra)


class _Index(msgspec.Struct, frozen=True):
    url: str
    name: str | None = None
    default: bool = False
    explicit: bool = False
    format: str = "simple"


def read_uv(document: Mapping[str, object], folder: Path) -> ForeignProject:
    """What ``[tool.uv]`` says, with the sources that the root of a workspace gives to its members.

    :raises ValueError: it is not in the shape that uv reads
    """
    table = table_in(document, "tool", "uv")
    workspace = workspace_of(folder, document)
    return combined(
        [
            *_requirements(table, folder),
            *read_sources(document, folder, workspace),
            *_indexes(table),
            *([*_indexes(workspace.uv), ForeignProject(workspace=workspace)] if workspace is not None else []),
            *_settings(table),
            *_rest(table),
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
        name, at = canonicalize_name(written), f"{_AT}.sources.{written}"
        rows = shaped(value if isinstance(value, list) else [value], list[_Source], at)
        if len(rows) != 1 or rows[0].is_conditional:
            yield left_out(at, "has conditions (marker, extra, group); a source of mvlock applies everywhere")
            rows = [_Source()]
        source = _source(name, rows[0], folder, workspace)
        if rows[0].workspace and not source.is_known:
            yield left_out(at, "there is no such member of the workspace")
        yield ForeignProject(sources={name: source})


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
    for text in shaped(table.get("dev-dependencies", []), list[str], f"{_AT}.dev-dependencies"):
        yield requirement_part(text, Place(group="dev"), folder, f"{_AT}.dev-dependencies")


def _indexes(table: Mapping[str, object]) -> Iterator[ForeignProject]:
    for number, index in enumerate(shaped(table.get("index", []), list[_Index], f"{_AT}.index")):
        if index.format != "simple":
            yield left_out(f"{_AT}.index[{number}]", "not a Simple API (PEP 503)")
        else:
            yield index_part(index.name, index.url, default=index.default, explicit=index.explicit)
    extra = shaped(table.get("extra-index-url", []), list[str], f"{_AT}.extra-index-url")
    for url in extra:
        yield index_part(None, url)
    default = optional_text(table.get("index-url"), f"{_AT}.index-url")
    if default is not None:
        yield index_part(None, default, default=True)


def _settings(table: Mapping[str, object]) -> Iterator[ForeignProject]:
    for key, ours in (("constraint-dependencies", "constraints"), ("override-dependencies", "overrides")):
        found = shaped(table.get(key, []), list[str], f"{_AT}.{key}")
        if found:
            yield ForeignProject(settings={ours: found})
    environments = table.get("environments", [])
    markers = shaped(
        environments if isinstance(environments, list) else [environments], list[str], f"{_AT}.environments"
    )
    newer = table.get("exclude-newer")
    prereleases = _PRERELEASES.get(str(table.get("prerelease")))
    yield ForeignProject(
        settings={
            **({"environments": markers} if markers else {}),
            **({"exclude-newer": newer} if newer else {}),
            **({"prereleases": prereleases} if prereleases else {}),
        }
    )


def _rest(table: Mapping[str, object]) -> Iterator[ForeignProject]:
    for key in sorted(table.keys() - _TAKEN):
        yield left_out(f"{_AT}.{key}", _WHY.get(key, "a setting of uv that mvlock does not have"))

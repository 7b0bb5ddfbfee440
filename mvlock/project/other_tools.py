"""Tables of other tools in pyproject.toml are never ignored in silence.

Those that say which code is meant (sources, indexes, overrides) are an error, unless ``[tool.mvlock]`` says it, too:
without them, another project of the same name would be locked. What else they say is for a note.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from msgspec.structs import replace
from packaging.requirements import InvalidRequirement
from packaging.utils import canonicalize_name

from mvlock.base.pep508 import parse_requirement
from mvlock.errors import LocalError
from mvlock.foreign.model import (
    ForeignIndex,
    ForeignProject,
    ForeignSource,
    ForeignWorkspace,
    Place,
    combined,
    without_public_indexes,
)
from mvlock.project.index_address import is_public_index
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Project
from mvlock.project.settings import MvlockTable

_TOOLS = {"poetry", "pdm", "uv"}
_CONVERT = f"`mvlock init --from {FILE_NAME}`"


def convert_hint(document: Mapping[str, object]) -> str:
    """What to do about a missing table, if Poetry's tables say the same; "" if not."""
    tool = document.get("tool")
    tables = tool.get("poetry") if isinstance(tool, Mapping) else None
    return f"; run {_CONVERT} to make it from [tool.poetry]" if isinstance(tables, Mapping) else ""


def unread_tables(document: Mapping[str, object], project: Project, settings: MvlockTable) -> tuple[str, ...]:
    """What the tables of other tools say that does not change which code is meant.

    :raises LocalError: ``foreign-settings``: they say something that does; ``foreign-invalid``
    """
    tool = document.get("tool")
    tables = {**tool} if isinstance(tool, Mapping) else {}
    may_be_member = any((folder / FILE_NAME).is_file() for folder in project.root.parents)
    folders = [source for source in project.sources.values() if isinstance(source, PathSource)]
    if not (may_be_member or folders or _TOOLS & tables.keys()):
        return ()
    ignored = settings.ignore_tools
    kept = {**document, "tool": {name: table for name, table in tables.items() if name not in ignored}}
    found = _read(kept, project, reads_uv="uv" not in ignored)
    _check_code(found, project)
    return tuple(_other_keys(found, project, settings))


def _read(document: Mapping[str, object], project: Project, *, reads_uv: bool) -> ForeignProject:
    """What the tables say; of the sources, those of what is required and has none in ``[tool.mvlock]``."""
    from mvlock.foreign.document import understood
    from mvlock.foreign.reading import read_tools
    from mvlock.foreign.uv_paths import sources_beyond

    with understood(FILE_NAME, hint="correct it, or name the tool in `ignore-tools` of [tool.mvlock]"):
        found = without_public_indexes(combined(read_tools(document, project.root, reads_uv=reads_uv)), is_public_index)
    required = {str(name) for tree in project.trees for name in tree.projects}
    required |= {one.requirement.name for one in found.requirements if one.place == Place()}
    sources = {name: source for name, source in found.sources.items() if name in required}
    ours = {
        str(name): ForeignSource(path=str(source.path)) if isinstance(source, PathSource) else ForeignSource()
        for name, source in project.sources.items()
    }
    beyond = sources_beyond({**sources, **ours}) if reads_uv else {}
    lacking = {name: source for name, source in {**sources, **beyond}.items() if name not in ours}
    return replace(found, sources=lacking)


def _check_code(found: ForeignProject, project: Project) -> None:
    """Refuse what says which code is meant and is not in ``[tool.mvlock]``."""
    tables = list(_lacking_tables(found, project))
    if tables:
        raise LocalError(
            "foreign-settings",
            f"{FILE_NAME}: another tool's tables say where code comes from, and mvlock does not use them; write\n\n"
            + "\n\n".join(tables),
            hint=f"{_hint(found)}; `ignore-tools` in [tool.mvlock] lists tools to ignore",
            facts={"tables": tables},
        )


def _hint(found: ForeignProject) -> str:
    if all(source.is_known for source in found.sources.values()):
        return f"{_CONVERT} writes this"
    return "you must decide on the lines that begin with #"


def _lacking_tables(found: ForeignProject, project: Project) -> Iterator[str]:
    """The tables to write, as text."""
    if needed := sorted(str(one.requirement) for one in found.requirements if one.place == Place()):
        yield f"[project]\ndependencies = {json.dumps(needed)}"
    if overrides := _overrides(found, project):
        yield f"[tool.mvlock]\noverrides = {json.dumps(overrides)}"
    if found.sources:
        rows = (_source_lines(name, source, project.root) for name, source in sorted(found.sources.items()))
        yield "\n".join(["[tool.mvlock.sources]", *chain.from_iterable(rows)])
    if any(source.workspace for source in found.sources.values()) and project.workspace is None and found.workspace:
        yield _workspace_table(found.workspace, project.root)
    used = {source.index for source in found.sources.values()}
    known = {text for index in project.indexes for text in (index.name.lower(), index.url.rstrip("/"))}
    for index in found.indexes:
        if (not index.explicit or index.name in used) and not {index.name.lower(), index.address} & known:
            yield _index_table(index, project.root)


def _workspace_table(workspace: ForeignWorkspace, root: Path) -> str:
    """The table that makes a workspace of mvlock, with its place if that is another file."""
    file = Path(os.path.relpath(workspace.root / FILE_NAME, root)).as_posix()
    head = "[tool.mvlock.workspace]" + ("" if file == FILE_NAME else f"  # in {file}")
    return "\n".join([head, *(f"{key} = {json.dumps(value)}" for key, value in workspace.table.items())])


def _index_table(index: ForeignIndex, root: Path) -> str:
    rows = (f"{key} = {json.dumps(value)}" for key, value in index.row(root).items())
    return "\n".join(["[[tool.mvlock.index]]", *rows])


def _source_lines(name: str, source: ForeignSource, root: Path) -> Iterator[str]:
    if source.is_known:
        yield source.line(name, root)
        return
    yield f"# {name}: choose one of these" if source.choices else f"# {name}: its source is not there"
    yield from (f"# {choice.line(name, root)}  # {condition}" for condition, choice in source.choices)


def _overrides(found: ForeignProject, project: Project) -> list[str]:
    known = {declaration.project for tree in project.trees for declaration in tree.overrides}
    wanted = found.settings.get("overrides")
    texts = [text for text in wanted if isinstance(text, str)] if isinstance(wanted, list) else []
    return [text for text in texts if project.trees and _name(text) not in known]


def _name(text: str) -> str:
    try:
        return canonicalize_name(parse_requirement(text).name)
    except InvalidRequirement:
        return text


def _other_keys(found: ForeignProject, project: Project, settings: MvlockTable) -> Iterator[str]:
    groups = {canonicalize_name(one.place.group) for one in found.requirements if one.place.group}
    yield from (f"group {name}" for name in sorted(groups - project.groups.keys()))
    extras = {canonicalize_name(one.place.extra) for one in found.requirements if one.place.extra}
    yield from (f"extra {name}" for name in sorted(extras - project.extras))
    default = MvlockTable()
    for key in sorted(found.settings.keys() - {"overrides"}):
        field = key.replace("-", "_")
        if getattr(settings, field) == getattr(default, field):
            yield key
    if found.workspace is not None and found.workspace.root == project.root and project.workspace is None:
        yield "workspace"
    elsewhere = found.workspace is not None and found.workspace.root in found.workspace.members.values()
    omissions = (one for one in found.left_out if one.concerns_lock and not (one.of_root and elsewhere))
    yield from sorted({omission.what for omission in omissions})

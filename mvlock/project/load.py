"""pyproject.toml, or the block of a script, becomes a ``Project``: the only entry point of this layer."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.project.declaration import PROJECT_DEPENDENCIES, SCRIPT_DEPENDENCIES, Declaration, Origin
from mvlock.project.dependencies import collect_requirements
from mvlock.project.document import parse_document, read_text
from mvlock.project.folders import check_folders, read_source_folders
from mvlock.project.location import FILE_NAME, check_utf8
from mvlock.project.model import Exposed, Isolation, Moment, Policy, Project, Source
from mvlock.project.other_tools import convert_hint, unread_tables
from mvlock.project.problem import Problems, did_you_mean, key_path
from mvlock.project.rules import check_keys, check_python, check_settings
from mvlock.project.script import Script
from mvlock.project.settings import MvlockTable, PolicyTable, Settings
from mvlock.project.sources import SourceReader, read_indexes, read_sources
from mvlock.project.trees import alias_requirements, sharing, tree_requests
from mvlock.project.validation import validate
from mvlock.project.workspace import Workspace, check_is_project, workspace_of
from mvlock.project.workspace_sources import inherited_sources, members_without_source

_BLOCK_KEYS = frozenset({"dependencies", "requires-python", "tool"})


def load_project(
    directory: Path, *, text: str | None = None, more: Sequence[str] = (), before_edit: bool = False
) -> Project:
    """The project whose pyproject.toml lies in ``directory``.

    ``text`` replaces the file's content, to check an edit before it is written. ``more``: further dependencies.
    ``before_edit``: an edit follows, which may write sources that are missing for members of the workspace.
    All problems of the file are reported together. Without ``requires-python`` a project is locked for every
    Python that mvlock supports (``>=3.10``), not for the running Python: equal projects give equal locks on every
    machine.

    :raises LocalError: ``project-missing``, ``file-unreadable``, ``toml-invalid``, ``project-invalid``,
        ``name-not-utf8``, ``foreign-settings``, ``foreign-invalid``, ``workspace-virtual``
    """
    root = directory.resolve()
    check_utf8(root, "the project's folder")
    document = parse_document(read_text(root / FILE_NAME) if text is None else text)
    problems = Problems(FILE_NAME)
    if "project" not in document:
        check_is_project(root)
        problems.add("project-table-missing", "", f"there is no [project] table{convert_hint(document)}")
        document = {**document, "project": {"name": "none"}}
    return _project(
        _Place(root, workspace_of(root), before_edit=before_edit), _with_dependencies(document, more), problems
    )


def load_script(script: Script, *, more: Sequence[str] = ()) -> Project:
    """The project that the block of a script describes (PEP 723); without one, it has no dependencies but ``more``.

    Its root is the script's folder, on which its path sources are based. It has no folders of code, unless the block
    names some: Python itself puts the script's folder first on the path.

    :raises LocalError: ``toml-invalid``, ``project-invalid``, ``name-not-utf8``
    """
    check_utf8(script.path, "the script")
    block = parse_document(script.block or "", f"{script.path.name}: the `# /// script` block")
    problems = Problems(script.path.name, unwritten="project.")
    for key in block.keys() - _BLOCK_KEYS:
        problems.add("extra-forbidden", key_path([key]), "unknown key" + did_you_mean(key, _BLOCK_KEYS))
    keys = ("dependencies", "requires-python")
    table: dict[str, object] = {"name": _name(script.path), **{key: block[key] for key in keys if key in block}}
    document = _with_dependencies({"project": table, "tool": block.get("tool", {})}, more)
    return _project(_Place(script.path.parent, is_script=True), document, problems)


def _name(script: Path) -> str:
    return re.sub("[^A-Za-z0-9]+", "-", script.stem).strip("-") or "script"


def _with_dependencies(document: dict[str, object], more: Sequence[str]) -> dict[str, object]:
    """The document with further dependencies, if there are any, unless it is invalid."""
    table = document["project"]
    old = table.get("dependencies", []) if isinstance(table, dict) else None
    if not more or not isinstance(table, dict) or not isinstance(old, list):
        return document
    return {**document, "project": {**table, "dependencies": [*old, *more]}}


class _Place(NamedTuple):
    """Where what is loaded is: the folder, and the workspace that it is in; ``before_edit``: see ``load_project``."""

    root: Path
    workspace: Workspace | None = None
    is_script: bool = False
    before_edit: bool = False


def _project(place: _Place, document: Mapping[str, object], problems: Problems) -> Project:
    check_keys(document, problems)
    settings = validate(Settings, document, problems)
    check_python(document, settings, problems)
    project = _validated_project(place, document, settings, problems)
    problems.raise_if_any()
    return replace(project, unread=unread_tables(document, project, settings.mvlock))


def _validated_project(
    place: _Place, document: Mapping[str, object], settings: Settings, problems: Problems
) -> Project:
    root, is_script = place.root, place.is_script
    table, mvlock = settings.project, settings.mvlock
    requirements = collect_requirements(settings, SCRIPT_DEPENDENCIES if is_script else PROJECT_DEPENDENCIES, problems)
    folders = () if is_script and mvlock.source is None else read_source_folders(root, mvlock)
    check_folders(mvlock, folders, problems)
    check_settings(document, settings, problems)
    return Project(
        root=root,
        name=table.name,
        is_package=settings.build_system is not None or bool(table.scripts),
        requires_python=table.requires_python,
        trees=tree_requests(requirements, mvlock, problems),
        sources=_sources(place, settings, _references(mvlock, requirements), problems),
        indexes=read_indexes(root, mvlock.index, problems),
        environments=tuple(sorted(mvlock.environments, key=str)),
        exclude_newer=mvlock.exclude_newer,
        exclude_newer_of=_limits(mvlock, problems),
        no_build=mvlock.no_build,
        no_build_of=frozenset(map(canonicalize_name, mvlock.no_build_package)),
        build_constraints=_build_constraints(mvlock),
        unify=mvlock.unify,
        isolate=Isolation(mvlock.isolate),
        share=sharing(mvlock.share),
        peers=mvlock.peers,
        expose=Exposed(mvlock.expose),
        policy=_policy(mvlock.policy),
        app=mvlock.app,
        modules=mvlock.modules,
        source_folders=folders,
        groups={name: _required_by(name, requirements) for name in map(canonicalize_name, settings.groups)},
        extras=frozenset(map(canonicalize_name, table.optional_dependencies)),
        entry_points=dict(sorted(table.scripts.items())),
        workspace=_relative(place.workspace.root, root) if place.workspace is not None else None,
        is_script=is_script,
    )


def _relative(folder: Path, root: Path) -> str:
    return Path(os.path.relpath(folder, root)).as_posix()


def _sources(
    place: _Place, settings: Settings, references: list[Declaration], problems: Problems
) -> dict[NormalizedName, Source]:
    """The sources in the file, and those that come with members of the workspace."""
    workspace = place.workspace
    reader = SourceReader.of(place.root, settings.mvlock, workspace)
    own = read_sources(settings.mvlock, references, reader, problems)
    if workspace is None:
        return own
    missing = () if place.before_edit else members_without_source(settings.project.name, references, own, workspace)
    for key, text in missing:
        problems.add("workspace-source-missing", key, text)
    return dict(sorted({**inherited_sources(own, reader, workspace, problems), **own}.items()))


def _limits(mvlock: MvlockTable, problems: Problems) -> dict[NormalizedName, Moment | None]:
    limits: dict[NormalizedName, Moment | None] = {}
    for written, limit in sorted(mvlock.exclude_newer_package.items()):
        name = canonicalize_name(written)
        if name in limits:
            at = key_path(["tool", "mvlock", "exclude-newer-package", written])
            problems.add("name-clash", at, f"a second limit for '{name}'")
        limits[name] = limit
    return limits


def _policy(table: PolicyTable) -> Policy:
    return Policy(
        max_versions=table.max_versions,
        max_versions_of={canonicalize_name(name): most for name, most in table.max_versions_package.items()},
        allow=table.allow,
        deny=table.deny,
        licenses=table.licenses,
        licenses_of={canonicalize_name(name): texts for name, texts in table.licenses_package.items()},
    )


def _build_constraints(mvlock: MvlockTable) -> tuple[Declaration, ...]:
    at = ("tool", "mvlock", "build-constraints")
    found = (Declaration(constraint, Origin(at, index)) for index, constraint in enumerate(mvlock.build_constraints))
    return tuple(sorted(found, key=str))


def _required_by(group: NormalizedName, requirements: list[Declaration]) -> frozenset[NormalizedName]:
    """The projects that a dependency group requires, with the groups that it includes."""
    return frozenset(declaration.project for declaration in requirements if declaration.group == group)


def _references(mvlock: MvlockTable, requirements: list[Declaration]) -> list[Declaration]:
    """Every requirement that may carry a direct reference."""
    found = [*requirements]
    for name, tree in mvlock.trees.items():
        found += [
            Declaration(requirement, Origin(("tool", "mvlock", "trees", name))) for requirement in tree.requirements
        ]
    for name, alias in mvlock.alias.items():
        found += [
            Declaration(requirement, Origin(("tool", "mvlock", "alias", name)))
            for requirement in alias_requirements(alias)
        ]
    return found

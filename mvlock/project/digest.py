"""The digest by which a lock knows what it was made from.

Two pyproject.toml files have equal digests exactly when they ask for the same lock: formatting, the order of
keys and of requirements, folders and credentials make no difference. Any change to what is hashed here makes
all existing locks stale, so new settings are left out while they have their default.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.utils import NormalizedName

from mvlock.base.digests import sha256_of
from mvlock.base.freshness import BUILD_FILES
from mvlock.base.urls import without_credentials
from mvlock.errors import LocalError
from mvlock.project.declaration import Declaration
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.model import (
    Age,
    GitSource,
    Moment,
    NamedIndexSource,
    PathSource,
    Project,
    Source,
    TreeRequest,
    UrlSource,
)


def inputs_digest(project: Project) -> str:
    """``sha256:…`` of everything in pyproject.toml (and in that of local sources) that the lock depends on.

    Reads the pyproject.toml of every path source; an archive is read whole.

    :raises LocalError: ``path-missing``, ``toml-invalid``: a local source cannot be read
    """
    canonical = json.dumps(_inputs(project), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def digest_files(project: Project) -> tuple[str, ...]:
    """The files beside pyproject.toml that the digest depends on, existing or not, relative to the project."""
    sources = [source for source in project.sources.values() if isinstance(source, PathSource)]
    root = [] if project.workspace in (None, ".") else [f"{project.workspace}/{FILE_NAME}"]  # it says who is a member
    return tuple(sorted({*root, *(name for source in sources for name in _files_of(source))}))


def _files_of(source: PathSource) -> list[str]:
    return [source.relative] if source.path.is_file() else [f"{source.relative}/{name}" for name in BUILD_FILES]


def _inputs(project: Project) -> dict[str, object]:
    return {
        "requires-python": str(project.requires_python),
        "trees": [_tree(tree) for tree in sorted(project.trees, key=lambda tree: tree.name)],
        "sources": {str(name): _source(source) for name, source in project.sources.items()},
        "indexes": [[index.name, index.default, index.explicit] for index in project.indexes],
        "environments": sorted(str(marker) for marker in project.environments),
        "exclude-newer": _time_value(project.exclude_newer),
        "no-build": project.no_build,
        "unify": project.unify,
        "isolate": project.isolate.value,
        **({"own": project.own_name} if project.own_name is not None else {}),
        **({"no-build-package": sorted(project.no_build_of)} if project.no_build_of else {}),
        **({"build-constraints": _texts(project.build_constraints)} if project.build_constraints else {}),
        **({"exclude-newer-package": _times(project.exclude_newer_of)} if project.exclude_newer_of else {}),
    }


def _tree(tree: TreeRequest) -> dict[str, object]:
    return {
        "name": tree.name,
        "requirements": _texts(tree.requirements),
        "constraints": _texts(tree.constraints),
        "overrides": _texts(tree.overrides),
        "prereleases": tree.prereleases.value,
        "groups": sorted(tree.groups),
        "extras": sorted(tree.extras),
        "always": tree.always,
        "alias": tree.alias,
        "module": tree.module,
        "subject": tree.alias_project,
        "share-always": sorted(tree.share.always),
        **({"exclude-newer": _time_value(tree.exclude_newer)} if tree.exclude_newer is not None else {}),
        **({"exclude-dependencies": _texts(tree.exclusions)} if tree.exclusions else {}),
        **({"joinable": True} if tree.joinable else {}),
        **({} if tree.peers else {"peers": False}),
        **({"wishes": [[wish.group, wish.extra, wish.marker] for wish in tree.wishes]} if tree.wishes else {}),
    }


def _texts(declarations: Iterable[Declaration]) -> list[str]:
    return sorted(set(map(str, declarations)))


def _times(limits: Mapping[NormalizedName, Moment | None]) -> dict[str, object]:
    return {name: _time_value(limit) for name, limit in limits.items()}


def _time_value(value: Moment | None) -> str | float | None:
    if isinstance(value, Age):
        return value.length.total_seconds()
    return None if value is None else value.isoformat()


def _source(source: Source) -> dict[str, object]:
    if isinstance(source, PathSource):
        content = _content(source.path)
        return {"path": source.relative, "editable": source.editable, "content": content}
    if isinstance(source, GitSource):
        return {"git": without_credentials(source.url), "rev": source.rev, "subdirectory": source.subdirectory}
    if isinstance(source, UrlSource):
        return {"url": without_credentials(source.url), "sha256": source.sha256, "subdirectory": source.subdirectory}
    return _named_index(source)


def _named_index(source: NamedIndexSource) -> dict[str, object]:
    return {"index": source.index}


def _content(path: Path) -> object:
    """What a local source declares without a build."""
    try:
        if path.is_file():
            return sha256_of(path)
        metadata, *scripts = BUILD_FILES
        return [_metadata_tables(path / metadata), *(_hash_if_exists(path / name) for name in scripts)]
    except OSError as error:
        raise LocalError("path-missing", f"{path} cannot be read: {error.strerror}") from error


def editable_fingerprint(folder: Path) -> str:
    """A hash of what controls the build of an editable source; comments and layout of its pyproject.toml do not."""
    metadata, *scripts = BUILD_FILES
    file = folder / metadata
    document = parse_document(read_text(file), str(file)) if file.is_file() else None
    parts = [document, *(_hash_if_exists(folder / name) for name in scripts)]
    return hashlib.sha256(json.dumps(parts, default=repr).encode()).hexdigest()


def _metadata_tables(file: Path) -> object:
    if not file.is_file():
        return None
    document = parse_document(read_text(file), str(file))
    tables = {key: document[key] for key in ("project", "build-system") if key in document}
    return json.loads(json.dumps(tables, default=str))


def _hash_if_exists(file: Path) -> str | None:
    """setup.py and setup.cfg may hold the metadata of a project without a complete ``[project]`` table."""
    return sha256_of(file) if file.is_file() else None

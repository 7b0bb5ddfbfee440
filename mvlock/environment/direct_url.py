"""Where a distribution came from, if not from an index: ``direct_url.json`` (PEP 610)."""

from __future__ import annotations

import json
from pathlib import Path

from mvlock.lock.model import LockedArchive, LockedDirectory, LockedPackage, LockedVcs


def direct_url(package: LockedPackage, project: Path) -> bytes | None:
    """The file's content; None for a distribution from an index. Relative paths start at ``project``."""
    described = _described(package, project)
    return None if described is None else json.dumps(described, sort_keys=True).encode()


def _described(package: LockedPackage, project: Path) -> dict[str, object] | None:
    if package.directory is not None:
        return _directory(package.directory, project)
    if package.vcs is not None:
        return _vcs(package.vcs)
    if package.archive is not None:
        return _archive(package.archive, project)
    return None


def _directory(origin: LockedDirectory, project: Path) -> dict[str, object]:
    information = {"editable": True} if origin.editable else {}
    return {"url": _file_url(project, origin.path), "dir_info": information}


def _vcs(origin: LockedVcs) -> dict[str, object]:
    information = {"vcs": origin.type, "commit_id": origin.commit_id}
    if origin.requested_revision:
        information["requested_revision"] = origin.requested_revision
    return _with_subdirectory({"url": origin.url, "vcs_info": information}, origin.subdirectory)


def _archive(origin: LockedArchive, project: Path) -> dict[str, object]:
    url = _file_url(project, origin.path or "") if origin.url is None else origin.url
    return _with_subdirectory({"url": url, "archive_info": {"hashes": origin.hashes}}, origin.subdirectory)


def _with_subdirectory(described: dict[str, object], subdirectory: str | None) -> dict[str, object]:
    return described | ({"subdirectory": subdirectory} if subdirectory else {})


def _file_url(project: Path, path: str) -> str:
    return (project / path).resolve().as_uri()

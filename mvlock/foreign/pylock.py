"""pylock.toml (PEP 751)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from mvlock.foreign.locked_package import LockedPackage
from mvlock.foreign.model import ForeignSource
from mvlock.foreign.requirement import path_source

if TYPE_CHECKING:
    from packaging.pylock import Package


def read_pylock(document: Mapping[str, object], folder: Path) -> Iterator[LockedPackage]:
    """The packages; ``folder`` is where its paths start.

    :raises ValueError: it does not follow PEP 751
    """
    from packaging.pylock import Pylock, PylockValidationError

    try:
        packages = Pylock.from_dict(_without_text_times(document)).packages
    except PylockValidationError as error:
        raise ValueError(str(error)) from error
    for package in packages:
        requires = frozenset(canonicalize_name(str(row.get("name"))) for row in package.dependencies or ())
        version = None if package.version is None else str(package.version)
        commit = package.vcs.commit_id if package.vcs is not None else None
        yield LockedPackage(
            package.name, version, str(package.marker or ""), requires, _source(package, folder), commit
        )


def _without_text_times(value: Any) -> Any:
    """The document without times that are text, as Pipenv writes them; they mean nothing here."""
    if isinstance(value, list):
        return [_without_text_times(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    kept = {key: item for key, item in value.items() if not (key == "upload-time" and isinstance(item, str))}
    return {key: _without_text_times(item) for key, item in kept.items()}


def _source(package: Package, folder: Path) -> ForeignSource | None:
    vcs, archive, directory = package.vcs, package.archive, package.directory
    if vcs is not None:
        git = vcs.url or (vcs.path and str(folder / vcs.path))
        return ForeignSource(git=git, rev=vcs.requested_revision, subdirectory=vcs.subdirectory)
    if directory is not None:
        return path_source(directory.path, folder, editable=bool(directory.editable))
    if archive is not None and archive.path is not None:
        return path_source(archive.path, folder)
    return ForeignSource(url=archive.url, subdirectory=archive.subdirectory) if archive is not None else None

"""poetry.lock of Poetry 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from mvlock.foreign.document import shaped
from mvlock.foreign.locked_package import LockedPackage
from mvlock.foreign.model import ForeignSource
from mvlock.foreign.requirement import path_source


class _Poetry(msgspec.Struct, frozen=True):
    name: str
    version: str
    markers: str | dict[str, str] = ""
    dependencies: dict[str, object] = {}
    source: dict[str, str] = {}


def read_poetry_lock(document: Mapping[str, object], folder: Path) -> Iterator[LockedPackage]:
    """The packages; ``folder`` is where its paths start.

    :raises ValueError: it is not in the shape that the tool writes
    """
    for package in shaped(document.get("package", []), list[_Poetry], "package"):
        source, commit = _poetry_source(package.source, folder)
        marker = package.markers if isinstance(package.markers, str) else ""
        requires = frozenset(map(canonicalize_name, package.dependencies))
        yield LockedPackage(package.name, package.version, marker, requires, source, commit)


def _poetry_source(source: Mapping[str, str], folder: Path) -> tuple[ForeignSource | None, str | None]:
    kind, url = source.get("type"), source.get("url", "")
    if kind == "git":
        reference = source.get("reference")
        found = ForeignSource(git=url, rev=reference, subdirectory=source.get("subdirectory"))
        commit = source.get("resolved_reference")
        return found, commit if commit != reference else None
    if kind in ("directory", "file"):
        return path_source(url, folder), None
    return (ForeignSource(url=url), None) if kind == "url" else (None, None)

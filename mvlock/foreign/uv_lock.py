"""uv.lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from mvlock.foreign.document import shaped
from mvlock.foreign.locked_package import LockedPackage
from mvlock.foreign.model import ForeignSource
from mvlock.foreign.requirement import path_source


class _Uv(msgspec.Struct, frozen=True):
    name: str
    version: str | None = None
    source: dict[str, str] = {}
    markers: list[str] = msgspec.field(default_factory=list, name="resolution-markers")
    dependencies: list[dict[str, object]] = []
    optional: dict[str, list[dict[str, object]]] = msgspec.field(default_factory=dict, name="optional-dependencies")
    dev: dict[str, list[dict[str, object]]] = msgspec.field(default_factory=dict, name="dev-dependencies")


def read_uv_lock(document: Mapping[str, object], folder: Path) -> Iterator[LockedPackage]:
    """The packages; ``folder`` is where its paths start.

    :raises ValueError: it is not in the shape that the tool writes
    """
    for package in shaped(document.get("package", []), list[_Uv], "package"):
        is_root = "." in (package.source.get("virtual"), package.source.get("editable"))
        needed = [*package.dependencies, *(row for rows in package.optional.values() for row in rows)]
        requires = frozenset(canonicalize_name(str(row.get("name"))) for row in needed)
        marker = " or ".join(f"({marker})" for marker in package.markers)
        source, commit = _uv_source(package.source, folder)
        yield LockedPackage(package.name, package.version, marker, requires, source, commit, is_root)


def _uv_source(source: Mapping[str, str], folder: Path) -> tuple[ForeignSource | None, str | None]:
    if "git" in source:
        url, _, commit = source["git"].partition("#")
        repository, _, query = url.partition("?")
        asked = dict(part.partition("=")[::2] for part in query.split("&"))
        rev = asked.get("rev") or asked.get("tag") or asked.get("branch")
        return ForeignSource(git=repository, rev=rev, subdirectory=asked.get("subdirectory")), commit or None
    for key in ("editable", "virtual", "directory", "path"):
        if key in source:
            return path_source(source[key], folder, editable=key == "editable"), None
    return (ForeignSource(url=source["url"]), None) if "url" in source else (None, None)

"""pdm.lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from mvlock.foreign.document import shaped
from mvlock.foreign.locked_package import LockedPackage
from mvlock.foreign.model import ForeignSource
from mvlock.foreign.requirement import path_source


class _Pdm(msgspec.Struct, frozen=True):
    name: str
    version: str | None = None
    marker: str = ""
    dependencies: list[str] = []
    git: str | None = None
    ref: str | None = None
    revision: str | None = None
    path: str | None = None
    url: str | None = None
    editable: bool = False


def read_pdm_lock(document: Mapping[str, object], folder: Path) -> Iterator[LockedPackage]:
    """The packages; ``folder`` is where its paths start.

    :raises ValueError: it is not in the shape that the tool writes
    """
    for package in shaped(document.get("package", []), list[_Pdm], "package"):
        source = None
        if package.git or package.url:
            source = ForeignSource(git=package.git, rev=package.ref if package.git else None, url=package.url)
        elif package.path:
            source = path_source(package.path, folder, editable=package.editable)
        requires = frozenset(filter(None, map(_name_of, package.dependencies)))
        commit = package.revision if package.git else None
        yield LockedPackage(package.name, package.version, package.marker, requires, source, commit)


def _name_of(text: str) -> str | None:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return None

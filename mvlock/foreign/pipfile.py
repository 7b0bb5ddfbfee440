"""Pipfile and Pipfile.lock of Pipenv."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.utils import canonicalize_name

from mvlock.foreign.document import shaped, table_in
from mvlock.foreign.model import (
    ForeignProject,
    ForeignRequirement,
    ForeignSource,
    LockedVersion,
    Place,
    combined,
    left_out,
)
from mvlock.foreign.requirement import both, index_part, path_source, requirement, source_of_url, split_revision

_OTHERS = {"source", "requires", "scripts", "pipenv"}
_MARKERS = (
    *("os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release"),
    *("platform_system", "platform_version", "python_version", "python_full_version", "implementation_name"),
)


class _Source(msgspec.Struct, frozen=True):
    url: str
    name: str | None = None


class _Package(msgspec.Struct, frozen=True):
    version: str = "*"
    extras: list[str] = []
    markers: str | None = None
    index: str | None = None
    git: str | None = None
    ref: str | None = None
    subdirectory: str | None = None
    path: str | None = None
    file: str | None = None
    editable: bool = False


def read_pipfile(document: Mapping[str, object], folder: Path) -> ForeignProject:
    """What a Pipfile says; a category of packages is a group.

    :raises ValueError: it is not in the shape that Pipenv reads
    """
    return combined([*_indexes(document, folder), _python(document), *_packages(document, folder), *_rest(document)])


def read_pipfile_lock(document: object, folder: Path, *, alone: bool) -> ForeignProject:
    """The versions in a Pipfile.lock. ``alone``: without a Pipfile, all of them are required in these versions.

    :raises ValueError: it is not in the shape that Pipenv writes
    """
    sections = shaped(document, dict[str, object], "Pipfile.lock")
    found = [
        _locked(canonicalize_name(name), shaped(value, _Package, f"{section}.{name}"))
        for section in sections.keys() - {"_meta"}
        for name, value in table_in(sections, section).items()
    ]
    found.sort(key=lambda part: part.locked)
    if not alone:
        return combined(found)
    why = "a Pipfile.lock does not say which of its packages are required directly: all were taken"
    meta = {key: value for key, value in table_in(sections, "_meta").items() if key != "hash"}
    read = {**{_SECTIONS.get(key, key): value for key, value in sections.items() if key != "_meta"}}
    source = {"source": meta.get("sources", []), "requires": meta.get("requires", {})}
    return combined([*found, read_pipfile({**read, **source}, folder), left_out("the Pipfile", why)])


_SECTIONS = {"default": "packages", "develop": "dev-packages"}


def _locked(name: str, package: _Package) -> ForeignProject:
    if not package.version.startswith("=="):
        return ForeignProject()
    version = package.version.lstrip("=")
    return ForeignProject(locked=(LockedVersion(name, version, str(both(package.markers) or "")),))


def _indexes(document: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    """The first source is the default, the others apply to the packages that name them."""
    for number, source in enumerate(shaped(document.get("source", []), list[_Source], "source")):
        if "$" in source.url:
            yield left_out(
                f"source {source.name or number}", "its URL has variables; write it as [[tool.mvlock.index]]"
            )
        else:
            yield index_part(source.name, source.url, folder, default=number == 0, explicit=number > 0)


def _python(document: Mapping[str, object]) -> ForeignProject:
    requires = shaped(document.get("requires", {}), dict[str, str], "requires")
    version = requires.get("python_full_version") or requires.get("python_version")
    if version is None:
        return ForeignProject()
    why = f"Pipenv uses exactly Python {version}; requires-python allows newer ones, too"
    return combined([ForeignProject(requires_python=f">={version}"), left_out("requires", why)])


def _packages(document: Mapping[str, object], folder: Path) -> Iterator[ForeignProject]:
    for section in document:
        if section not in _OTHERS:
            group = None if section == "packages" else section.removesuffix("-packages")
            for name, value in table_in(document, section).items():
                yield _package(name, value, Place(group=group), folder, f"{section}.{name}")


def _package(name: str, value: object, place: Place, folder: Path, at: str) -> ForeignProject:
    table = {"version": value} if isinstance(value, str) else value
    found = shaped(table, _Package, at)
    keys = table if isinstance(table, dict) else {}
    markers = [f"{key} {keys[key]}" for key in _MARKERS if isinstance(keys.get(key), str)]
    source = _source(found, folder)
    has_version = found.version != "*" and (source is None or source.index is not None)
    version = found.version if has_version else ""
    version = f"=={version}" if version[:1].isdigit() else version
    needed = requirement(name, version, found.extras, both(found.markers, *markers))
    return ForeignProject(
        requirements=(ForeignRequirement(needed, place, "Pipfile"),), sources={needed.name: source} if source else {}
    )


def _source(found: _Package, folder: Path) -> ForeignSource | None:
    if found.git is not None:
        repository, rev = split_revision(found.git.removeprefix("git+"))
        return ForeignSource(git=repository, rev=found.ref or rev, subdirectory=found.subdirectory)
    if found.path is not None:
        return path_source(found.path, folder, editable=found.editable)
    if found.file is not None:
        return source_of_url(found.file, folder) if "://" in found.file else path_source(found.file, folder)
    return ForeignSource(index=found.index) if found.index and found.index.lower() != "pypi" else None


def _rest(document: Mapping[str, object]) -> Iterator[ForeignProject]:
    for key in ("scripts", "pipenv"):
        if key in document:
            yield left_out(f"[{key}]", "settings of Pipenv; `mvlock run` runs any command")

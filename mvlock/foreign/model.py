"""What a file of another tool says, in the words of mvlock: one value, whatever the file was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TypeVar

import msgspec
from packaging.requirements import Requirement

_T = TypeVar("_T")


class Place(msgspec.Struct, frozen=True):
    """Where a requirement belongs: a group or an extra; neither: ``[project] dependencies``."""

    group: str | None = None
    extra: str | None = None


class ForeignRequirement(msgspec.Struct, frozen=True):
    """A requirement (PEP 508, names normalised) without a URL, which is a source of the project instead."""

    requirement: Requirement
    place: Place = Place()
    origin: str = ""
    """The file that has it, for messages."""


class ForeignSource(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row of ``[tool.mvlock.sources]``; ``path`` is absolute. Without any key: no such row can say what is meant.

    ``workspace``: at ``path`` is a member of the same workspace, and the row says that. ``choices``: then the rows of
    which one applies, each with its condition.
    """

    path: str | None = None
    editable: bool = False
    git: str | None = None
    rev: str | None = None
    url: str | None = None
    subdirectory: str | None = None
    index: str | None = None
    workspace: bool = False
    choices: tuple[tuple[str, ForeignSource], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether it says where the project comes from."""
        return any((self.path, self.git, self.url, self.index))

    def row(self, root: Path) -> dict[str, str | bool]:
        """Its keys in ``[tool.mvlock.sources]`` of the project in ``root``; a path is relative to that."""
        if self.workspace:
            return {"workspace": True} if self.editable else {"workspace": True, "editable": False}
        keys: dict[str, str | bool] = msgspec.to_builtins(self)
        return {**keys, "path": Path(os.path.relpath(self.path, root)).as_posix()} if self.path else keys

    def line(self, name: str, root: Path) -> str:
        """The row of the project ``name`` as it is written; without a key there is none."""
        if not self.is_known:
            return "no source"
        keys = ", ".join(f"{key} = {json.dumps(value)}" for key, value in self.row(root).items())
        return f"{name} = {{ {keys} }}"


class ForeignIndex(msgspec.Struct, frozen=True, omit_defaults=True):
    """A ``[[tool.mvlock.index]]``; a folder is an absolute path."""

    name: str
    url: str
    default: bool = False
    explicit: bool = False
    format: str = "simple"

    @property
    def address(self) -> str:
        """Its URL, to compare it with others."""
        return Path(self.url).as_uri() if self.url.startswith("/") else self.url.rstrip("/")

    def row(self, root: Path) -> dict[str, str | bool]:
        """Its keys in pyproject.toml of the project in ``root``; a path is relative to that."""
        keys: dict[str, str | bool] = msgspec.to_builtins(self)
        if not self.url.startswith("/"):
            return keys
        path = Path(os.path.relpath(self.url, root)).as_posix()
        return {**keys, "url": path if path.startswith("../") else f"./{path}"}


class ForeignWorkspace(msgspec.Struct, frozen=True):
    """The workspace of a project: ``members`` are folders by the names of their projects, the root's own with them.

    ``patterns`` and ``excluded`` say in the root which folders these are.
    """

    root: Path
    members: Mapping[str, Path]
    patterns: tuple[str, ...]
    excluded: tuple[str, ...]

    @property
    def table(self) -> dict[str, list[str]]:
        """``[tool.mvlock.workspace]`` of the root."""
        return {"members": [*self.patterns], **({"exclude": [*self.excluded]} if self.excluded else {})}


class LockedVersion(msgspec.Struct, frozen=True, order=True):
    """A version that the other tool has locked, where ``marker`` is true ("": everywhere)."""

    name: str
    version: str
    marker: str = ""


class Omission(msgspec.Struct, frozen=True):
    """What mvlock does not take over (a key, a line, an option), and why not, or what to do instead."""

    what: str
    why: str
    concerns_lock: bool = True
    """Whether it may change what is locked; a description, or what is for builds, does not."""
    of_root: bool = False
    """Whether the root of the workspace says it, and the project is another member."""
    is_essential: bool = False
    """Whether the project cannot be locked without it."""

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class ForeignProject(msgspec.Struct, frozen=True):
    """Everything that was taken from some files, and what was left out. Every reader returns one."""

    files: tuple[str, ...] = ()
    """What was read, as messages name it: ``pyproject.toml (Poetry)``."""
    name: str | None = None
    version: str | None = None
    requires_python: str | None = None
    requirements: tuple[ForeignRequirement, ...] = ()
    includes: tuple[tuple[str, str], ...] = ()
    """Groups that include another one (PEP 735), with that."""
    scripts: Mapping[str, str] = {}
    sources: Mapping[str, ForeignSource] = {}
    indexes: tuple[ForeignIndex, ...] = ()
    settings: Mapping[str, object] = {}
    """Other keys of ``[tool.mvlock]``: ``constraints``, ``overrides``, ``environments``, …"""
    workspace: ForeignWorkspace | None = None
    locked: tuple[LockedVersion, ...] = ()
    left_out: tuple[Omission, ...] = ()


def combined(parts: Iterable[ForeignProject]) -> ForeignProject:
    """All parts as one. Of what there can be only one, the first counts; lists are joined, each item once."""
    found = list(parts)
    return ForeignProject(
        files=_joined(part.files for part in found),
        name=next((part.name for part in found if part.name), None),
        version=next((part.version for part in found if part.version), None),
        requires_python=next((part.requires_python for part in found if part.requires_python), None),
        requirements=tuple(chain.from_iterable(part.requirements for part in found)),
        includes=_joined(part.includes for part in found),
        scripts=_merged(part.scripts for part in found),
        sources=_merged(part.sources for part in found),
        indexes=tuple(_apart(chain.from_iterable(part.indexes for part in found))),
        settings=_merged_settings(part.settings for part in found),
        workspace=next((part.workspace for part in found if part.workspace), None),
        locked=_joined(part.locked for part in found),
        left_out=_joined(part.left_out for part in found),
    )


def without_public_indexes(found: ForeignProject, is_public: Callable[[str], bool]) -> ForeignProject:
    """Without the public index, which is the default of mvlock and is called ``pypi`` there, unless another one is."""
    public = [index for index in found.indexes if is_public(index.url)]
    others = tuple(index for index in found.indexes if index not in public)
    if any(index.default for index in others):
        kept = (msgspec.structs.replace(index, default=False) for index in public)
        return msgspec.structs.replace(found, indexes=(*others, *kept))
    names = {index.name for index in public}
    sources = {
        name: msgspec.structs.replace(source, index="pypi") if source.index in names else source
        for name, source in found.sources.items()
    }
    return msgspec.structs.replace(found, sources=sources, indexes=others)


def without_itself(found: ForeignProject, root: Path) -> ForeignProject:
    """Without the project in ``root`` itself (``-e .[web]``), of which an install chooses the extras."""
    own = {name for name, source in found.sources.items() if source.path and Path(source.path) == root}
    extras = sorted({e for one in found.requirements if one.requirement.name in own for e in one.requirement.extras})
    options = " ".join(f"--extra {extra}" for extra in extras)
    notes = (Omission("the extras of the project itself", f"chosen at install: {options}"),) if extras else ()
    return msgspec.structs.replace(
        found,
        requirements=tuple(one for one in found.requirements if one.requirement.name not in own),
        sources={name: source for name, source in found.sources.items() if name not in own},
        left_out=(*found.left_out, *notes),
    )


def left_out(what: str, why: str, *, concerns_lock: bool = True) -> ForeignProject:
    """A part that only says what was left out."""
    return ForeignProject(left_out=(Omission(what, why, concerns_lock),))


def said_by_root(part: ForeignProject) -> ForeignProject:
    """A part that a member has from the root of its workspace."""
    omissions = (msgspec.structs.replace(omission, of_root=True) for omission in part.left_out)
    return msgspec.structs.replace(part, left_out=tuple(omissions))


def _joined(lists: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(lists)))


def _apart(indexes: Iterable[ForeignIndex]) -> Iterator[ForeignIndex]:
    """Each index once, under a name that no other has: several may be on one host, after which they are named."""
    names: set[str] = set()
    urls: set[str] = set()
    for index in indexes:
        if index.address not in urls:
            urls.add(index.address)
            numbered = (f"{index.name}-{number}" for number in range(2, len(names) + 3))
            name = next(name for name in chain([index.name], numbered) if name.lower() not in names)
            names.add(name.lower())
            yield msgspec.structs.replace(index, name=name)


def _merged(mappings: Iterable[Mapping[str, _T]]) -> Mapping[str, _T]:
    merged: dict[str, _T] = {}
    for mapping in mappings:
        merged = {**mapping, **merged}
    return merged


def _merged_settings(mappings: Iterable[Mapping[str, object]]) -> Mapping[str, object]:
    merged: dict[str, object] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            old = merged.get(key)
            if isinstance(old, list) and isinstance(value, list):
                merged[key] = list(dict.fromkeys([*old, *value]))
            elif isinstance(old, dict) and isinstance(value, dict):
                merged[key] = {**value, **old}
            else:
                merged.setdefault(key, value)
    return merged

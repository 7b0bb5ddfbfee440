"""Shared libraries that several trees bring under one name, and the names of their own that they get.

The dynamic loader takes two libraries of one SONAME for one: whoever comes second gets the first's symbols. So
a tree whose library another tree has too, with other content, gets it under a name that only this tree uses:
SONAME and every NEEDED change, the file's own name stays, and a link of the new name beside it lets the loader
find it. The new name is as long as the old one and takes its place in the file, so nothing in it moves.

Trees that are there keep their names: it suffices that the name of the one that comes is unique.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from mvlock.errors import BadArtifact
from mvlock.plan import InstalledLibrary
from mvlock.store import Linkage, LinkName, StoredFile, StoredWheel

_MARK_LENGTH = 8
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes of a file that are replaced by as many others."""

    offset: int
    old: bytes
    new: bytes


@dataclass(slots=True)
class TreeLibraries:
    """What the dynamic loader would see of one tree: libraries by the names it knows them by, and what is needed."""

    shipped: dict[str, list[InstalledLibrary]] = field(default_factory=lambda: defaultdict(list))
    needed: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    """Names that share bytes with others in some file, and so cannot be changed in place."""

    def all(self, renames: Mapping[str, str]) -> tuple[InstalledLibrary, ...]:
        """The libraries as they will be installed, sorted."""
        found = [
            InstalledLibrary(renames.get(name, name), library.sha256, library.python)
            for name, libraries in self.shipped.items()
            for library in libraries
        ]
        return tuple(sorted(found, key=lambda library: (library.name, library.sha256)))


@dataclass(frozen=True, slots=True)
class OwnNames:
    """New names by old ones, and all libraries of the tree as they will be installed."""

    renames: Mapping[str, str]
    installed: tuple[InstalledLibrary, ...]


def tree_libraries(wheels: Iterable[StoredWheel]) -> TreeLibraries:
    """What the wheels of one tree bring."""
    found = TreeLibraries()
    linked = [(file, file.linkage) for wheel in wheels for file in wheel.receipt.files if file.linkage is not None]
    for _, linkage in linked:
        found.needed.update(name.text for name in linkage.needed)
        found.fixed.update(_entangled(linkage))
    for file, linkage in linked:
        for name in names_of(file, linkage, found.needed):
            found.shipped[name].append(InstalledLibrary(name, file.sha256, linkage.python))
    return found


def names_of(file: StoredFile, linkage: Linkage, needed: Iterable[str]) -> list[str]:
    """The names under which the loader finds a library: its SONAME, its file's if someone asks for that."""
    basename = file.path.rpartition("/")[2]
    names = {linkage.soname.text} if linkage.soname is not None else set()
    return sorted(names | ({basename} & set(needed)))


def chosen_names(
    coming: Mapping[str, TreeLibraries], there: Mapping[str, Iterable[InstalledLibrary]]
) -> dict[str, OwnNames]:
    """New names for the libraries of trees that are to be made; ``there``: those of trees that stay."""
    plain = {name: libraries.all({}) for name, libraries in coming.items()}
    everywhere = {**there, **plain}
    found = {}
    for tree, libraries in coming.items():
        others = (library for name, shipped in everywhere.items() if name != tree for library in shipped)
        renames = {name: _own_name(tree, name) for name in _clashing(libraries, others)}
        found[tree] = OwnNames(renames, libraries.all(renames))
    return found


def _clashing(libraries: TreeLibraries, others: Iterable[InstalledLibrary]) -> Iterator[str]:
    there: dict[str, list[InstalledLibrary]] = defaultdict(list)
    for other in others:
        there[other.name].append(other)
    for name in sorted(libraries.shipped.keys() & libraries.needed & there.keys() - libraries.fixed):
        if name[:1] != "." and any(_clash(one, other) for one in libraries.shipped[name] for other in there[name]):
            yield name


def edits(linkage: Linkage, renames: Mapping[str, str]) -> tuple[Edit, ...]:
    """How a file must change, by offset."""
    return tuple(
        Edit(name.offset, name.text.encode(), renames[name.text].encode())
        for name in _distinct(linkage)
        if name.text in renames
    )


def edited_digest(source: Path, changes: Iterable[Edit]) -> str:
    """The hex sha256 of ``source`` after ``changes``.

    :raises BadArtifact: ``store-corrupt`` if the file is not what it was
    """
    digest = hashlib.sha256()
    with source.open("rb") as stream:
        for change in changes:
            for piece in _pieces(stream, change.offset - stream.tell()):
                digest.update(piece)
            if stream.read(len(change.old)) != change.old:
                raise BadArtifact("store-corrupt", f"{source} has changed since it came into the store")
            digest.update(change.new)
        for piece in _pieces(stream, sys.maxsize):
            digest.update(piece)
    return digest.hexdigest()


def apply(path: Path, changes: Iterable[Edit]) -> None:
    """Change a file in place."""
    with path.open("r+b") as stream:
        for change in changes:
            stream.seek(change.offset)
            stream.write(change.new)


def _pieces(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := stream.read(min(size, _CHUNK))):
        size -= len(piece)
        yield piece


def _clash(one: InstalledLibrary, other: InstalledLibrary) -> bool:
    """Equal libraries may be one, unless they keep Python objects: those belong to one tree."""
    return one.sha256 != other.sha256 or one.python


def _own_name(tree: str, name: str) -> str:
    """A name of equal length: the end of the part before the first dot becomes a hash of tree and name."""
    stem, dot, rest = name.partition(".")
    length = min(_MARK_LENGTH, len(stem))
    digest = hashlib.sha256(f"{tree}\0{name}".encode()).digest()
    mark = "".join(_ALPHABET[byte % 32] for byte in digest[:length])
    return stem[: len(stem) - length] + mark + dot + rest


def _distinct(linkage: Linkage) -> list[LinkName]:
    names = [*linkage.needed, *([linkage.soname] if linkage.soname is not None else [])]
    return sorted({name.offset: name for name in names}.values(), key=lambda name: name.offset)


def _entangled(linkage: Linkage) -> Iterator[str]:
    """Names of which one is the end of another in the file's table of strings."""
    names = _distinct(linkage)
    for one, other in pairwise(names):
        if one.offset + len(one.text) >= other.offset:
            yield from (one.text, other.text)

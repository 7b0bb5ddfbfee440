"""Shared libraries that several trees have under one name, and the unique names that they get.

The dynamic loader treats two libraries with one SONAME as one: code that needs the second gets the first's symbols.
So if another tree has a library of the same name with different content, this tree's gets a name that only this tree
uses: SONAME and every NEEDED change, the file's own name stays, and a link with the new name beside it lets the
loader find it. The new name is as long as the old one and replaces it in the file, so no offset changes.

Installed trees keep their names: it is enough that a new tree's name is unique. If trees share a distribution, one
copy of its libraries serves them all, so the libraries have the same name in all of them.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import msgspec
from packaging.utils import canonicalize_name

from mvlock.base.digests import record_digest
from mvlock.errors import BadArtifact
from mvlock.plan.receipt import InstalledDistribution, InstalledLibrary, TreeReceipt
from mvlock.store.model import Linkage, LinkName, StoredFile
from mvlock.store.store import StoredWheel

_MARK_LENGTH = 8
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_CHUNK = 1024 * 1024


class Edit(msgspec.Struct, frozen=True):
    """Bytes of a file that are replaced by the same number of others."""

    offset: int
    old: bytes
    new: bytes


class TreeLibraries(msgspec.Struct):
    """One tree as the dynamic loader sees it: libraries by the names that it uses for them, and what is needed."""

    provided: dict[str, list[InstalledLibrary]] = msgspec.field(default_factory=lambda: defaultdict(list))
    needed: set[str] = msgspec.field(default_factory=set)
    fixed: set[str] = msgspec.field(default_factory=set)
    """Names that share bytes with others in some file, and so cannot be changed in place."""

    @property
    def movable(self) -> set[str]:
        """Names that can be changed, and that files of the tree need, so that these can be changed with them."""
        return {name for name in self.provided.keys() & self.needed - self.fixed if name[:1] != "."}

    def all(self, renames: Mapping[str, str]) -> tuple[InstalledLibrary, ...]:
        """The libraries as they will be installed, sorted."""
        movable = self.movable
        found = [
            msgspec.structs.replace(library, name=renames.get(name, name), movable=name in movable)
            for name, libraries in self.provided.items()
            for library in libraries
        ]
        return tuple(sorted(found, key=lambda library: (library.name, library.digest)))


class LibraryNames(msgspec.Struct, frozen=True):
    """New names by old ones, all libraries of the tree as they will be installed, and the names that files need."""

    renames: Mapping[str, str]
    installed: tuple[InstalledLibrary, ...]
    needed: Collection[str]


def tree_libraries(wheels: Iterable[StoredWheel]) -> TreeLibraries:
    """The libraries in the wheels of one tree."""
    found = TreeLibraries()
    files = [(wheel, file) for wheel in wheels for file in wheel.receipt.files]
    linked = [(canonicalize_name(wheel.receipt.name), file, file.linkage) for wheel, file in files if file.linkage]
    for _, _, linkage in linked:
        found.needed.update(name.text for name in linkage.needed)
        found.fixed.update(_overlapping_names(linkage))
    for project, file, linkage in linked:
        for name in names_of(file, linkage, found.needed):
            found.provided[name].append(InstalledLibrary(name, file.digest, linkage.python, project, name))
    return found


def names_of(file: StoredFile, linkage: Linkage, needed: Iterable[str]) -> list[str]:
    """The names under which the loader finds a library: its SONAME, and its file name if a file needs that."""
    basename = file.path.rpartition("/")[2]
    names = {linkage.soname.text} if linkage.soname is not None else set()
    return sorted(names | ({basename} & set(needed)))


def library_names(
    new_trees: Mapping[str, TreeLibraries],
    kept: Mapping[str, Iterable[InstalledLibrary]],
    sharing: Mapping[tuple[str, str], tuple[str, ...]],
) -> dict[str, LibraryNames]:
    """New names for the libraries of trees to be made; ``kept``: the libraries of trees that stay.

    ``sharing``: by tree and project, the trees that share the distribution, including the tree itself.
    """
    all_libraries = {**kept, **{name: libraries.all({}) for name, libraries in new_trees.items()}}
    found = {}
    for tree, libraries in new_trees.items():
        names = {library.plain: library.name for library in _shared(tree, kept, sharing)}
        others = {name: provided for name, provided in all_libraries.items() if name != tree}
        for library in _clashing(tree, libraries, others, sharing):
            key = "+".join(sharing.get((tree, library.project), (tree,)))
            names.setdefault(library.name, _unique_name(key, library.name))
        renames = {plain: name for plain, name in names.items() if plain != name and plain in libraries.movable}
        found[tree] = LibraryNames(renames, libraries.all(renames), libraries.needed)
    return found


def _shared(
    tree: str, kept: Mapping[str, Iterable[InstalledLibrary]], sharing: Mapping[tuple[str, str], tuple[str, ...]]
) -> Iterator[InstalledLibrary]:
    """The libraries of other trees that this tree shares."""
    for name, libraries in kept.items():
        yield from (library for library in libraries if name in sharing.get((tree, library.project), ()))


def _clashing(
    tree: str,
    libraries: TreeLibraries,
    others: Mapping[str, Iterable[InstalledLibrary]],
    sharing: Mapping[tuple[str, str], tuple[str, ...]],
) -> Iterator[InstalledLibrary]:
    by_name: dict[str, list[tuple[str, InstalledLibrary]]] = defaultdict(list)
    for name, provided in others.items():
        for library in provided:
            by_name[library.name].append((name, library))
    for name in sorted(libraries.movable & by_name.keys()):
        for library in libraries.provided[name]:
            shared = sharing.get((tree, library.project), ())
            if any(
                _clash(library, other) and not _is_shared_copy(library, other, owner in shared)
                for owner, other in by_name[name]
            ):
                yield library


def _is_shared_copy(library: InstalledLibrary, other: InstalledLibrary, shared: bool) -> bool:
    return shared and library.project == other.project


def inconsistent_trees(
    trees: Iterable[TreeReceipt], sharing: Mapping[tuple[str, str], tuple[str, ...]]
) -> dict[str, str]:
    """Trees whose files no longer match what they share, each with a project that shows it; the rest are consistent.

    Trees that share a distribution use one name for its libraries; those that do not have native files of their own.
    """
    found: dict[str, str] = {}
    consistent: list[TreeReceipt] = []
    for tree in sorted(trees, key=lambda tree: tree.tree):
        inconsistent = next(
            (item.name for item in tree.distributions if _is_inconsistent(item, tree, consistent, sharing)), None
        )
        if inconsistent is None:
            consistent.append(tree)
        else:
            found[tree.tree] = inconsistent
    return found


def _is_inconsistent(
    item: InstalledDistribution,
    tree: TreeReceipt,
    others: Iterable[TreeReceipt],
    sharing: Mapping[tuple[str, str], tuple[str, ...]],
) -> bool:
    mine = _movable(tree, item.name)
    for other in others:
        counterpart = next((library for library in other.distributions if library.identity == item.identity), None)
        if counterpart is None:
            continue
        theirs = _movable(other, item.name)
        if other.tree in sharing[tree.tree, item.name]:
            inconsistent = any(theirs.get(plain, library).name != library.name for plain, library in mine.items())
        else:
            same_file = item.copy is not None and item.copy == counterpart.copy
            inconsistent = same_file or any(library.python and library in other.libraries for library in mine.values())
        if inconsistent:
            return True
    return False


def _movable(tree: TreeReceipt, project: str) -> dict[str, InstalledLibrary]:
    return {library.plain: library for library in tree.libraries if library.project == project and library.movable}


def edits(linkage: Linkage, renames: Mapping[str, str]) -> tuple[Edit, ...]:
    """How a file must change, by offset."""
    return tuple(
        Edit(name.offset, name.text.encode(), renames[name.text].encode())
        for name in _distinct(linkage)
        if name.text in renames
    )


def edited_digest(source: Path, changes: Iterable[Edit]) -> str:
    """The digest of ``source`` after ``changes``, as RECORD has it.

    :raises BadArtifact: ``store-corrupt`` if the file is not what it was
    """
    digest = hashlib.sha256()
    with source.open("rb") as stream:
        for change in changes:
            for piece in _pieces(stream, change.offset - stream.tell()):
                digest.update(piece)
            if stream.read(len(change.old)) != change.old:
                raise BadArtifact("store-corrupt", f"{source} has changed since it was stored")
            digest.update(change.new)
        for piece in _pieces(stream, sys.maxsize):
            digest.update(piece)
    return record_digest(digest.digest())


def apply_edits(path: Path, changes: Iterable[Edit]) -> None:
    """Change a file in place."""
    with path.open("r+b") as stream:
        for change in changes:
            stream.seek(change.offset)
            stream.write(change.new)


def _pieces(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := stream.read(min(size, _CHUNK))):
        size -= len(piece)
        yield piece


def _clash(library: InstalledLibrary, other: InstalledLibrary) -> bool:
    """Whether two libraries must be kept apart; equal ones need not, unless they hold one tree's Python objects."""
    return library.digest != other.digest or library.python


def _unique_name(tree: str, name: str) -> str:
    """A name of the same length: the end of the part before the first dot becomes a hash of tree and name."""
    stem, dot, rest = name.partition(".")
    length = min(_MARK_LENGTH, len(stem))
    digest = hashlib.sha256(f"{tree}\0{name}".encode()).digest()
    mark = "".join(_ALPHABET[byte % 32] for byte in digest[:length])
    return stem[: len(stem) - length] + mark + dot + rest


def _distinct(linkage: Linkage) -> list[LinkName]:
    names = [*linkage.needed, *([linkage.soname] if linkage.soname is not None else [])]
    return sorted({name.offset: name for name in names}.values(), key=lambda name: name.offset)


def _overlapping_names(linkage: Linkage) -> Iterator[str]:
    """Names that overlap in the file's string table, one being the end of another."""
    names = _distinct(linkage)
    for name, next_name in pairwise(names):
        if name.offset + len(name.text) >= next_name.offset:
            yield from (name.text, next_name.text)

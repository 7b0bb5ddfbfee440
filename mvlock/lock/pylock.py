"""Trees as pylock.toml (PEP 751), for installers that know nothing of mvlock.

PEP 751 requires a URL for every file, which mv.lock does not have: it is looked up by name and hash on the index that
this machine uses, so that exports of the same lock may differ from machine to machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
from packaging.utils import canonicalize_name

from mvlock.lock.format import Pair, inline, pairs, pairs_of
from mvlock.lock.meeting_versions import meeting_versions
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree, TreePackage
from mvlock.lock.united import united, united_by_group
from mvlock.project.index_address import local_path

_FILE = ("name", "upload-time", "url", "path", "size", "hashes")
"""The keys of a file, in the order of PEP 751; a key added to the lock must be added here."""

Address = Callable[[LockedPackage, LockedFile], str]
"""The URL of a file, without credentials."""


class ExportContext(msgspec.Struct, frozen=True):
    """Where an export goes: ``relative`` turns a path that is relative to mv.lock into one relative to the export."""

    address: Address
    relative: Callable[[str], str]


def pylock_name(tree: LockedTree) -> str:
    """``pylock.<tree>.toml`` (PEP 751, "File name")."""
    return f"pylock.{tree.name}.toml"


def format_pylock(lock: Lock, trees: Sequence[LockedTree], surroundings: ExportContext) -> str:
    """The TOML text for some trees: one environment if their versions agree, else a dependency group for each tree.

    :raises NetworkFailure: an address cannot be found
    """
    if len(trees) == 1:
        return _text(lock, trees[0], surroundings)
    if not meeting_versions(lock, trees):
        return _text(lock, united(trees), surroundings)
    groups = [group_name(tree) for tree in trees]
    return _text(lock, united_by_group(trees, groups), surroundings, groups)


def _text(lock: Lock, tree: LockedTree, surroundings: ExportContext, groups: Sequence[str] = ()) -> str:
    """``groups``: the dependency groups that the markers of the tree name."""
    lines = list(pairs(_head(lock, groups)))
    for member, package in tree_distributions(lock, tree):
        lines += ["", "[[packages]]", *_package(member, package, surroundings)]
    if not tree.packages:
        lines.append("packages = []")
    return "\n".join(lines) + "\n"


def tree_distributions(lock: Lock, tree: LockedTree) -> Iterator[tuple[TreePackage, LockedPackage]]:
    """Each member of a tree with its distribution, in order."""
    known = {(package.name, package.version): package for package in lock.packages}
    return ((member, known[member.name, member.version]) for member in tree.packages)


def group_name(tree: LockedTree) -> str:
    """The dependency group that stands for a tree: normalised, as installers compare them (PEP 735)."""
    return canonicalize_name(tree.name)


def _head(lock: Lock, groups: Sequence[str]) -> Iterator[Pair]:
    yield "lock-version", "1.0"
    yield "environments", lock.environments or None
    yield "requires-python", lock.requires_python or None
    yield "dependency-groups", tuple(groups) or None
    yield "created-by", "mvlock"


def _package(member: TreePackage, package: LockedPackage, surroundings: ExportContext) -> Iterator[str]:
    yield from pairs(
        [
            ("name", package.name),
            ("version", None if package.directory else package.version),
            ("marker", member.marker),
            ("requires-python", package.requires_python),
        ]
    )
    yield from _origin(package, surroundings)
    files = [inline(_file(package, wheel, surroundings)) for wheel in package.wheels]
    if files:
        yield from ["wheels = [", *(f"    {file}," for file in files), "]"]
    if package.sdist:
        yield f"sdist = {inline(_file(package, package.sdist, surroundings))}"


def _file(package: LockedPackage, file: LockedFile, surroundings: ExportContext) -> Iterable[Pair]:
    address = surroundings.address(package, file)
    path = local_path(address)
    place = ("url", address) if path is None else ("path", surroundings.relative(str(path)))
    found = dict([*pairs_of(file), place])
    return sorted(found.items(), key=lambda pair: _FILE.index(pair[0]))


def _origin(package: LockedPackage, surroundings: ExportContext) -> Iterator[str]:
    for key, origin in (("vcs", package.vcs), ("directory", package.directory), ("archive", package.archive)):
        if origin is not None:
            yield f"{key} = {inline(_moved(pairs_of(origin), surroundings))}"


def _moved(found: Iterable[Pair], surroundings: ExportContext) -> Iterator[Pair]:
    """The pairs, with paths relative to the export."""
    return ((key, surroundings.relative(str(value)) if key == "path" else value) for key, value in found)

"""mv.lock as text. A writer of our own: a lock of a megabyte takes milliseconds, and the layout is ours.

One key per line and one file of a distribution per line, so that a change of one pin is a small diff and two
branches merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from mvlock.lock.model import (
    Lock,
    LockedArchive,
    LockedConflict,
    LockedDirectory,
    LockedFile,
    LockedPackage,
    LockedSoft,
    LockedTree,
    LockedVcs,
    LockedWish,
    TreePackage,
)

_HEADER = "# This file is written by `mvlock resolve`; commit it, and edit pyproject.toml instead of it."
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}

Value = str | int | bool | datetime | tuple[str, ...] | dict[str, str] | None
Pair = tuple[str, Value]


def format_lock(lock: Lock) -> str:
    """The TOML text of a lock; equal locks give equal text."""
    lines = [_HEADER, *pairs(_head(lock))]
    for tree in lock.trees:
        lines += ["", "[[trees]]", *pairs(_tree(tree)), *_arrays(tree)]
        for member in tree.packages:
            lines += ["", "[[trees.packages]]", *pairs(_member(member))]
    for package in lock.packages:
        lines += ["", "[[packages]]", *_package(package)]
    return "\n".join(lines) + "\n"


def _head(lock: Lock) -> Iterator[Pair]:
    yield "lock-version", lock.lock_version
    yield "created-by", lock.created_by
    yield "requires-python", lock.requires_python
    yield "environments", lock.environments or None
    yield "inputs", lock.inputs


def _tree(tree: LockedTree) -> Iterator[Pair]:
    yield "name", tree.name
    yield "requires", tree.requires
    yield "imports", tree.imports
    yield "alias", tree.alias
    yield "module", tree.module
    yield "groups", tree.groups or None
    yield "extras", tree.extras or None
    yield "always", None if tree.always else False
    yield "packages", None if tree.packages else ()


def _arrays(tree: LockedTree) -> Iterator[str]:
    yield from _array("wishes", map(_wish, tree.wishes))
    yield from _array("conflicts", map(_conflict, tree.conflicts))
    yield from _array("soft", map(_soft, tree.soft))


def _array(key: str, tables: Iterable[Iterable[Pair]]) -> Iterator[str]:
    """An array of inline tables, a line each; nothing if it is empty."""
    lines = [f"    {inline(table)}," for table in tables]
    yield from (f"{key} = [", *lines, "]") if lines else ()


def _wish(wish: LockedWish) -> Iterator[Pair]:
    yield "group", wish.group
    yield "extra", wish.extra
    yield "marker", wish.marker


def _conflict(conflict: LockedConflict) -> Iterator[Pair]:
    yield "between", conflict.between
    yield "reason", conflict.reason
    yield "proven", None if conflict.proven else False


def _soft(soft: LockedSoft) -> Iterator[Pair]:
    yield "name", soft.name
    yield "by", soft.by
    yield "extras", soft.extras


def _member(member: TreePackage) -> Iterator[Pair]:
    yield "name", member.name
    yield "version", member.version
    yield "dependencies", member.dependencies
    yield "marker", member.marker


def _package(package: LockedPackage) -> Iterator[str]:
    yield from pairs(
        [
            ("name", package.name),
            ("version", package.version),
            ("requires-python", package.requires_python),
            ("index", package.index),
        ]
    )
    if package.vcs:
        yield f"vcs = {inline(_vcs(package.vcs))}"
    if package.directory:
        yield f"directory = {inline(_directory(package.directory))}"
    if package.archive:
        yield f"archive = {inline(_archive(package.archive))}"
    if package.wheels:
        yield "wheels = ["
        yield from (f"    {inline(_file(wheel))}," for wheel in package.wheels)
        yield "]"
    if package.sdist:
        yield f"sdist = {inline(_file(package.sdist))}"


def _vcs(vcs: LockedVcs) -> Iterator[Pair]:
    yield "type", vcs.type
    yield "url", vcs.url
    yield "requested-revision", vcs.requested_revision
    yield "commit-id", vcs.commit_id
    yield "subdirectory", vcs.subdirectory


def _directory(directory: LockedDirectory) -> Iterator[Pair]:
    yield "path", directory.path
    yield "editable", directory.editable or None


def _archive(archive: LockedArchive) -> Iterator[Pair]:
    yield "url", archive.url
    yield "path", archive.path
    yield "size", archive.size
    yield "hashes", archive.hashes
    yield "subdirectory", archive.subdirectory


def _file(file: LockedFile) -> Iterator[Pair]:
    yield "name", file.name
    yield "size", file.size
    yield "upload-time", file.upload_time
    yield "hashes", file.hashes


def pairs(found: Iterable[Pair]) -> Iterator[str]:
    """``key = value`` lines; a value of None is left out."""
    return (f"{key} = {_value(value)}" for key, value in found if value is not None)


def inline(found: Iterable[Pair]) -> str:
    """An inline table."""
    return "{ " + ", ".join(pairs(found)) + " }"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, dict):
        return inline((_key(key), one) for key, one in sorted(value.items()))
    if isinstance(value, tuple):
        return "[" + ", ".join(_string(one) for one in value) + "]"
    return str(value)


def _time(value: datetime) -> str:
    """An offset date-time in UTC; a naive one is written as it is (TOML: local date-time)."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(timezone.utc).replace(tzinfo=None).isoformat() + "Z"


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _string(key)


def _string(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"

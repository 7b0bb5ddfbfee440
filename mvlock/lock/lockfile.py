"""mv.lock on disk: read and validated, written atomically.

The content is untrusted input, even when committed: names become paths later, so they are checked here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from packaging.markers import InvalidMarker
from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from mvlock.base import atomic, outside, pep508, validation
from mvlock.base.bounded import read_bounded
from mvlock.base.digests import hash_problem
from mvlock.base.parsed import hash_of_inputs, read_parsed, write_parsed
from mvlock.base.toml import parse_toml
from mvlock.errors import LocalError, UnmetRequest
from mvlock.index.filenames import file_version, normalised_version
from mvlock.lock.format import format_lock
from mvlock.lock.model import LOCK_VERSION, Lock, LockedArchive, LockedPackage, LockedTree, TreePackage

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["format_lock", "parse_lock", "problems_of", "read_lock", "write_lock"]

_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_RESTORE = "restore it from version control, or delete it and run `mvlock resolve`"


def read_lock(path: Path, cache: Path | None = None) -> Lock:
    """The lock in a file; with a cache, at once if it is known what this text says.

    :raises UnmetRequest: ``lock-missing``
    :raises LocalError: ``lock-newer``, ``lock-merge-conflict``, ``lock-invalid``
    """
    text = _read_text(path)
    if cache is None:
        return parse_lock(text, path.name)
    inputs = hash_of_inputs(text)
    known = read_parsed(cache, path, inputs, Lock)
    if known is not None:
        return known
    lock = parse_lock(text, path.name)
    write_parsed(cache, path, inputs, lock)
    return lock


def _read_text(path: Path) -> str:
    try:
        return read_bounded(path).decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError as error:
        missing = f"there is no {path.name} in {path.parent}"
        raise UnmetRequest("lock-missing", missing, hint="run `mvlock resolve`") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise LocalError("lock-invalid", f"{path.name} is not UTF-8 (at line {line})", hint=_RESTORE) from error
    except OSError as error:
        raise LocalError("lock-invalid", f"{path.name} cannot be read: {error.strerror}") from error


def parse_lock(text: str, name: str = "mv.lock") -> Lock:
    """The lock in a string; ``name`` is for messages. Raises as ``read_lock`` does, except ``lock-missing``."""
    if _CONFLICT.search(text):
        conflict = f"{name} contains both sides of a git merge conflict"
        hint = "merge pyproject.toml, then run `mvlock resolve`: it keeps what both sides locked"
        raise LocalError("lock-merge-conflict", conflict, hint=hint)
    try:
        document = parse_toml(text)
    except ValueError as error:
        raise LocalError("lock-invalid", f"{name} is not valid TOML: {error}", hint=_RESTORE) from error
    if not document:
        raise LocalError("lock-invalid", f"{name} is empty", hint=_RESTORE)
    _check_version(document.get("lock-version"), name)
    try:
        lock = msgspec.convert(document, Lock)
    except msgspec.ValidationError as error:
        raise _format_error(document["lock-version"], name, validation.problems_of(document, Lock, error)) from error
    problems = list(problems_of(lock))
    if problems:
        raise _invalid(name, problems)
    return lock


def write_lock(path: Path, lock: Lock) -> bool:
    """Write the lock atomically; False (and the file untouched) if it has the same content already."""
    return atomic.update(path, format_lock(lock).encode())


def _check_version(version: object, name: str) -> None:
    """A reader accepts its own major version only; new keys of a minor version are found by ``_format_error``."""
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", version):
        text = f"{name} is invalid: lock-version: expected a string like '{LOCK_VERSION}'"
        raise LocalError("lock-invalid", text, hint=_RESTORE)
    if version.split(".")[0] != LOCK_VERSION.split(".")[0]:
        newer = f"{name} has format {version}; this mvlock reads {LOCK_VERSION.split('.')[0]}.x"
        raise LocalError("lock-newer", newer, hint="upgrade mvlock")


def _format_error(version: str, name: str, errors: Sequence[ErrorDetails]) -> LocalError:
    """Why a document is not a lock: keys that its newer version may have, or else everything that is wrong."""
    unknown = [_place(error["loc"]) for error in errors if error["type"] == "extra_forbidden"]
    if not unknown or _number(version) <= _number(LOCK_VERSION):
        return _invalid(name, [f"{_place(error['loc'])}: {error['msg']}" for error in errors])
    newer = f"{name} has format {version}, with keys that this mvlock does not know: {', '.join(unknown)}"
    return LocalError("lock-newer", newer, hint="upgrade mvlock", facts={"keys": unknown})


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _invalid(name: str, problems: list[str]) -> LocalError:
    shown = "\n".join(f"  {problem}" for problem in problems)
    return LocalError(
        "lock-invalid",
        f"{name} is invalid:\n{shown}",
        hint=_RESTORE,
        facts={"problems": problems},
    )


def _place(location: tuple[int | str, ...]) -> str:
    """``trees[0].packages[1].marker``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def problems_of(lock: Lock, *, closed: bool = True) -> Iterator[str]:
    """What is inconsistent in a lock, each with its place.

    ``closed``: every member must be among ``packages``, and what it depends on among the members of its tree.
    """
    if not _is_specifier(lock.requires_python):
        yield f"requires-python: {lock.requires_python!r} is not a specifier (PEP 440)"
    for number, text in enumerate(lock.environments):
        if not _is_marker(text):
            yield f"environments[{number}]: {text!r} is not a marker (PEP 508)"
    known = {(package.name, package.version) for package in lock.packages}
    for number, tree in enumerate(lock.trees):
        yield from _tree_problems(f"trees[{number}]", tree, known if closed else None)
    for number, package in enumerate(lock.packages):
        yield from _package_problems(f"packages[{number}]", package)
    yield from _repeated("trees", (tree.name for tree in lock.trees))
    yield from _repeated("packages", (f"{package.name} {package.version}" for package in lock.packages))


def _repeated(place: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{place}: {name!r} is there {count} times"


def _tree_problems(place: str, tree: LockedTree, known: set[tuple[str, str]] | None) -> Iterator[str]:
    if not outside.is_tree_name(tree.name):
        yield f"{place}.name: {tree.name!r} is not a tree's name"
    for number, text in enumerate(tree.requires):
        if not _is_requirement(text):
            yield f"{place}.requires[{number}]: {text!r} is not a requirement (PEP 508)"
    for number, wish in enumerate(tree.wishes):
        if wish.marker is not None and not _is_marker(wish.marker):
            yield f"{place}.wishes[{number}].marker: {wish.marker!r} is not a marker (PEP 508)"
    yield from _repeated(f"{place}.packages", (f"{member.name} {member.version}" for member in tree.packages))
    members = {member.name for member in tree.packages}
    for number, soft in enumerate(tree.soft):
        for name in sorted({soft.name, soft.by} - members):
            yield f"{place}.soft[{number}]: {name} is not among the tree's packages"
    for number, member in enumerate(tree.packages):
        if not _is_version(member.version):
            yield f"{place}.packages[{number}].version: {member.version!r} is not a version (PEP 440)"
        elif known is not None and (member.name, member.version) not in known:
            yield f"{place}.packages[{number}]: {member.name} {member.version} is not among [[packages]]"
        if member.marker is not None and not _is_marker(member.marker):
            yield f"{place}.packages[{number}].marker: {member.marker!r} is not a marker (PEP 508)"
        if known is not None:
            yield from _missing_dependencies(f"{place}.packages[{number}]", tree, member, members)


def _missing_dependencies(place: str, tree: LockedTree, member: TreePackage, members: set[str]) -> Iterator[str]:
    """The dependencies of a member that its tree does not have."""
    for number, text in enumerate(member.dependencies):
        if text.partition("[")[0] not in members:
            yield f"{place}.dependencies[{number}]: {member.name} needs {text!r}, which tree {tree.name} does not have"


def _package_problems(place: str, package: LockedPackage) -> Iterator[str]:
    if not outside.is_project_name(package.name):
        yield f"{place}.name: {package.name!r} is not a normalised project name (PEP 503)"
    if not _is_version(package.version):
        yield f"{place}.version: {package.version!r} is not a version (PEP 440)"
    origins = (package.index, package.vcs, package.directory, package.archive)
    if sum(origin is not None for origin in origins) != 1:
        yield f"{place}: expected exactly one of index, vcs, directory, archive"
    yield from _origin_problems(place, package)
    for file in (*package.wheels, *((package.sdist,) if package.sdist else ())):
        problem = hash_problem(file.hashes)
        if not outside.is_file_name(file.name):
            yield f"{place}: {file.name!r} is not a file name"
        elif not _is_of(package, file.name):
            yield f"{place}: {file.name!r} is not a file of {package.name} {package.version}"
        if problem is not None:
            yield f"{place}: hashes of {file.name!r}: {problem}"
        if file.upload_time is not None and outside.in_utc(file.upload_time) is None:
            yield f"{place}: the upload-time of {file.name!r} is beyond the calendar"


def _origin_problems(place: str, package: LockedPackage) -> Iterator[str]:
    """What is wrong with where a package comes from: it becomes a path, a request, or an argument of git."""
    vcs, directory, archive = package.vcs, package.directory, package.archive
    if vcs is not None and vcs.type != "git":
        yield f"{place}.vcs.type: {vcs.type!r} is not git"
    if vcs is not None and not outside.is_repository(vcs.url):
        yield f"{place}.vcs.url: {vcs.url!r} is not a repository"
    if vcs is not None and not outside.is_commit(vcs.commit_id):
        yield f"{place}.vcs.commit-id: {vcs.commit_id!r} is not the hash of a commit"
    if directory is not None and not outside.is_path(directory.path):
        yield f"{place}.directory.path: {directory.path!r} is not a path"
    if archive is not None:
        yield from _archive_problems(f"{place}.archive", archive)
    for origin in (vcs, archive):
        if origin is not None and origin.subdirectory is not None and not outside.is_inside(origin.subdirectory):
            yield f"{place}: {origin.subdirectory!r} is not a folder of the source"


def _archive_problems(place: str, archive: LockedArchive) -> Iterator[str]:
    if (archive.url is None) == (archive.path is None):
        yield f"{place}: expected either url or path"
    if archive.url is not None and not outside.is_web_url(archive.url):
        yield f"{place}.url: {archive.url!r} is not an http or https URL"
    if archive.path is not None and not outside.is_path(archive.path):
        yield f"{place}.path: {archive.path!r} is not a path"
    problem = hash_problem(archive.hashes)
    if problem is not None:
        yield f"{place}.hashes: {problem}"


def _is_of(package: LockedPackage, filename: str) -> bool:
    """Whether a file name says this name and version; nearly all have the same spelling."""
    if filename.startswith(f"{package.name.replace('-', '_')}-{package.version}-"):
        return True
    version = file_version(filename, canonicalize_name(package.name))
    return version is not None and version == normalised_version(package.version)


def _is_marker(text: str) -> bool:
    return _parses(pep508.parse_marker, text)


def _is_requirement(text: str) -> bool:
    return _parses(pep508.parse_requirement, text)


def _is_specifier(text: str) -> bool:
    return _parses(pep508.parse_specifiers, text)


def _is_version(text: str) -> bool:
    return _parses(pep508.parse_version, text)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except (InvalidMarker, InvalidRequirement, InvalidSpecifier, InvalidVersion):
        return False
    return True

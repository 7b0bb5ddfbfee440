"""Hints that need more than the code that raises an error has: the project, its lock and the index together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from packaging.utils import canonicalize_name

from mvlock.errors import MvlockError
from mvlock.index.model import PackageIndex
from mvlock.lock.model import Lock, LockedFile, LockedPackage
from mvlock.project.model import Project


@contextmanager
def adding_hints(project: Project, lock: Lock, index: Callable[[], PackageIndex] | None = None) -> Iterator[None]:
    """Adds hints on what to do to errors from installing ``lock``."""
    try:
        yield
    except MvlockError as error:
        if error.code == "environment-not-locked":
            error.hint = _environments_hint(project, lock) or error.hint
        elif error.code == "hash-mismatch" and error.hint is None and index is not None:
            error.hint = _changed_file_hint(str(error.facts.get("file")), lock, index())
        raise


def _environments_hint(project: Project, lock: Lock) -> str | None:
    """A hint for a lock that ``--only-host`` has limited, which pyproject.toml does not cause."""
    if lock.environments == tuple(sorted(str(marker) for marker in project.environments)):
        return None
    environments = "those of [tool.mvlock] environments" if project.environments else "every environment of the project"
    return f"the lock was limited by `--only-host`; run `mvlock resolve` to lock for {environments}"


def _changed_file_hint(filename: str, lock: Lock, index: PackageIndex) -> str | None:
    """Distinguish a file that the index has replaced from one that was damaged in transit."""
    for package in lock.packages:
        for file in (*package.wheels, *filter(None, [package.sdist])):
            if file.name == filename:
                return _hash_hint(package, file, index)
    return None


def _hash_hint(package: LockedPackage, file: LockedFile, index: PackageIndex) -> str | None:
    hashes: set[tuple[str, str]] = set()
    with suppress(MvlockError):
        page = index.page(canonicalize_name(package.name))
        for found in page.files if page else ():
            hashes |= found.hashes.items() if found.filename == file.name else set()
    if hashes >= file.hashes.items():
        return "the index still has the locked file, so this copy was damaged in transit; try again"
    if {name for name, _ in hashes}.isdisjoint(file.hashes):
        return None
    return (
        "the index now has another file of this name; find out why, and if you trust it, "
        f"run `mvlock resolve --upgrade-package {package.name}`"
    )

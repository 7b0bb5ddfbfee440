"""A tree as a requirements file with hashes, for ``pip install --no-deps --require-hashes -r`` and its like.

What is in a folder or in a repository has no hash; pip takes such lines only without ``--require-hashes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from mvlock.lock.model import Lock, LockedArchive, LockedPackage, LockedTree, LockedVcs, TreePackage
from mvlock.lock.pylock import tree_distributions


def requirements_name(tree: LockedTree) -> str:
    """``requirements.<tree>.txt``."""
    return f"requirements.{tree.name}.txt"


def format_requirements(lock: Lock, tree: LockedTree, relative: Callable[[str], str]) -> str:
    """The text; ``relative`` turns a path that is relative to mv.lock into one relative to the export."""
    lines = [f"# Tree {tree.name} of mv.lock, written by `mvlock export`."]
    for member, package in tree_distributions(lock, tree):
        lines.append(" \\\n    ".join(_entry(member, package, relative)))
    return "\n".join(lines) + "\n"


def _entry(member: TreePackage, package: LockedPackage, relative: Callable[[str], str]) -> Iterator[str]:
    marker = f" ; {member.marker}" if member.marker else ""
    yield _what(package, relative) + marker
    files = (*package.wheels, *((package.sdist,) if package.sdist else ()))
    hashes = {f"--hash={name}:{digest}" for file in files for name, digest in file.hashes.items()}
    yield from sorted(hashes)


def _what(package: LockedPackage, relative: Callable[[str], str]) -> str:
    if package.vcs:
        return f"{package.name} @ {_vcs(package.vcs)}"
    if package.archive and package.archive.url:
        return f"{package.name} @ {_archive(package.archive)}"
    path = package.directory.path if package.directory else package.archive.path if package.archive else None
    if path is None:
        return f"{package.name}=={package.version}"
    place = str(PurePosixPath(relative(path)))
    place = place if place.startswith(("/", ".")) else f"./{place}"
    return f"-e {place}" if package.directory and package.directory.editable else place


def _vcs(vcs: LockedVcs) -> str:
    below = f"#subdirectory={vcs.subdirectory}" if vcs.subdirectory else ""
    return f"git+{vcs.url}@{vcs.commit_id}{below}"


def _archive(archive: LockedArchive) -> str:
    parts = [f"{name}={digest}" for name, digest in sorted(archive.hashes.items())]
    parts += [f"subdirectory={archive.subdirectory}"] if archive.subdirectory else []
    return f"{archive.url}#{'&'.join(parts)}"

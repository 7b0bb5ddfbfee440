"""Trees as a requirements file with hashes, for ``pip install --no-deps --require-hashes -r`` and its like.

A member from a folder or a repository has no hash, and pip requires hashes for all lines if one has any: with such
a member no line has hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mvlock.errors import UnmetRequest
from mvlock.lock.meeting_versions import meeting_versions
from mvlock.lock.model import Lock, LockedArchive, LockedPackage, LockedTree, LockedVcs
from mvlock.lock.pylock import tree_distributions
from mvlock.lock.united import united

_SHOWN = 10


def requirements_name(tree: LockedTree) -> str:
    """``requirements.<tree>.txt``."""
    return f"requirements.{tree.name}.txt"


def format_requirements(lock: Lock, trees: Sequence[LockedTree], relative: Callable[[str], str]) -> str:
    """The text for some trees, which must agree: an environment has one version of a project.

    ``relative`` turns a path that is relative to mv.lock into one relative to the export.

    :raises UnmetRequest: ``trees-disagree``
    """
    names = _names_with_extras(trees)
    if len(trees) == 1:
        return _text(lock, trees[0], names, relative)
    disputed = meeting_versions(lock, trees)
    if disputed:
        raise _disagreement(disputed, trees)
    return _text(lock, united(trees), names, relative)


def _names_with_extras(trees: Iterable[LockedTree]) -> dict[str, str]:
    """By name: ``coverage[toml]`` for what is required with extras; pip wants it pinned with all of them."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for requirement in (*_direct(tree), *_between_members(tree)):
            found.setdefault(canonicalize_name(requirement.name), set()).update(
                map(canonicalize_name, requirement.extras)
            )
    return {name: f"{name}[{','.join(sorted(extras))}]" for name, extras in found.items() if extras}


def _direct(tree: LockedTree) -> Iterator[Requirement]:
    return (one for requirements in tree.direct_requirements.values() for one in requirements)


def _between_members(tree: LockedTree) -> Iterator[Requirement]:
    return (Requirement(text) for member in tree.packages for text in member.dependencies if "[" in text)


def _text(lock: Lock, tree: LockedTree, names: Mapping[str, str], relative: Callable[[str], str]) -> str:
    """``names``: the names of projects that are not written as they are."""
    members = list(tree_distributions(lock, tree))
    unhashed = sorted(package.name for _, package in members if package.directory or package.vcs)
    lines = [*_head(tree, [package for _, package in members], unhashed)]
    for member, package in members:
        entry = [
            _reference(package, names.get(package.name, package.name), relative)
            + (f" ; {member.marker}" if member.marker else "")
        ]
        lines.append(" \\\n    ".join(entry if unhashed else [*entry, *_hashes(package)]))
    return "\n".join(lines) + "\n"


def _disagreement(disputed: Mapping[str, tuple[str, ...]], trees: Sequence[LockedTree]) -> UnmetRequest:
    lines = ["a requirements file can hold only one version of a project, but these trees have several:"]
    for name, versions in list(disputed.items())[:_SHOWN]:
        lines += [f"  {name} {version}: {', '.join(_holders(name, version, trees))}" for version in versions]
    if len(disputed) > _SHOWN:
        lines.append(f"  and {len(disputed) - _SHOWN} more projects")
    return UnmetRequest(
        "trees-disagree",
        "\n".join(lines),
        hint="name only trees that agree; or write a file for each tree, with a folder as --output; "
        "or export pylock.toml, which can hold all trees",
        facts={"projects": {name: list(versions) for name, versions in disputed.items()}},
    )


def _holders(name: str, version: str, trees: Iterable[LockedTree]) -> list[str]:
    return [
        tree.name for tree in trees if any((member.name, member.version) == (name, version) for member in tree.packages)
    ]


def _head(tree: LockedTree, packages: Iterable[LockedPackage], unhashed: list[str]) -> Iterator[str]:
    yield f"# Tree {tree.name} of mv.lock, written by `mvlock export`."
    if unhashed:
        names = ", ".join(unhashed)
        yield f"# Without hashes: pip requires them for all requirements or for none, and these have none: {names}."
    if any(package.directory or (package.archive and package.archive.path) for package in packages):
        yield "# Paths are relative to the folder of this file; run pip there."


def _hashes(package: LockedPackage) -> list[str]:
    files = [file.hashes for file in (*package.wheels, package.sdist) if file]
    if package.archive and package.archive.path:
        files.append(package.archive.hashes)
    return sorted({f"--hash={name}:{digest}" for hashes in files for name, digest in hashes.items()})


def _reference(package: LockedPackage, name: str, relative: Callable[[str], str]) -> str:
    """``name``: with its extras."""
    if package.index is not None:
        return f"{name}=={package.version}"
    if package.vcs:
        return f"{name} @ {_vcs(package.vcs)}"
    if package.archive and package.archive.url is not None:
        return f"{name} @ {_archive(package.archive)}"
    path = package.directory.path if package.directory else package.archive.path if package.archive else None
    if path is None:
        raise TypeError(f"{package.name} {package.version} has no origin")
    place = str(PurePosixPath(relative(path))) + name.removeprefix(package.name)
    place = place if place.startswith(("/", ".")) else f"./{place}"
    return f"-e {place}" if package.directory and package.directory.editable else place


def _vcs(vcs: LockedVcs) -> str:
    below = f"#subdirectory={vcs.subdirectory}" if vcs.subdirectory else ""
    return f"git+{vcs.url}@{vcs.commit_id}{below}"


def _archive(archive: LockedArchive) -> str:
    parts = [f"{name}={digest}" for name, digest in sorted(archive.hashes.items())]
    parts += [f"subdirectory={archive.subdirectory}"] if archive.subdirectory else []
    return f"{archive.url}#{'&'.join(parts)}"

"""Which trees, distributions and files one interpreter gets from a lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from packaging.specifiers import SpecifierSet

from mvlock.errors import BadArtifact, LocalError, UnmetRequest
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree, LockedWish, TreePackage, is_true_in
from mvlock.plan.model import WantedDistribution, WantedTree
from mvlock.plan.tags import best_wheel, tag_ranks
from mvlock.resolver.target import Target


class Selection(msgspec.Struct, frozen=True):
    """The part of a lock that is selected.

    ``groups`` and ``extras`` are normalised names; ``only`` names trees (empty: all). ``no_build``: refuse
    what has no wheel; ``no_build_of``: of these projects.
    ``fingerprints`` has the state of each directory the lock names, by its path there.
    ``build_constraints``: what is built within others is not the same.
    ``instead``: of all that the project always requires, only trees with these projects are selected (None: all of it);
    the lock does not say which groups require them, too.
    """

    groups: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    no_build: bool = False
    no_build_of: frozenset[str] = frozenset()
    fingerprints: Mapping[str, str] = msgspec.field(default_factory=dict)
    build_constraints: tuple[str, ...] = ()
    instead: frozenset[str] | None = None


def selected_trees(lock: Lock, selection: Selection, environment: Mapping[str, str]) -> tuple[LockedTree, ...]:
    """The trees that are selected in an environment (its marker variables), in the lock's order.

    :raises LocalError: ``tree-unknown`` when ``only`` names a tree that the lock does not have
    """
    unknown = sorted(selection.only - {tree.name for tree in lock.trees})
    if unknown:
        known = ", ".join(tree.name for tree in lock.trees) or "none"
        raise LocalError("tree-unknown", f"the lock has no tree {', '.join(unknown)}", hint=f"its trees: {known}")
    return tuple(tree for tree in lock.trees if _is_selected(tree, selection, dict(environment)))


def wanted_trees(lock: Lock, target: Target, selection: Selection) -> tuple[WantedTree, ...]:
    """What the selected trees hold on ``target``, sorted by name.

    :raises UnmetRequest: ``environment-not-locked``, ``artifact-missing`` (no file fits), ``lock-incomplete``
    """
    _check_environment(lock, target)
    chooser = _Chooser(lock.packages, target, selection)
    selected = selected_trees(lock, selection, target.environment)
    found = (WantedTree(tree.name, chooser.distributions(tree)) for tree in selected)
    return tuple(sorted(found, key=lambda tree: tree.name))


def _is_selected(tree: LockedTree, selection: Selection, environment: Mapping[str, str]) -> bool:
    if selection.only:
        return tree.name in selection.only
    if tree.wishes:
        return any(_applies(wish, selection, environment) for wish in tree.wishes)
    if tree.always:
        return selection.instead is None or (not tree.alias and not tree.requested.isdisjoint(selection.instead))
    return not (selection.groups.isdisjoint(tree.groups) and selection.extras.isdisjoint(tree.extras))


def _applies(wish: LockedWish, selection: Selection, environment: Mapping[str, str]) -> bool:
    if selection.instead is not None and not (wish.group or wish.extra):
        return False
    is_selected = {wish.group or ""} <= {"", *selection.groups} and {wish.extra or ""} <= {"", *selection.extras}
    return is_selected and wish.is_for(environment)


def _check_environment(lock: Lock, target: Target) -> None:
    python = target.environment["python_full_version"]
    if not SpecifierSet(lock.requires_python).contains(python, prereleases=True):
        text = f"the lock is for Python {lock.requires_python}, and this is Python {python}"
        raise UnmetRequest("python-not-admitted", text)
    if lock.environments and not any(is_true_in(target.environment, text) for text in lock.environments):
        raise UnmetRequest(
            "environment-not-locked",
            f"the lock is limited to {' or '.join(lock.environments)}, which excludes {target.name}",
            hint="add this environment to [tool.mvlock] environments and run `mvlock resolve`",
        )


class _Chooser:
    def __init__(self, packages: Iterable[LockedPackage], target: Target, selection: Selection) -> None:
        self._packages: dict[tuple[str, str], LockedPackage] = {}
        for package in packages:
            self._packages.setdefault((package.name, package.version), package)
        self._target = target
        self._selection = selection
        self._ranks = tag_ranks(target.tags)
        self._chosen: dict[tuple[str, str], tuple[LockedFile | None, str]] = {}

    def distributions(self, tree: LockedTree) -> tuple[WantedDistribution, ...]:
        """The members of ``tree`` on this target, sorted by name."""
        requested = tree.requested
        selected = (item for item in tree.packages if item.is_for(self._target.environment))
        members = sorted(selected, key=lambda item: item.name)
        return tuple(self._wanted(tree, item, requested=item.name in requested) for item in members)

    def _wanted(self, tree: LockedTree, item: TreePackage, *, requested: bool) -> WantedDistribution:
        key = (item.name, item.version)
        package = self._packages.get(key)
        if package is None:
            raise UnmetRequest(
                "lock-incomplete",
                f"tree {tree.name} of the lock has {item.name} {item.version}, which the lock does not describe",
                hint="run `mvlock resolve`",
            )
        if key not in self._chosen:
            self._chosen[key] = self._choose(package)
        file, identity = self._chosen[key]
        return WantedDistribution(package, file, identity, requested)

    def _choose(self, package: LockedPackage) -> tuple[LockedFile | None, str]:
        direct = self._direct_identity(package)
        if direct is not None:
            return None, self._built(direct)
        wheel = best_wheel(package.wheels, self._ranks)
        if wheel is not None:
            return wheel, f"wheel sha256:{_sha256(wheel)}"
        if package.sdist is None or self._selection.no_build or package.name in self._selection.no_build_of:
            raise self._no_compatible_wheel(package)
        return package.sdist, self._built(f"sdist sha256:{_sha256(package.sdist)}")

    def _built(self, identity: str) -> str:
        return " ".join([identity, *self._selection.build_constraints])

    def _direct_identity(self, package: LockedPackage) -> str | None:
        if package.directory is not None:
            kind = "editable" if package.directory.editable else "directory"
            state = self._selection.fingerprints.get(package.directory.path, "")
            return f"{kind} {package.directory.path} {state}"
        if package.vcs is not None:
            return f"{package.vcs.type} {package.vcs.commit_id} {package.vcs.subdirectory or ''}"
        if package.archive is not None:
            archive = package.archive
            return f"archive sha256:{archive.hashes.get('sha256')} {archive.subdirectory or ''}"
        return None

    def _no_compatible_wheel(self, package: LockedPackage) -> UnmetRequest:
        what = f"{package.name} {package.version} has no wheel for {self._target.name}"
        if package.sdist is None:
            return UnmetRequest("artifact-missing", f"{what} and no sdist")
        return UnmetRequest(
            "artifact-missing",
            f"{what}, and building is off",
            hint="allow the build: change no-build or no-build-package in [tool.mvlock], and omit `--no-build`",
        )


def _sha256(file: LockedFile) -> str:
    digest = file.hashes.get("sha256")
    if digest is None:
        raise BadArtifact("hash-missing", f"the lock has no sha256 of {file.name}, so it is not installed")
    return digest

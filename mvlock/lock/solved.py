"""A tree as the solve returns it, and as mv.lock has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import cached_property

import msgspec

from mvlock.lock.distribution import locked_package
from mvlock.lock.exposure import Exposure, files_of
from mvlock.lock.markers import MarkerWriter
from mvlock.lock.merge import MergedMember, merged, tree_packages
from mvlock.lock.model import LockedConflict, LockedPackage, LockedTree, LockedWish
from mvlock.lock.soft import SoftDependencies
from mvlock.project.model import TreeRequest
from mvlock.resolver.catalogue import Catalogue, Ports
from mvlock.resolver.move import TreeSolution
from mvlock.resolver.solve import Resolution


class SolvedTree(msgspec.Struct, frozen=True, dict=True):
    """A tree with its resolutions; the lookup of what the application may import may still be running."""

    request: TreeRequest
    solution: TreeSolution
    exposure: Future[Exposure]
    soft: SoftDependencies | None = None

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """What the tree holds, target by target: what it needs, and its soft dependencies."""
        return self.soft.resolutions(self.request.name) if self.soft is not None else self.solution.resolutions

    @cached_property
    def members(self) -> tuple[MergedMember, ...]:
        """What the tree holds on any target."""
        return merged(self.resolutions)


def locked_tree(tree: SolvedTree, conflicts: tuple[LockedConflict, ...], writer: MarkerWriter) -> LockedTree:
    """The entry of a tree; waits for what the application may import from it."""
    request, exposure = tree.request, tree.exposure.result()
    return LockedTree(
        name=request.name,
        requires=tuple(sorted(map(str, request.requirements))),
        imports=exposure.imports,
        alias=request.alias,
        module=exposure.module,
        groups=tuple(sorted(request.groups)),
        extras=tuple(sorted(request.extras)),
        always=request.always,
        wishes=tuple(LockedWish(group=wish.group, extra=wish.extra, marker=wish.marker) for wish in request.wishes),
        conflicts=conflicts,
        soft=tree.soft.locked(request.name) if tree.soft is not None else (),
        packages=tree_packages(tree.members, tree.resolutions, writer),
    )


def locked_packages(trees: Iterable[SolvedTree], catalogue: Catalogue) -> tuple[LockedPackage, ...]:
    """Every distribution of the trees once, by name and version."""
    releases = {member.release for tree in trees for member in tree.members}
    ordered = sorted(releases, key=lambda release: (release.project, release.version))
    return tuple(locked_package(release, catalogue) for release in ordered)


def wheel_files(trees: Iterable[SolvedTree], ports: Ports) -> Callable[[str], list[str] | None]:
    """By the name of a tree: the files of the wheels it requires directly, looked up on demand."""
    found = {tree.request.name: tree for tree in trees}
    return lambda name: files_of(found[name].request, found[name].members, ports)

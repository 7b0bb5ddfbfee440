"""What is locked in several versions for one environment, and which requirements keep it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Literal

import msgspec
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.lock.declared_trees import RequirementOrigins
from mvlock.lock.model import Lock, LockedTree, TreePackage
from mvlock.project.declaration import Declaration, Origin
from mvlock.project.model import Project
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.release import Release

PYPROJECT = "pyproject.toml"


class Requirer(msgspec.Struct, frozen=True):
    """What requires a project (``PYPROJECT``, a key of it, ``name version``), how, and which versions that excludes.

    ``origin``: the entry of pyproject.toml that says so, if it is one and known.
    """

    by: str
    verb: Literal["requires", "says", "needs"]
    requirement: str
    excludes: tuple[str, ...]
    origin: Origin | None = None

    @property
    def place(self) -> str:
        """The group or extra that requires it, as a key of pyproject.toml; else ""."""
        return str(self.origin.array) if self.origin is not None and self.origin.is_optional else ""


class TreeVersion(msgspec.Struct, frozen=True):
    """A tree with one of the versions; ``soft``: why it is there, if nothing there needs it.

    ``member``: whose tree it is, if several members of a workspace are compared.
    """

    tree: str
    version: str
    required_by: tuple[Requirer, ...]
    soft: tuple[str, ...] = ()
    member: str = ""

    @property
    def place(self) -> str:
        """The tree as texts name it: ``shop/pandas`` for one of the member ``shop``."""
        return f"{self.member}/{self.tree}" if self.member else self.tree


class Duplicate(msgspec.Struct, frozen=True):
    """A project with several versions; ``tree_versions`` by version, the oldest first, then by tree."""

    name: str
    tree_versions: tuple[TreeVersion, ...]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions, oldest first."""
        return tuple(dict.fromkeys(tree_version.version for tree_version in self.tree_versions))

    @property
    def is_avoidable(self) -> bool:
        """Whether no requirement needs one of the versions: all trees that have it could have another one.

        A direct dependency follows no other tree, but an upgrade may give it the version of another member.
        """
        kept = {
            tree_version.version
            for tree_version in self.tree_versions
            if tree_version.soft
            or any(
                requirer.excludes or (requirer.by == PYPROJECT and not tree_version.member)
                for requirer in tree_version.required_by
            )
        }
        return len(kept) < len(self.versions)


_Place = tuple[LockedTree, TreePackage, int]


class Duplicates:
    """The duplicates of one lock; ``catalogue`` is for the environments of the lock.

    ``elsewhere``: versions in other locks with which it is compared, by project.
    """

    def __init__(
        self,
        lock: Lock,
        project: Project,
        catalogue: Catalogue,
        elsewhere: Mapping[str, AbstractSet[str]] = MappingProxyType({}),
    ) -> None:
        self.catalogue = catalogue
        self._elsewhere = elsewhere
        self._origins = RequirementOrigins(project)
        self._requests = {request.name: request for request in project.trees}
        self._joinable = next((request for request in project.trees if request.joinable), None)
        self._places: dict[str, list[_Place]] = {}
        for tree in lock.trees:
            for member in tree.packages:
                self._places.setdefault(member.name, []).append((tree, member, self._target_bits(member)))

    def names(self) -> list[str]:
        """The projects of which several versions are locked for one environment, or others elsewhere; sorted."""
        return sorted(name for name in self._places if self._overlapping(name))

    def duplicate(self, name: str) -> Duplicate | None:
        """The versions of a project locked for one environment; None if there is at most one.

        :raises MvlockError: when metadata of a distribution that needs it cannot be read
        """
        places, elsewhere = self._overlapping(name), self._elsewhere.get(name, frozenset())
        tree_versions: dict[tuple[Version, str], TreeVersion] = {}
        for tree, member, target_bits in places:
            overlapping = {other.version for _, other, other_bits in places if target_bits & other_bits}
            required_by = self._requirers(tree, member, target_bits, (overlapping | elsewhere) - {member.version})
            tree_versions[member.release, tree.name] = TreeVersion(
                tree.name, member.version, tuple(dict.fromkeys(required_by)), tree.reasons(name)
            )
        return Duplicate(name, tuple(tree_versions[key] for key in sorted(tree_versions))) if tree_versions else None

    def _overlapping(self, name: str) -> list[_Place]:
        places, elsewhere = self._places.get(name, []), self._elsewhere.get(name, frozenset())
        return [
            (tree, member, target_bits)
            for tree, member, target_bits in places
            if elsewhere - {member.version}
            or any(other.version != member.version and target_bits & other_bits for _, other, other_bits in places)
        ]

    def _target_bits(self, member: TreePackage) -> int:
        return self.catalogue.where(member.condition)

    def _requirers(
        self, tree: LockedTree, member: TreePackage, target_bits: int, others: AbstractSet[str]
    ) -> Iterator[Requirer]:
        for requirement in tree.direct_requirements.get(member.name, ()):
            text = str(requirement)
            origin = self._origins.of(tree.name, text)
            yield Requirer(PYPROJECT, "requires", text, _excluded(requirement, others), origin)
        request = self._requests.get(tree.name, self._joinable)
        overrides = _of_project(request.overrides, member.name) if request else []
        for parent, requirement in () if overrides else self._needs(tree, member.name, target_bits):
            yield Requirer(parent, "needs", str(requirement), _excluded(requirement, others))
        for declaration in [*overrides, *(_of_project(request.constraints, member.name) if request else [])]:
            origin, excluded = declaration.origin, _excluded(declaration.requirement, others)
            yield Requirer(str(origin.array), "says", str(declaration), excluded, origin)

    def _needs(self, tree: LockedTree, name: str, target_bits: int) -> Iterator[tuple[str, Requirement]]:
        """The members that need a project there, each with its requirement."""
        extras = _extras(tree)
        for parent in tree.packages:
            if name not in parent.depends_on:
                continue
            here, release = target_bits & self._target_bits(parent), self._release(parent)
            for extra in ("", *sorted(extras.get(parent.name, ()))):
                for dependency in self.catalogue.dependencies(release, extra) if release else ():
                    if dependency.need.name == name and dependency.target_bits & here:
                        yield f"{parent.name} {parent.version}", dependency.need.requirement

    def _release(self, member: TreePackage) -> Release | None:
        table = self.catalogue.table(NormalizedName(member.name))
        number = table.number_of(member.release)
        return None if number is None else table.release(number)


def _of_project(declarations: Iterable[Declaration], name: str) -> list[Declaration]:
    """The overrides or constraints of a project."""
    return [declaration for declaration in declarations if declaration.project == name]


def _extras(tree: LockedTree) -> dict[str, set[str]]:
    """The extras of members that are active in a tree."""
    found: dict[str, set[str]] = {}
    for text in (*tree.requires, *(text for member in tree.packages for text in member.dependencies)):
        requirement = Requirement(text)
        found.setdefault(canonicalize_name(requirement.name), set()).update(map(canonicalize_name, requirement.extras))
    return found


def _excluded(requirement: Requirement, versions: AbstractSet[str]) -> tuple[str, ...]:
    excluded = {version for version in versions if not requirement.specifier.contains(version, prereleases=True)}
    return tuple(sorted(excluded, key=Version))

"""Reports where a direct dependency of the application does not mix with a framework, another direct dependency.

The rule: a *framework* is a direct dependency of the application that itself requires another direct dependency. Its
arguments and results are then likely to be objects of that library. If its tree has another version than the
application, objects of the two do not mix. What is needed only further down in a tree does not concern the
application.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby
from operator import and_

import msgspec
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.lock.declared_trees import RequirementOrigins
from mvlock.lock.duplicates import Duplicate, Duplicates
from mvlock.lock.model import Lock, LockedTree
from mvlock.progress import Reporter
from mvlock.project.model import Project
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.release import bits

_User = tuple[str, str, SpecifierSet]
"""A framework, the version of the library in its tree, and which ones it requires."""


class FrameworkMismatch(msgspec.Struct, frozen=True):
    """The application has ``library`` in ``version``, the trees of ``frameworks`` (sorted) in ``other``.

    ``remedy``: the requirement on the library that makes it one version, if that is certain; ``replaces``: the one
    in pyproject.toml that it replaces, if any. ``reason``: what requires the application's version in a group or
    an extra, with its place.
    """

    library: str
    version: str
    frameworks: tuple[str, ...]
    other: str
    remedy: str | None = None
    replaces: str | None = None
    reason: str = ""

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        text = (
            f"{self._trees} {self.library} {self.other}, the application {self.version}{reason}: "
            f"objects of the two do not mix"
        )
        if self.remedy is None:
            return text
        place = f' in place of "{self.replaces}"' if self.replaces else ""
        return f'{text}; "{self.remedy}"{place} makes it one version'

    @property
    def _trees(self) -> str:
        *others, last = self.frameworks
        return f"the trees of {', '.join(others)} and {last} have" if others else f"{last}'s tree has"


def report_mismatches(lock: Lock, project: Project, catalogue: Catalogue, reporter: Reporter) -> None:
    """One note per mismatch of a lock."""
    for mismatch in framework_mismatches(lock, project, catalogue):
        reporter.note(str(mismatch))


def framework_mismatches(lock: Lock, project: Project, catalogue: Catalogue) -> list[FrameworkMismatch]:
    """The mismatches of a lock, by library, then by version. ``catalogue`` is for the environments of the lock."""
    trees = {tree.name: tree for tree in lock.trees if tree.alias is None}
    direct = {name: tree for tree in trees.values() for name in tree.requested}
    duplicates = Duplicates(lock, project, catalogue)
    found: list[FrameworkMismatch] = []
    for name in sorted(set(duplicates.names()) & set(direct)):
        duplicate = duplicates.duplicate(name)
        if duplicate is not None:
            found += _Library(direct[name], duplicate, trees, catalogue, RequirementOrigins(project)).mismatches()
    return found


class _Library(msgspec.Struct, frozen=True):
    """A direct dependency of the application, with its tree; several versions of it are locked."""

    tree: LockedTree
    duplicate: Duplicate
    trees: dict[str, LockedTree]
    catalogue: Catalogue
    origins: RequirementOrigins

    def mismatches(self) -> Iterator[FrameworkMismatch]:
        """Its mismatches with frameworks; only if the application has one version of it."""
        own = [tree_version for tree_version in self.duplicate.tree_versions if tree_version.tree == self.tree.name]
        if len(own) != 1:
            return
        users = sorted(self._users(), key=lambda user: (Version(user[1]), user[0]))
        for other, group in groupby(users, key=lambda user: user[1]):
            if other != own[0].version:
                frameworks = tuple(dict.fromkeys(framework for framework, _, _ in group))
                remedy = self._remedy(own[0].version, other, users)
                yield FrameworkMismatch(
                    self.duplicate.name, own[0].version, frameworks, other, *remedy, reason=self._reason(other)
                )

    def _users(self) -> Iterator[_User]:
        """The frameworks that themselves require it, with their trees' versions and their specifiers."""
        for tree_version in self.duplicate.tree_versions:
            requested = self.trees[tree_version.tree].requested if tree_version.tree in self.trees else ()
            specifiers: dict[str, SpecifierSet] = {}
            for requirer in tree_version.required_by:
                by = requirer.by.partition(" ")[0]
                if by in requested and " " in requirer.by:
                    specifiers[by] = specifiers.get(by, SpecifierSet()) & Requirement(requirer.requirement).specifier
            yield from ((by, tree_version.version, specifier) for by, specifier in specifiers.items())

    def _remedy(self, own: str, other: str, users: Sequence[_User]) -> tuple[str | None, str | None]:
        """The requirement that makes it one version, and what it replaces.

        It is certain if the library's tree requires nothing but the library, so that what the framework's tree has
        with it would work there as well, if at most one of its requirements is in the way, if it is not too new there,
        and if no other framework has a third version.
        """
        blocking = self._blocking(other)
        is_all = self.tree.requested == {self.duplicate.name} and len(blocking) < 2 and self._allows(other)
        if not is_all or any(version != other for _, version, _ in users):
            return None, None
        kept = [
            requirement
            for requirements in self.tree.direct_requirements.values()
            for requirement in requirements
            if str(requirement) not in blocking
        ]
        others = reduce(and_, (requirement.specifier for requirement in kept), SpecifierSet())
        bounds = (_excluding_clauses(specifier, own) for _, _, specifier in users)
        fitting = (bound for bound in bounds if bound and self._newest(SpecifierSet(bound) & others) == Version(other))
        bound = next(fitting, f"=={other}")
        replaced = Requirement(next(iter(blocking or self.tree.requires)))
        extras = f"[{','.join(sorted(replaced.extras))}]" if replaced.extras else ""
        return f"{self.duplicate.name}{extras}{bound}", blocking[0] if blocking else None

    def _allows(self, version: str) -> bool:
        """Whether a version counts in the library's tree, which may have a limit of upload times."""
        table = self.catalogue.table(NormalizedName(canonicalize_name(self.duplicate.name)))
        release = table.release_of(Version(version))
        return self.catalogue.rules.exclusion_in(self.tree.name, release) is None

    def _blocking(self, version: str) -> list[str]:
        """The requirements on the library that do not allow a version."""
        requirements = self.tree.direct_requirements.get(self.duplicate.name, ())
        return [
            str(requirement)
            for requirement in requirements
            if not requirement.specifier.contains(version, prereleases=True)
        ]

    def _reason(self, version: str) -> str:
        """The requirements of groups and extras that do not allow a version, with their places."""
        origins = ((text, self.origins.group_or_extra(self.tree.name, text)) for text in self._blocking(version))
        return ", ".join(f'"{text}" in {place}' for text, place in origins if place)

    def _newest(self, specifier: SpecifierSet) -> Version | None:
        """The newest release in ``specifier`` that some environment of the lock can have; no pre-releases."""
        table = self.catalogue.table(NormalizedName(canonicalize_name(self.duplicate.name)))
        for number in bits(table.matching(specifier, str(specifier)) & ~table.prereleases):
            release = table.release(number)
            if not release.yanked and self.catalogue.where_release(release):
                return release.version
        return None


def _excluding_clauses(specifier: SpecifierSet, version: str) -> str:
    """The clauses of ``specifier`` that exclude ``version``, without trailing zeros that mean nothing."""
    clauses = [clause for clause in specifier if not clause.contains(version, prereleases=True)]
    return ",".join(sorted(_trimmed(clause.operator, clause.version) for clause in clauses))


def _trimmed(operator: str, version: str) -> str:
    while operator in ("<", ">=") and version.endswith(".0") and version.count(".") >= 1:
        version = version[:-2]
    return operator + version

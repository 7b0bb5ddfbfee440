"""Reports where a direct dependency of the application does not mix with a framework, another direct dependency.

The rule: a *framework* is a direct dependency of the application that itself requires another direct dependency. Its
arguments and results are then likely to be objects of that library. If its tree has another version than the
application, objects of the two do not mix. What is needed only further down in a tree does not concern the
application.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.lock.declared_trees import Places
from mvlock.lock.duplicates import Double, Doubles, Holder
from mvlock.lock.model import Lock, LockedTree
from mvlock.progress import Reporter
from mvlock.project.model import Project
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.release import bits


@dataclass(frozen=True, slots=True)
class Mix:
    """The application has ``library`` in ``version``, the tree of ``framework`` in ``other``.

    ``remedy``: the requirement on the library that makes it one version, if that is certain; ``instead_of``: the one
    in pyproject.toml that it replaces, if any. ``because``: what requires the application's version in a group or
    an extra, with its place.
    """

    library: str
    version: str
    framework: str
    other: str
    remedy: str | None = None
    instead_of: str | None = None
    because: str = ""

    def __str__(self) -> str:
        because = f" ({self.because})" if self.because else ""
        text = (
            f"{self.framework}'s tree has {self.library} {self.other}, the application {self.version}{because}: "
            f"objects of the two do not mix"
        )
        if self.remedy is None:
            return text
        place = f' in place of "{self.instead_of}"' if self.instead_of else ""
        return f'{text}; "{self.remedy}"{place} makes it one version'


def tell_mixes(lock: Lock, project: Project, catalogue: Catalogue, reporter: Reporter) -> None:
    """One note per mix of a lock."""
    for mix in mixes(lock, project, catalogue):
        reporter.note(str(mix))


def mixes(lock: Lock, project: Project, catalogue: Catalogue) -> list[Mix]:
    """The mixes of a lock, by library, then by framework. ``catalogue`` is for the environments of the lock."""
    trees = {tree.name: tree for tree in lock.trees if tree.alias is None}
    asked = {name: tree for tree in trees.values() for name in tree.requested}
    doubles = Doubles(lock, project, catalogue)
    found: list[Mix] = []
    for name in sorted(set(doubles.names()) & set(asked)):
        double = doubles.double(name)
        if double is not None:
            found += _Library(asked[name], double, trees, catalogue, Places(project)).mixes()
    return found


@dataclass(frozen=True, slots=True)
class _Library:
    """A direct dependency of the application, with its tree; several versions of it are locked."""

    tree: LockedTree
    double: Double
    trees: dict[str, LockedTree]
    catalogue: Catalogue
    places: Places

    def mixes(self) -> Iterator[Mix]:
        """Its mixes with frameworks; only if the application has one version of it."""
        own = [holder for holder in self.double.holders if holder.tree == self.tree.name]
        if len(own) != 1:
            return
        users = sorted(self._users(), key=lambda user: (user[0], user[1].version))
        for framework, holder, specifier in users:
            if holder.version == own[0].version:
                continue
            remedy = self._remedy(own[0], holder, specifier, [user[1] for user in users])
            because = self._because(holder.version)
            yield Mix(self.double.name, own[0].version, framework, holder.version, *remedy, because=because)

    def _users(self) -> Iterator[tuple[str, Holder, SpecifierSet]]:
        """The frameworks that themselves require it, with their trees' versions and their specifiers."""
        for holder in self.double.holders:
            requested = self.trees[holder.tree].requested if holder.tree in self.trees else ()
            said: dict[str, SpecifierSet] = {}
            for wanting in holder.wanting:
                by = wanting.by.partition(" ")[0]
                if by in requested and " " in wanting.by:
                    said[by] = said.get(by, SpecifierSet()) & Requirement(wanting.requirement).specifier
            yield from ((by, holder, specifier) for by, specifier in said.items())

    def _remedy(
        self, own: Holder, holder: Holder, specifier: SpecifierSet, users: Iterable[Holder]
    ) -> tuple[str | None, str | None]:
        """The requirement that makes it one version, and what it replaces.

        It is certain if the library's tree requires nothing but the library, so that what the framework's tree has
        with it would work there as well, if at most one of the lines is in the way, and if no other framework has a
        third version.
        """
        blocking = self._blocking(holder.version)
        is_all = self.tree.requested == {self.double.name} and len(blocking) < 2
        if not is_all or any(user.version != holder.version for user in users):
            return None, None
        bound = _said_short(specifier, own.version)
        kept = [one for lines in self.tree.asked.values() for one in lines if str(one) not in blocking]
        others = reduce(and_, (one.specifier for one in kept), SpecifierSet())
        if not bound or self._newest(SpecifierSet(bound) & others) != Version(holder.version):
            bound = f"=={holder.version}"
        asked = Requirement(next(iter(blocking or self.tree.requires)))
        extras = f"[{','.join(sorted(asked.extras))}]" if asked.extras else ""
        return f"{self.double.name}{extras}{bound}", blocking[0] if blocking else None

    def _blocking(self, version: str) -> list[str]:
        """The lines about the library that do not admit a version."""
        lines = self.tree.asked.get(self.double.name, ())
        return [str(one) for one in lines if not one.specifier.contains(version, prereleases=True)]

    def _because(self, version: str) -> str:
        """The lines of groups and extras that do not admit a version, with their places."""
        places = ((text, self.places.elsewhere(self.tree.name, text)) for text in self._blocking(version))
        return ", ".join(f'"{text}" in {place}' for text, place in places if place)

    def _newest(self, specifier: SpecifierSet) -> Version | None:
        """The newest release in ``specifier`` that some environment of the lock can have; no pre-releases."""
        table = self.catalogue.table(NormalizedName(canonicalize_name(self.double.name)))
        for number in bits(table.matching(specifier, str(specifier)) & ~table.prereleases):
            release = table.release(number)
            if not release.yanked and self.catalogue.where_release(release):
                return release.version
        return None


def _said_short(specifier: SpecifierSet, version: str) -> str:
    """The clauses of ``specifier`` that exclude ``version``, without trailing zeros that mean nothing."""
    clauses = [one for one in specifier if not one.contains(version, prereleases=True)]
    return ",".join(sorted(_trimmed(one.operator, one.version) for one in clauses))


def _trimmed(operator: str, version: str) -> str:
    while operator in ("<", ">=") and version.endswith(".0") and version.count(".") >= 1:
        version = version[:-2]
    return operator + version

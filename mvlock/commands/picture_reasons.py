"""Why a picture has several versions of a project: what ``mvlock tree --duplicates`` and ``why`` find, on one axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace
from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

from mvlock.commands.duplicates_view import advice, open_duplicates
from mvlock.commands.options import Context
from mvlock.commands.picture_facts import Places, readable_project
from mvlock.errors import MvlockError
from mvlock.lock.duplicates import Duplicate, Duplicates, Requirer
from mvlock.lock.framework_mismatches import framework_mismatches
from mvlock.lock.model import Lock
from mvlock.lock.reasons import reasons
from mvlock.lock.tree_graph import TreeGraph, tree_graphs
from mvlock.lock.version_reasons import version_texts
from mvlock.operations.lock_request import LockRequest
from mvlock.pictures.model import Entry, Picture, Reason, VersionReason
from mvlock.pictures.model import Requirer as DrawnRequirer
from mvlock.resolver.catalogue import Catalogue
from mvlock.resolver.release import bits


def with_reasons(found: Picture, lock: Lock, request: LockRequest, context: Context) -> Picture:
    """The picture with why projects have several versions; says why not if metadata is not available."""
    if not any(row.is_conflict for row in found.rows):
        return found
    project = readable_project(context)
    if project is None:
        return replace(found, unknown="pyproject.toml cannot be read")
    try:
        with open_duplicates(lock, request, context) as duplicates:
            mismatches = framework_mismatches(lock, project, duplicates.catalogue)
            remedies = {mismatch.library: str(mismatch) for mismatch in mismatches}
            return replace(found, reasons=dict(_Reasons(lock, duplicates, Places(project), remedies).all()))
    except MvlockError as error:
        return replace(found, unknown=error.message)


class _Reasons:
    """The reasons for all duplicates of a lock."""

    def __init__(self, lock: Lock, duplicates: Duplicates, places: Places, remedies: dict[str, str]) -> None:
        self._graphs = {graph.tree.name: graph for graph in tree_graphs(lock, lock.trees)}
        self._duplicates = duplicates
        self._places = places
        self._remedies = remedies

    def all(self) -> Iterator[tuple[str, Reason]]:
        """The reason for each project with several versions."""
        for name in self._duplicates.names():
            duplicate = self._duplicates.duplicate(name)
            if duplicate is not None:
                yield name, self._reason(duplicate)

    def _reason(self, duplicate: Duplicate) -> Reason:
        axis = _axis(duplicate, self._duplicates.catalogue)
        found = (self._remedies.get(duplicate.name), advice([duplicate]))
        return Reason(
            axis=tuple(map(str, axis)),
            versions=tuple(self._version(duplicate, version, axis) for version in reversed(duplicate.versions)),
            advice=tuple(text for text in found if text),
        )

    def _version(self, duplicate: Duplicate, version: str, axis: Sequence[Version]) -> VersionReason:
        trees: dict[Requirer, list[str]] = defaultdict(list)
        texts: dict[str, tuple[str, ...]] = {}
        for tree_version in duplicate.tree_versions:
            if tree_version.version == version:
                texts[tree_version.tree] = tuple(version_texts(tree_version, duplicate))
                for requirer in tree_version.required_by:
                    trees[requirer].append(tree_version.tree)
        drawn = (self._drawn(requirer, names, axis) for requirer, names in trees.items())
        return VersionReason(version, tuple(drawn), texts)

    def _drawn(self, requirer: Requirer, trees: list[str], axis: Sequence[Version]) -> DrawnRequirer:
        way = _way(self._graphs[trees[0]], requirer.by)
        return DrawnRequirer(
            by=requirer.by,
            verb=requirer.verb,
            requirement=requirer.requirement,
            excludes=requirer.excludes,
            allows=tuple(_ranges(_allowed(requirer.requirement, axis))),
            trees=tuple(trees),
            way=way,
            entry=self._entry(requirer, trees[0], way),
        )

    def _entry(self, requirer: Requirer, tree: str, way: tuple[str, ...]) -> Entry | None:
        """Where a requirement is written, or the way to what has it starts."""
        return self._places.entry_of(tree, way[0]) if way else self._places.entry(requirer.origin)


def _way(graph: TreeGraph, by: str) -> tuple[str, ...]:
    """The shortest path in a tree to ``by``, from a requirement in pyproject.toml; () if it is no distribution."""
    project, _, version = by.partition(" ")
    found = (path for member, path in reasons(graph, project) if member.version == version)
    return next(found, ())


def _axis(duplicate: Duplicate, catalogue: Catalogue) -> list[Version]:
    """The final releases of a project, and the locked ones, oldest first."""
    table = catalogue.table(NormalizedName(duplicate.name))
    final = {table.versions[number] for number in bits(table.all & ~table.prereleases)}
    return sorted(final | set(map(Version, duplicate.versions)))


def _allowed(requirement: str, axis: Iterable[Version]) -> Iterator[bool]:
    specifier = Requirement(requirement).specifier
    return (specifier.contains(version, prereleases=True) for version in axis)


def _ranges(flags: Iterable[bool]) -> Iterator[tuple[int, int]]:
    """The first and last numbers of every run of true flags."""
    start = None
    for number, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = number
        elif not flag and start is not None:
            yield start, number - 1
            start = None

"""From a lock, and what is installed of it, to the value that pictures show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.commands.manifest_lines import ManifestLines
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context
from mvlock.commands.tree_view import installed_when
from mvlock.commands.worlds_view import WorldReport, world_report, world_text
from mvlock.errors import MvlockError
from mvlock.importmap.file import installed_map
from mvlock.install.receipts import read_trees
from mvlock.lock.declared_trees import RequirementOrigins
from mvlock.lock.model import Lock, LockedTree
from mvlock.pictures.model import Entry, Member, Picture, PictureTree, Requirement, World, ordered_rows
from mvlock.pictures.weights import tree_weights
from mvlock.project.declaration import Origin
from mvlock.project.document import read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.model import Project

Modules = Mapping[tuple[str, str, str], str]
"""By tree, project and version: the name of what is one module at run time."""


class Places:
    """Where the requirements of trees are written; of a project that cannot be read, nothing is known."""

    def __init__(self, project: Project | None) -> None:
        self._origins = RequirementOrigins(project) if project is not None else None
        self._lines = ManifestLines(read_text(project.root / FILE_NAME)) if project is not None else None

    def entry_of(self, tree: str, requirement: str) -> Entry | None:
        """The entry that is a requirement of a tree."""
        return self.entry(self._origins.of(tree, requirement) if self._origins is not None else None)

    def entry(self, origin: Origin | None) -> Entry | None:
        """An entry with its line."""
        return Entry(str(origin), self._lines.of(origin)) if origin is not None and self._lines is not None else None


def readable_project(context: Context) -> Project | None:
    """The project; None if pyproject.toml cannot be read, since the lock alone is enough for most of a picture."""
    with suppress(MvlockError):
        return open_project(context.options).project
    return None


def map_picture(lock: Lock, shown: Collection[LockedTree], python: str | None, context: Context) -> Picture:
    """The picture of some trees, by world, without reasons and weights."""
    project = readable_project(context)
    report = world_report(lock, python, context, installed=False)
    names, by_name = list(_in_columns(report, shown)), {tree.name: tree for tree in shown}
    worlds = list(dict.fromkeys(report.grouping.number[name] for name in names))
    places, served = Places(project), _served(project)
    trees = tuple(_tree(by_name[name], worlds.index(report.grouping.number[name]), report, places) for name in names)
    members = [(number, tree.name, member) for number, tree in enumerate(trees) for member in tree.members]
    return Picture(
        project=project.name if project is not None else "",
        python=_python_text(report.environment),
        installed=all((tree, member.project, member.version) in served for _, tree, member in members),
        trees=trees,
        worlds=tuple(_world(number, report, names) for number in worlds),
        rows=ordered_rows(
            (member.project, number, member.version, _module(tree, member, report, served))
            for number, tree, member in members
        ),
    )


def with_weights(found: Picture, context: Context) -> Picture:
    """The picture with what its trees take on disk, if they are installed."""
    project = readable_project(context)
    if project is None:
        return found
    folder, shown = project.root / project.modules, {tree.name for tree in found.trees}
    receipts = {folder / name: receipt for name, receipt in read_trees(folder).items() if receipt and name in shown}
    weights, disk = tree_weights(receipts)
    trees = tuple(replace(tree, weight=weights.get(tree.name)) for tree in found.trees)
    return replace(found, trees=trees, disk=disk if receipts else None)


def _in_columns(report: WorldReport, shown: Collection[LockedTree]) -> Iterator[str]:
    """The names of trees, from left to right: the largest world last, so that what differs is next to the projects."""
    names = {tree.name for tree in shown}
    for number in (*report.ordered[1:], *report.ordered[:1]):
        yield from (name for name in report.grouping.worlds[number] if name in names)


def _world(number: int, report: WorldReport, names: list[str]) -> World:
    trees = (position for position, name in enumerate(names) if report.grouping.number[name] == number)
    return World(tuple(trees), world_text(report, number))


def _tree(tree: LockedTree, world: int, report: WorldReport, places: Places) -> PictureTree:
    return PictureTree(
        name=tree.name,
        note=installed_when(tree),
        world=world,
        requirements=tuple(
            Requirement(name, str(requirement), places.entry_of(tree.name, str(requirement)))
            for name, requirements in sorted(tree.direct_requirements.items())
            for requirement in requirements
        ),
        members=tuple(_members(tree, report)),
    )


def _members(tree: LockedTree, report: WorldReport) -> Iterator[Member]:
    """What the tree has in the environment; a dependency may be missing there."""
    versions = report.versions[tree.name]
    for member in tree.packages:
        if member.is_for(report.environment):
            needs = {canonicalize_name(name) for name in tree.dependencies_of(member)} & versions.keys()
            yield Member(member.name, member.version, tuple(sorted(needs)))


def _served(project: Project | None) -> Modules:
    found = installed_map(project.root / project.app) if project is not None else None
    return {key: domain.name for key, domain in found.served().items()} if found is not None else {}


def _module(tree: str, member: Member, report: WorldReport, served: Modules) -> str:
    """The domain that serves a distribution to a tree, or to another of its world; the world if none is installed."""
    number = report.grouping.number[tree]
    domains = (served.get((name, member.project, member.version)) for name in (tree, *report.grouping.worlds[number]))
    return next(filter(None, domains), f" {number}")


def _python_text(environment: Mapping[str, str]) -> str:
    return f"Python {environment['python_version']} on {environment['sys_platform']} {environment['platform_machine']}"

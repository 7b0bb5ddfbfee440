"""What a picture shows: a map of projects and trees, the graph of each tree, and why versions differ.

All of it is for one environment, that of ``Picture.python``. Made once; the page has it as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from packaging.version import Version


class Entry(msgspec.Struct, frozen=True):
    """An entry of pyproject.toml: its ``key``, and its ``line``, from 1; 0 if that is not known."""

    key: str
    line: int = 0


class Requirement(msgspec.Struct, frozen=True):
    """A direct requirement of a tree, with its place in pyproject.toml if that is known."""

    project: str
    text: str
    entry: Entry | None = None


class Member(msgspec.Struct, frozen=True):
    """A distribution of a tree; ``needs``: the projects that it depends on there, sorted."""

    project: str
    version: str
    needs: tuple[str, ...] = ()


class Weight(msgspec.Struct, frozen=True):
    """Bytes on disk: those of the tree alone, those that other trees have as well, by hard links.

    ``native``: how many of ``own`` and ``shared`` are copies of native files that are loaded more than once.
    """

    own: int
    shared: int
    native: int


class Memory(msgspec.Struct, frozen=True):
    """How many bytes a process has ``grown`` by an import of ``modules``, and any ``problem`` with it."""

    modules: tuple[str, ...] = ()
    grown: int | None = None
    problem: str = ""


class PictureTree(msgspec.Struct, frozen=True):
    """A column of the map. ``note``: when it is installed; ``world``: the number of its world; ``members`` sorted."""

    name: str
    note: str
    world: int
    requirements: tuple[Requirement, ...]
    members: tuple[Member, ...]
    weight: Weight | None = None
    memory: Memory | None = None


class World(msgspec.Struct, frozen=True):
    """Trees, by number, that are one environment at run time, and what sets it apart."""

    trees: tuple[int, ...]
    text: str


class Cell(msgspec.Struct, frozen=True):
    """A project in a tree, both by number; cells of a row with the same ``module`` are one module at run time."""

    tree: int
    version: str
    module: int


class Row(msgspec.Struct, frozen=True):
    """A project in the trees that have it; ``versions``: newest first, ``cells``: by tree, modules counted from 0."""

    project: str
    versions: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def is_conflict(self) -> bool:
        """Whether trees have it in several versions."""
        return len(self.versions) > 1


class Requirer(msgspec.Struct, frozen=True):
    """A requirement on a project, and the trees where it applies, as ``lock.duplicates.Requirer`` has it.

    ``allows``: ranges of the axis, by the numbers of first and last version. ``entry``: where it is written, or where
    the ``way`` from pyproject.toml to the project that has it starts.
    """

    by: str
    verb: str
    requirement: str
    excludes: tuple[str, ...]
    allows: tuple[tuple[int, int], ...]
    trees: tuple[str, ...]
    way: tuple[str, ...] = ()
    entry: Entry | None = None


class VersionReason(msgspec.Struct, frozen=True):
    """Why trees have a version. ``texts``: by tree, what `mvlock tree --duplicates` says."""

    version: str
    requirers: tuple[Requirer, ...]
    texts: dict[str, tuple[str, ...]]


class Reason(msgspec.Struct, frozen=True):
    """Why a project has several versions; ``axis``: its releases, oldest first; ``advice``: what makes it one."""

    axis: tuple[str, ...]
    versions: tuple[VersionReason, ...]
    advice: tuple[str, ...] = ()


class Picture(msgspec.Struct, frozen=True):
    """All of it. ``installed``: whether what is one module is known from the installation, not only from the lock.

    ``reasons``: by project; ``unknown``: why there are none although there are conflicts. ``disk``: bytes of all trees
    together. ``together``: memory after the import of all trees in one process.
    """

    project: str
    python: str
    installed: bool
    trees: tuple[PictureTree, ...]
    worlds: tuple[World, ...]
    rows: tuple[Row, ...]
    reasons: dict[str, Reason] = msgspec.field(default_factory=dict)
    unknown: str = ""
    disk: int | None = None
    together: Memory | None = None

    @property
    def map_rows(self) -> tuple[Row, ...]:
        """The rows of the map: what several trees have."""
        return tuple(row for row in self.rows if len(row.cells) > 1)


def facts_json(picture: Picture) -> str:
    """A picture as JSON, in one line."""
    return msgspec.json.encode(picture).decode()


def ordered_rows(cells: Iterable[tuple[str, int, str, str]]) -> tuple[Row, ...]:
    """The rows of a map from project, number of the tree, version, and any name of the module for each cell.

    Several versions first, then what more trees have, then by name.
    """
    by_project: dict[str, list[tuple[int, str, str]]] = {}
    for project, tree, version, module in sorted(cells):
        by_project.setdefault(project, []).append((tree, version, module))
    rows = [_row(project, found) for project, found in by_project.items()]
    return tuple(sorted(rows, key=lambda row: (not row.is_conflict, -len(row.cells), row.project)))


def _row(project: str, found: list[tuple[int, str, str]]) -> Row:
    """Modules are numbered by version, newest first, then by their first trees."""
    versions = sorted({version for _, version, _ in found}, key=Version, reverse=True)
    by_version = sorted(found, key=lambda cell: (versions.index(cell[1]), cell[0]))
    modules = list(dict.fromkeys((version, module) for _, version, module in by_version))
    cells = tuple(Cell(tree, version, modules.index((version, module))) for tree, version, module in found)
    return Row(project, tuple(versions), cells)

"""What the rest of mvlock knows about a project: frozen, validated, no text left to parse."""

# Annotations are not postponed: each one would be compiled whenever a command starts.

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

import msgspec
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.project.declaration import Declaration
from mvlock.project.index_address import IndexFormat


class Prereleases(Enum):
    """When a pre-release (PEP 440) may be chosen."""

    IF_NECESSARY = "if-necessary"
    ALLOW = "allow"
    DISALLOW = "disallow"


class Isolation(Enum):
    """A tree per dependency, or trees of their own only where versions conflict."""

    EACH = "each"
    CONFLICTS = "conflicts"


class Exposed(Enum):
    """What the application may import: what it declares, or every name that means one thing in all trees."""

    DECLARED = "declared"
    ALL = "all"


class ShareMode(Enum):
    """Whether equal distributions of several trees are one module at run time."""

    IDENTICAL = "identical"
    NONE = "none"


class Sharing(msgspec.Struct, frozen=True):
    """``[tool.mvlock] share``: the mode and the projects it never or always applies to."""

    mode: ShareMode = ShareMode.IDENTICAL
    always: frozenset[NormalizedName] = frozenset()
    never: frozenset[NormalizedName] = frozenset()


class Age(msgspec.Struct, frozen=True):
    """A moment that is this long before the lock is made."""

    length: timedelta


Moment = datetime | Age
"""An aware time, or how long it is before the lock is made."""


class IndexSource(msgspec.Struct, frozen=True):
    """One ``[[tool.mvlock.index]]`` entry. ``url`` is what ``index_address`` makes of it."""

    name: str
    url: str
    default: bool = False
    explicit: bool = False
    format: IndexFormat = "simple"


class PathSource(msgspec.Struct, frozen=True, tag=True):
    """A project in a local directory or archive; ``path`` is absolute, ``relative`` POSIX text for files."""

    path: Path
    relative: str
    editable: bool = False


class GitSource(msgspec.Struct, frozen=True, tag=True):
    """A project in a git repository; ``rev`` is a branch, tag or commit (None: the default branch)."""

    url: str
    rev: str | None = None
    subdirectory: str | None = None


class UrlSource(msgspec.Struct, frozen=True, tag=True):
    """A project in an archive at a URL, with the hash that is required, if any."""

    url: str
    sha256: str | None = None
    subdirectory: str | None = None


class NamedIndexSource(msgspec.Struct, frozen=True, tag=True):
    """A project that comes from one named index only."""

    index: str


Source = PathSource | GitSource | UrlSource | NamedIndexSource


class Wish(msgspec.Struct, frozen=True):
    """One reason to install a tree: a group or extra (neither: always), where ``marker`` (None: everywhere) is true."""

    group: NormalizedName | None = None
    extra: NormalizedName | None = None
    marker: str | None = None


class TreeRequest(msgspec.Struct, frozen=True):
    """What one tree must hold.

    ``requirements`` are its top-level requirements, sorted; a direct reference (``name @ url``) is
    turned into an entry of ``Project.sources``. ``groups``/``extras`` are the dependency
    groups (PEP 735) and optional-dependencies that require the tree; both empty: always installed. ``alias``:
    the application imports ``module`` under this name. ``constraints``, ``overrides`` and ``exclusions`` include
    the global ones.
    """

    name: str
    requirements: tuple[Declaration, ...]
    constraints: tuple[Declaration, ...] = ()
    overrides: tuple[Declaration, ...] = ()
    exclusions: tuple[Declaration, ...] = ()
    """Projects, by name alone, on which dependencies count as absent."""
    prereleases: Prereleases = Prereleases.IF_NECESSARY
    groups: frozenset[NormalizedName] = frozenset()
    extras: frozenset[NormalizedName] = frozenset()
    always: bool = True
    wishes: tuple[Wish, ...] = ()
    """Set only if groups and extras require the tree under different markers: then one of these must be true."""
    joinable: bool = False
    """Whether it may be one tree with others of its kind (``isolate = "conflicts"``)."""
    is_solved_jointly: bool = False
    """Whether it is solved together with the other trees of the application."""
    alias: str | None = None
    module: str | None = None
    share: Sharing = Sharing()
    peers: bool = True
    """Whether its code finds what it does not require, in trees that agree with it."""
    alias_project: NormalizedName | None = None
    """Of an alias: the project whose module is imported (the first requirement as written)."""
    exclude_newer: Moment | None = None
    """Releases whose first file was uploaded later do not count in this tree."""

    @property
    def declarations(self) -> Iterator[Declaration]:
        """Everything that is declared for it."""
        yield from (*self.requirements, *self.constraints, *self.overrides)

    @property
    def projects(self) -> frozenset[NormalizedName]:
        """The projects that it requires directly."""
        return frozenset(declaration.project for declaration in self.requirements)


class Policy(msgspec.Struct, frozen=True):
    """``[tool.mvlock.policy]``: what a lock may contain; None: anything."""

    max_versions: int | None = None
    """Of one project, in one environment."""
    max_versions_of: Mapping[NormalizedName, int] = msgspec.field(default_factory=dict)
    allow: tuple[Requirement, ...] | None = None
    deny: tuple[Requirement, ...] = ()
    licenses: tuple[str, ...] | None = None
    licenses_of: Mapping[NormalizedName, tuple[str, ...]] = msgspec.field(default_factory=dict)

    @property
    def limits_licenses(self) -> bool:
        """Whether it says anything about licences, which a lock does not have."""
        return self.licenses is not None or bool(self.licenses_of)


class Project(msgspec.Struct, frozen=True):
    """A project as its pyproject.toml declares it. ``root`` is the absolute folder of pyproject.toml."""

    root: Path
    name: str
    requires_python: SpecifierSet
    trees: tuple[TreeRequest, ...]
    """Sorted by name; names are unique."""
    sources: Mapping[NormalizedName, Source] = msgspec.field(default_factory=dict)
    indexes: tuple[IndexSource, ...] = ()
    """As configured, in order; the default index is added by the index layer unless one is ``default``."""
    environments: tuple[Marker, ...] = ()
    """Narrow the targets to lock for; empty: all that requires-python allows."""
    exclude_newer: Moment | None = None
    """Files uploaded later do not count."""
    exclude_newer_of: Mapping[NormalizedName, Moment | None] = msgspec.field(default_factory=dict)
    """The same for files of some projects (None: no limit), in place of ``exclude_newer``."""
    no_build: bool = False
    """No sdist of an index is built."""
    no_build_of: frozenset[NormalizedName] = frozenset()
    """None of these projects is."""
    build_constraints: tuple[Declaration, ...] = ()
    """What limits the requirements of builds; sorted."""
    unify: bool = True
    isolate: Isolation = Isolation.EACH
    share: Sharing = Sharing()
    """For trees without a setting of their own."""
    peers: bool = True
    """For trees without a setting of their own."""
    expose: Exposed = Exposed.DECLARED
    policy: Policy = Policy()
    app: str = "app"
    modules: str = "py_modules"
    source_folders: tuple[str, ...] = (".",)
    """POSIX paths relative to ``root`` that are put on the application's path, in order."""
    groups: Mapping[NormalizedName, frozenset[NormalizedName]] = msgspec.field(default_factory=dict)
    """All dependency groups that exist (``dev`` is installed by default), each with the projects that it requires."""
    extras: frozenset[NormalizedName] = frozenset()
    entry_points: Mapping[str, str] = msgspec.field(default_factory=dict)
    """``[project.scripts]``: command name to object reference."""
    is_package: bool = False
    """Whether it is a distribution that others may require: it has a build system, or commands."""
    is_script: bool = False
    """Whether it is a script, or nothing but dependencies: no distribution that could be installed."""
    workspace: str | None = None
    """The root of the workspace that it is a member of: POSIX path, relative to ``root``."""
    own_home: Path | None = None
    """Where its environments are, if not in ``root``."""
    unread: tuple[str, ...] = ()
    """What tables of other tools in pyproject.toml say that a lock does not follow, for a note."""
    dynamic_version: str | None = None
    """The version from the build backend, if pyproject.toml leaves it to that; None: the backend was not called."""
    dynamic_entry_points: str | None = None
    """The ``entry_points.txt`` of the build backend, where pyproject.toml leaves commands or entry points to it."""

    @property
    def home(self) -> Path:
        """The absolute folder that ``app`` and ``modules`` are in."""
        return self.own_home or self.root

    @property
    def movable(self) -> Path:
        """The absolute folder that may be moved as a whole: that of its workspace, else ``home``."""
        if self.own_home is not None or self.workspace is None:
            return self.home
        return Path(os.path.normpath(self.root / self.workspace))

    @property
    def own_name(self) -> NormalizedName | None:
        """The name by which dependencies require the project itself; None: that name means a project from elsewhere."""
        name_of_project = canonicalize_name(self.name)
        required = {name for tree in self.trees for name in tree.projects}
        return (
            name_of_project
            if self.is_package and name_of_project not in required and name_of_project not in self.sources
            else None
        )

"""The lock: every tree as a closed set of pinned distributions, every distribution once.

Format 1.2 (docs/formats.md). Rules of change: a reader accepts its own major version only; a new optional key
raises the minor version, and a lock states the oldest version that has all of its keys. A key of a newer version is
written only if the lock means something else without it: readers that do not know it refuse the lock (``lock-newer``).

The text of a field is parsed here only, once, on first use.

A field needs nothing but its line here: order, key and layout of the text are derived from the models
(``mvlock.lock.fields``), and so are the locks that tests generate.
"""

# Annotations are not postponed: each one would be compiled whenever a command starts.

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from functools import lru_cache
from typing import Annotated, NamedTuple

import msgspec
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from mvlock.base.pep508 import is_true

LOCK_VERSION = "1.2"
FIRST_VERSION = "1.0"
"""Accepted by older readers, too: written if nothing needs a later version."""

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}$", max_length=71)]
"""The length excludes a line break at the end, which ``$`` allows."""


class Layout(Enum):
    """How a field is written."""

    VALUE = auto()
    """``key = value``, a table inline."""
    LINES = auto()
    """An array of inline tables, each on a line of its own."""
    SECTIONS = auto()
    """A ``[[key]]`` for each; ``key = []`` if it is empty but written."""


class Written(Enum):
    """When a field is written; unmarked: when it is not the default."""

    ALWAYS = auto()


class Since(NamedTuple):
    """The version of the format that first had a field; unmarked: all have it."""

    version: str


Hashes = Annotated[dict[str, str], msgspec.Meta(min_length=1)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class LockedFile(_Table, frozen=True, kw_only=True):
    """A wheel or sdist: its file name and hashes identify it behind any mirror. ``size`` in bytes."""

    name: str
    size: int | None = None
    upload_time: datetime | None = None
    hashes: Hashes


class LockedVcs(_Table, frozen=True, kw_only=True):
    """A git source with the commit it resolved to (PEP 751 ``packages.vcs``)."""

    type: Annotated[str, Written.ALWAYS] = "git"
    url: str
    requested_revision: str | None = None
    commit_id: str
    subdirectory: str | None = None


class LockedDirectory(_Table, frozen=True, kw_only=True):
    """A project in a folder; ``path`` is POSIX and relative to the lock (PEP 751 ``packages.directory``)."""

    path: str
    editable: bool = False


class LockedArchive(_Table, frozen=True, kw_only=True):
    """A direct URL or a local archive (PEP 751 ``packages.archive``)."""

    url: str | None = None
    path: str | None = None
    size: int | None = None
    hashes: Hashes
    subdirectory: str | None = None


class LockedPackage(_Table, frozen=True, kw_only=True):
    """One distinct distribution. Exactly one origin: ``index`` with files, or vcs, directory or archive."""

    name: str
    version: str
    requires_python: str | None = None
    index: str | None = None
    vcs: LockedVcs | None = None
    directory: LockedDirectory | None = None
    archive: LockedArchive | None = None
    wheels: tuple[LockedFile, ...] = ()
    """Sorted by name."""
    sdist: LockedFile | None = None


class TreePackage(_Table, frozen=True, kw_only=True):
    """One member of a tree; ``marker`` (PEP 508) says where it is needed, None: everywhere.

    A name may occur several times with disjoint markers. ``dependencies`` are names within this tree, with the
    extras that are active (``requests[socks]``), sorted.
    """

    name: str
    version: str
    dependencies: Annotated[tuple[str, ...], Written.ALWAYS] = ()
    marker: str | None = None

    @property
    def release(self) -> Version:
        """The version, parsed."""
        return _version(self.version)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The names of ``dependencies``, without extras."""
        return tuple(text.partition("[")[0] for text in self.dependencies)

    @property
    def condition(self) -> str:
        """``marker`` as canonical text; "" if it is needed everywhere."""
        return str(_marker(self.marker)) if self.marker else ""

    def is_for(self, environment: Mapping[str, str]) -> bool:
        """Whether it is needed in an environment (PEP 508)."""
        return is_true_in(environment, self.marker)


class LockedConflict(_Table, frozen=True, kw_only=True):
    """Dependencies that cannot all be in one tree, sorted, and why. ``proven`` False: a search was given up."""

    between: Annotated[tuple[str, ...], msgspec.Meta(min_length=2)]
    reason: str
    proven: bool = True


class LockedWish(_Table, frozen=True, kw_only=True):
    """A reason to install a tree: a group or an extra (neither: always), where ``marker`` (None: all) is true."""

    group: str | None = None
    extra: str | None = None
    marker: str | None = None

    def is_for(self, environment: Mapping[str, str]) -> bool:
        """Whether it applies in an environment (PEP 508)."""
        return is_true_in(environment, self.marker)


class LockedSoft(_Table, frozen=True, kw_only=True):
    """A member that nothing in the tree needs: ``by``, which the tree requires, declares it under ``extras``."""

    name: str
    by: str
    extras: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]

    @property
    def reason(self) -> str:
        """``declared by pandas under its extra 'excel'``."""
        extras = "extra" if len(self.extras) == 1 else "extras"
        return f"declared by {self.by} under its {extras} {', '.join(map(repr, self.extras))}"


class LockedTree(_Table, frozen=True, kw_only=True):
    """A closed set: every dependency of a member is a member. ``packages`` sorted by name, then version."""

    name: str
    requires: tuple[str, ...]
    imports: Annotated[tuple[str, ...], Written.ALWAYS] = ()
    """Import names that the application may use from this tree, sorted: top-level ones; dotted where a namespace
    (PEP 420) ends, for it belongs to no tree alone."""
    alias: str | None = None
    """The application's name for ``module``; then ``imports`` is empty."""
    module: str | None = None
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    always: bool = True
    """False: installed only when one of ``groups`` or ``extras`` is selected."""
    packages: Annotated[tuple[TreePackage, ...], Layout.SECTIONS, Written.ALWAYS] = ()
    wishes: Annotated[tuple[LockedWish, ...], Since("1.1")] = ()
    """If there are any, one of them must be true, whatever ``groups``, ``extras`` and ``always`` say."""
    conflicts: tuple[LockedConflict, ...] = ()
    """Why it is apart from the tree that its dependencies would be in otherwise (``isolate = "conflicts"``)."""
    soft: Annotated[tuple[LockedSoft, ...], Since("1.2")] = ()
    """Members for the sake of extras that were not requested, by name, then by the project that declares them."""

    @property
    def top_level(self) -> set[str]:
        """The top-level names that the application may import, or of the module that it imports by an alias."""
        names = (*self.imports, *([self.module] if self.module else []))
        return {name.partition(".")[0] for name in names}

    @property
    def direct_requirements(self) -> Mapping[str, tuple[Requirement, ...]]:
        """Its direct requirements, by project."""
        found: dict[str, tuple[Requirement, ...]] = {}
        for requirement in map(_requirement, self.requires):
            name = canonicalize_name(requirement.name)
            found[name] = (*found.get(name, ()), requirement)
        return found

    @property
    def requested(self) -> set[str]:
        """The projects that the tree requires directly."""
        return set(self.direct_requirements)

    def dependencies_of(self, member: TreePackage) -> list[str]:
        """A member's dependencies, and the soft dependencies for it; some may not be in every environment."""
        return [*member.depends_on, *self.soft_for(member.name)]

    def soft_for(self, name: str) -> tuple[str, ...]:
        """The projects that are here for the sake of a member's extras, sorted."""
        return tuple(sorted({soft.name for soft in self.soft if soft.by == name}))

    def reasons(self, name: str) -> tuple[str, ...]:
        """Why a member that nothing needs is here: one text for each project that declares it."""
        return tuple(soft.reason for soft in self.soft if soft.name == name)


_requirement = lru_cache(maxsize=4096)(Requirement)
_marker = lru_cache(maxsize=4096)(Marker)
_version = lru_cache(maxsize=4096)(Version)


def is_true_in(environment: Mapping[str, str], marker: str | None) -> bool:
    """Whether a marker of a lock (None: always) is true in an environment (PEP 508)."""
    return marker is None or is_true(_marker(marker), environment)


class Lock(_Table, frozen=True, kw_only=True):
    """The whole of mv.lock. ``trees`` sorted by name, ``packages`` by name, then version, then origin."""

    lock_version: Annotated[str, Written.ALWAYS] = FIRST_VERSION
    created_by: Annotated[str, Written.ALWAYS] = "mvlock"
    requires_python: Annotated[str, Written.ALWAYS] = ""
    environments: tuple[str, ...] = ()
    """Markers this lock is limited to; empty: everything requires-python allows."""
    inputs: Sha256
    trees: Annotated[tuple[LockedTree, ...], Layout.SECTIONS] = ()
    packages: Annotated[tuple[LockedPackage, ...], Layout.SECTIONS] = ()

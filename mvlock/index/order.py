"""Which indexes there are, and which of them are queried for a project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec
from msgspec.structs import replace
from packaging.utils import NormalizedName

from mvlock.base.urls import without_credentials
from mvlock.errors import LocalError, NetworkFailure
from mvlock.project.index_address import INDEX_FORMS, index_address, public_index_url
from mvlock.project.model import IndexSource, NamedIndexSource, Project

DEFAULT_NAME = "pypi"


class IndexOrder(msgspec.Struct, frozen=True):
    """All indexes by name, the names queried for any project in order, and projects bound to one index."""

    sources: Mapping[str, IndexSource]
    general: tuple[str, ...]
    bound: Mapping[NormalizedName, str]
    default: str
    locked: Mapping[NormalizedName, str] = {}
    """The indexes that projects must still come from, as a lock names them."""

    def names_for(self, project: NormalizedName) -> tuple[str, ...]:
        """The indexes to query for ``project``; the first that has it wins."""
        bound = self.bound.get(project)
        return self.general if bound is None else (bound,)

    def _of_lock(self, name: str) -> str | None:
        """The index that a lock names; None if it is not configured. What replaces the public index stands for it."""
        return name if name in self.sources else self.default if name == DEFAULT_NAME else None

    def locked_index(self, project: NormalizedName, index: str) -> str:
        """The index that a lock names for a project.

        :raises LocalError: ``index-unknown``
        """
        name = self._of_lock(index)
        if name is None:
            raise LocalError("index-unknown", f"{project} is locked from index {index}, which is not configured")
        return name

    def check_found(self, project: NormalizedName, index: str) -> None:
        """Refuse a project that the index of the lock does not have, and that another index, asked later, has.

        The names on two indexes may be of different projects, and anyone may register a name on a public one.

        :raises NetworkFailure: ``index-changed``
        """
        locked = self.locked.get(project)
        if locked is None or project in self.bound:
            return
        expected = self._of_lock(locked)
        if expected is None or expected in self.general[: self.general.index(index)]:
            raise _index_changed(project, locked, index, is_configured=expected is not None)


def index_order(
    project: Project, index_url: str | None = None, locked: Mapping[NormalizedName, str] = MappingProxyType({})
) -> IndexOrder:
    """The order for a project. The default index comes last; ``index_url`` replaces its URL.

    :raises LocalError: ``index-unknown``: a source names an index that is not configured;
        ``index-url-invalid``; ``index-duplicate``
    """
    default = _default(project.indexes, index_url)
    others = [source for source in project.indexes if not source.default]
    sources = _by_name([*others, default])
    general = tuple(source.name for source in (*others, default) if not source.explicit)
    bound = {name: source.index for name, source in project.sources.items() if isinstance(source, NamedIndexSource)}
    _check_bound(bound, sources)
    return IndexOrder(sources, general, bound, default.name, locked)


def _default(configured: tuple[IndexSource, ...], index_url: str | None) -> IndexSource:
    default = next((source for source in configured if source.default), None)
    if default is None:
        default = IndexSource(DEFAULT_NAME, index_url or public_index_url(), default=True)
    return replace(default, url=index_url, format="simple") if index_url else default


def _by_name(sources: list[IndexSource]) -> dict[str, IndexSource]:
    sources_by_name: dict[str, IndexSource] = {}
    for source in sources:
        if source.name in sources_by_name:
            hint = "`default = true` makes an index replace it" if source.name == DEFAULT_NAME else None
            raise LocalError("index-duplicate", f"two indexes are named {source.name}", hint=hint)
        sources_by_name[source.name] = replace(source, url=_checked_url(source))
    return sources_by_name


def _checked_url(source: IndexSource) -> str:
    """The URL; a path is seen from the current directory, since those in files are absolute already."""
    url = index_address(source.url, Path.cwd(), source.format)
    if url is None:
        shown = source.url.rpartition("@")[2]
        raise LocalError("index-url-invalid", f"index {source.name}: {shown!r} is not {INDEX_FORMS}")
    return url


def _check_bound(bound: Mapping[NormalizedName, str], sources: Mapping[str, IndexSource]) -> None:
    for name, index in sorted(bound.items()):
        if index not in sources:
            known = ", ".join(sorted(sources))
            raise LocalError(
                "index-unknown", f"the source of {name} is index {index}; the configured ones are: {known}"
            )


def _index_changed(project: NormalizedName, locked: str, found: str, *, is_configured: bool) -> NetworkFailure:
    what = "does not have it any more" if is_configured else "is not configured here"
    return NetworkFailure(
        "index-changed",
        f"{project} is locked from index {locked}, which {what}; "
        f"the {project} of index {found} may be another project, so it is not taken",
        hint=f"if the {project} of index {found} is meant, run `mvlock resolve --upgrade-package {project}`",
        facts={"project": project, "locked": locked, "found": found},
    )


def shown_url(source: IndexSource) -> str:
    """The URL for messages and for the cache's key."""
    return without_credentials(source.url)

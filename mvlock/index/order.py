"""Which indexes there are, and which of them are queried for a project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace
from packaging.utils import NormalizedName

from mvlock.errors import LocalError
from mvlock.index.credentials import without_credentials
from mvlock.project.model import IndexSource, NamedIndexSource, Project

DEFAULT_NAME = "pypi"


class IndexOrder(msgspec.Struct, frozen=True):
    """All indexes by name, the names queried for any project in order, and projects bound to one index."""

    sources: Mapping[str, IndexSource]
    general: tuple[str, ...]
    bound: Mapping[NormalizedName, str]

    def names_for(self, project: NormalizedName) -> tuple[str, ...]:
        """The indexes to query for ``project``; the first that has it wins."""
        bound = self.bound.get(project)
        return self.general if bound is None else (bound,)


def index_order(project: Project, index_url: str | None = None) -> IndexOrder:
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
    return IndexOrder(sources, general, bound)


def _default(configured: tuple[IndexSource, ...], index_url: str | None) -> IndexSource:
    default = next((source for source in configured if source.default), None)
    if default is None:
        default = IndexSource(DEFAULT_NAME, index_url or _default_url(), default=True)
    return replace(default, url=index_url) if index_url else default


def _default_url() -> str:
    """The URL of the public index, which the build of this package has written (``.ci/build_hook.py``)."""
    return Path(__file__).with_name("default_index.txt").read_text("utf-8").strip()


def is_public_index(url: str) -> bool:
    """Whether a URL is that of the public index."""
    return url.rstrip("/") == _default_url().rstrip("/")


def _by_name(sources: list[IndexSource]) -> dict[str, IndexSource]:
    sources_by_name: dict[str, IndexSource] = {}
    for source in sources:
        if source.name in sources_by_name:
            hint = "`default = true` makes an index replace it" if source.name == DEFAULT_NAME else None
            raise LocalError("index-duplicate", f"two indexes are named {source.name}", hint=hint)
        sources_by_name[source.name] = replace(source, url=_checked_url(source))
    return sources_by_name


def _checked_url(source: IndexSource) -> str:
    """The URL ending in ``/``; only http and https are accepted."""
    try:
        parts = urlsplit(source.url)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        valid = False
    if not valid:
        shown = source.url.rpartition("@")[2]
        raise LocalError("index-url-invalid", f"index {source.name}: {shown!r} is not an http or https URL")
    return source.url if source.url.endswith("/") else f"{source.url}/"


def _check_bound(bound: Mapping[NormalizedName, str], sources: Mapping[str, IndexSource]) -> None:
    for name, index in sorted(bound.items()):
        if index not in sources:
            known = ", ".join(sorted(sources))
            raise LocalError(
                "index-unknown", f"the source of {name} is index {index}; the configured ones are: {known}"
            )


def shown_url(source: IndexSource) -> str:
    """The URL for messages and for the cache's key."""
    return without_credentials(source.url)

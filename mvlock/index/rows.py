"""Rows of a project's page: one for each file, as the index wrote it.

A big page has thousands of rows, and a resolve needs few. So a new page is only grouped by version, which says what
exists, and the rows of a version become files when they are asked for. Rows that can never become one are dropped
first: a version exists if it has a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from urllib.parse import urljoin

import msgspec
from packaging.utils import NormalizedName

from mvlock.index.filenames import file_version, version_of
from mvlock.index.model import IndexFile, ProjectStatus

Flag = bool | dict[str, str] | None
_WEB = ("https://", "http://")
_FILE = "file:///"
_REASON = 200
"""Characters that are shown of a reason."""


class PageOrigin(msgspec.Struct, frozen=True):
    """Where a page came from: ``url`` after redirects, or what the page names as its base, without credentials."""

    index: str
    project: NormalizedName
    url: str


class FileRow(msgspec.Struct, rename="kebab", omit_defaults=True, gc=False):
    """One row of a JSON page (PEP 691, 700, 714); HTML rows are brought into the same form."""

    filename: str
    url: str
    hashes: dict[str, str] = {}
    size: int | None = None
    upload_time: datetime | None = None
    requires_python: str | None = None
    yanked: bool | str | None = None
    core_metadata: Flag = None
    dist_info_metadata: Flag = None
    provenance: str | None = None


class PageRows(msgspec.Struct, frozen=True):
    """The rows of a page, in its order; ``base``: the URL that theirs are relative to; ``status``: the project's."""

    rows: list[FileRow]
    base: str
    status: ProjectStatus = ProjectStatus()


def by_version(rows: Iterable[FileRow], project: NormalizedName, base: str) -> dict[str, list[FileRow]]:
    """Rows by the normalised version in their file names, newest first, as readers want them.

    Those that are not of a file of the project are left out.
    """
    found: dict[str, list[FileRow]] = {}
    for row in rows:
        version = file_version(row.filename, project)
        if version is not None and (row.url.startswith(_WEB) or _joins(row.url, base)):
            found.setdefault(version, []).append(row)
    return {text: found[text] for text in sorted(found, key=version_of, reverse=True)}


def index_file(row: FileRow, version: str, origin: PageOrigin) -> IndexFile:
    """The file of a row that ``by_version`` kept."""
    flag = row.dist_info_metadata if row.core_metadata is None else row.core_metadata
    return IndexFile(
        filename=row.filename,
        url=row.url if row.url.startswith(_WEB) else _joined(origin.url, row.url),
        project=origin.project,
        version=version,
        kind="wheel" if row.filename.endswith(".whl") else "sdist",
        index=origin.index,
        hashes=_lower(row.hashes),
        size=row.size,
        upload_time=_aware(row.upload_time),
        requires_python=row.requires_python,
        yanked=_yanked(row.yanked),
        metadata_hashes=_lower(flag) if isinstance(flag, dict) else ({} if flag else None),
        provenance=row.provenance if row.provenance and row.provenance.startswith(_WEB) else None,
    )


def _joined(base: str, url: str) -> str:
    """``url`` as seen from ``base``; most are either absolute, or paths from the root of the index."""
    if url.startswith("/") and not url.startswith("//") and "/." not in url and url.isprintable():
        return _root(base) + url
    return urljoin(base, url)


@lru_cache(maxsize=1024)
def _root(base: str) -> str:
    return urljoin(base, "/").rstrip("/")


def _joins(url: str, base: str) -> bool:
    """Whether a URL leads to http or https, or from a local page to a file; only a colon or bracket can change that."""
    places = (*_WEB, _FILE) if base.startswith(_FILE) else _WEB
    if base.startswith(places) and ":" not in url and "[" not in url:
        return True
    try:
        return urljoin(base, url).startswith(places)
    except ValueError:
        return False


def _lower(hashes: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): digest.lower() for name, digest in hashes.items()}


def _aware(time: datetime | None) -> datetime | None:
    """PEP 700 times are UTC; a time without a zone is taken as UTC."""
    return time.replace(tzinfo=timezone.utc) if time and time.tzinfo is None else time


def _yanked(value: bool | str | None) -> str | None:
    """The reason, "" if none is given, None if not yanked (PEP 592, 691)."""
    if isinstance(value, str) and value:
        return reason_line(value)
    return "" if value else None


def reason_line(text: str) -> str:
    """The reason that an index gives, which is any text, as one printable line."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())[:_REASON]

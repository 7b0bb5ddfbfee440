"""Rows of a project's page: one for each file, as the index wrote it.

A big page has thousands of rows, and a resolve needs few. So a new page is only grouped by version, which says what
exists, and the rows of a version become files when they are asked for. Rows that can never become one are dropped
first: a version exists if it has a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from functools import lru_cache
from typing import Annotated
from urllib.parse import urljoin

import msgspec
from packaging.utils import NormalizedName

from mvlock.base.limits import LARGEST_FILE, LONGEST_NAME, LONGEST_URL
from mvlock.base.outside import in_utc, is_web_url
from mvlock.index.filenames import FileVersions, version_of
from mvlock.index.model import IndexFile, ProjectStatus

Flag = bool | dict[str, str] | None
_WEB = ("https://", "http://")
_FILE = "file:///"
_BEGINNING = re.compile(r"(?:https?:/)?/[^/\s]+/")
"""Host, or the first folder below the root of the index: whatever printable follows, the URL stays there."""
_REASON = 200
"""Characters that are shown of a reason."""
_EDGES = {MINYEAR, MAXYEAR}


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
    size: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_FILE)] | None = None
    upload_time: datetime | None = None
    requires_python: str | None = None
    yanked: bool | str | None = None
    core_metadata: Flag = None
    dist_info_metadata: Flag = None
    provenance: str | None = None


class PageRows(msgspec.Struct, frozen=True):
    """The rows of a page, in its order, and the URL that theirs are relative to; how many were no rows at all.

    ``status``: what the index says about the project.
    """

    rows: list[FileRow]
    base: str
    malformed: int = 0
    status: ProjectStatus = ProjectStatus()


def by_version(rows: Iterable[FileRow], project: NormalizedName, base: str) -> dict[str, list[FileRow]]:
    """Rows by the normalised version in their file names, newest first, as readers want them.

    Those that are not of a file of the project are left out, and all but the first of one file name.
    """
    found: dict[str, dict[str, FileRow]] = {}
    version_in, is_reachable = FileVersions(project).of, _Reachable(base).has
    for row in rows:
        if row.upload_time is not None and row.upload_time.year in _EDGES:
            row.upload_time = in_utc(row.upload_time)
        version = version_in(row.filename)
        if version is not None and is_reachable(row.url):
            if version not in found:
                found[version] = {}
            found[version].setdefault(row.filename, row)
    return {text: [*found[text].values()] for text in sorted(found, key=version_of, reverse=True)}


def left_out(page: PageRows, versions: Mapping[str, list[FileRow]]) -> str:
    """What of a page is in none of its ``versions``, for messages; "" if nothing is."""
    if not page.malformed and sum(map(len, versions.values())) == len(page.rows):
        return ""
    used = {row.filename for rows in versions.values() for row in rows}
    others = [row.filename for row in page.rows if row.filename not in used]
    texts = [f"malformed rows ({page.malformed})"] if page.malformed else []
    if others:
        texts.append(f"other files ({len(others)}, for example {others[0][:LONGEST_NAME]!r})")
    return f"left out of its page: {', '.join(texts)}" if texts else ""


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
        upload_time=in_utc(row.upload_time) if row.upload_time else None,
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


class _Reachable:
    """URLs of one page that can be followed. They begin alike, so the last beginning is not looked at again."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._beginning = "\n"

    def has(self, url: str) -> bool:
        """Whether this is one of them."""
        if url.startswith(self._beginning) and url.isprintable() and len(url) <= LONGEST_URL:
            return True
        if not _is_reachable(url, self._base):
            return False
        beginning = _BEGINNING.match(url)
        self._beginning = beginning[0] if beginning else self._beginning
        return True


def _is_reachable(url: str, base: str) -> bool:
    """Whether a URL leads to http or https, or from a local page to a file; of a path, the base decides."""
    if url.startswith(_WEB):
        return is_web_url(url)
    if base.startswith((*_WEB, _FILE)) and ":" not in url and "[" not in url and not url.startswith("//"):
        return True
    try:
        joined = urljoin(base, url)
    except ValueError:
        return False
    return is_web_url(joined) or (base.startswith(_FILE) and joined.startswith(_FILE))


def _lower(hashes: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): digest.lower() for name, digest in hashes.items()}


def _yanked(value: bool | str | None) -> str | None:
    """The reason, "" if none is given, None if not yanked (PEP 592, 691)."""
    if isinstance(value, str) and value:
        return reason_line(value)
    return "" if value else None


def reason_line(text: str) -> str:
    """What an index writes for people, which is any text, as one short printable line."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())[:_REASON]

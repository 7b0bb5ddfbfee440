"""A project's page in the Simple API, as JSON (PEP 691, 700, 714, 792) or HTML (PEP 503, 592, 658, 792).

Only the needed keys are decoded, straight into typed rows. Where one row of a page is wrong, the page is
decoded again row by row and only the wrong ones are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urldefrag, urljoin

import msgspec

from mvlock.errors import NetworkFailure
from mvlock.index.model import ProjectStatus
from mvlock.index.rows import FileRow, PageOrigin, PageRows, reason_line

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"


class _Meta(msgspec.Struct, rename="kebab"):
    api_version: str = "1.0"


class _Page(msgspec.Struct, rename="kebab"):
    files: list[FileRow]
    meta: _Meta
    project_status: Any = None


class _LenientPage(msgspec.Struct, rename="kebab"):
    files: list[Any]
    meta: _Meta
    project_status: Any = None


_PAGE = msgspec.json.Decoder(_Page)
_LENIENT_PAGE = msgspec.json.Decoder(_LenientPage)
_OPTIONAL = ("size", "upload-time", "requires-python", "yanked", "core-metadata", "dist-info-metadata", "provenance")
_LEAST = {"filename": "", "url": ""}


def read_page(content: bytes, content_type: str, origin: PageOrigin) -> PageRows:
    """The rows of a page; those that are none are left out and counted.

    :raises NetworkFailure: ``index-invalid``: not a page; ``index-api-version``: of a newer major version
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind.endswith("json"):
        return _json_rows(content, origin)
    if kind.endswith("html"):
        return _html_rows(content, origin)
    raise _invalid(origin, f"its content type is {kind[:80]!r}")


def _json_rows(content: bytes, origin: PageOrigin) -> PageRows:
    try:
        page: _Page | _LenientPage
        try:
            page = _PAGE.decode(content)
        except msgspec.ValidationError:
            page = _LENIENT_PAGE.decode(content)
    except (msgspec.DecodeError, ValueError) as error:  # among them that it is not UTF-8
        raise _invalid(origin, str(error)) from error
    except RecursionError as error:
        raise _invalid(origin, "it is nested too deeply") from error
    _check_version(page.meta.api_version, origin)
    found = page.project_status if isinstance(page.project_status, dict) else {}
    status = _status(found.get("status"), found.get("reason"))
    if isinstance(page, _Page):
        return PageRows(page.files, origin.url, status=status)
    rows = [row for raw in page.files if (row := _lenient_row(raw))]
    return PageRows(rows, origin.url, len(page.files) - len(rows), status)


def _lenient_row(raw: object) -> FileRow | None:
    """One row by itself, without those of its optional keys that are invalid."""
    if not isinstance(raw, dict):
        return None
    return _row({key: raw[key] for key in raw if key not in _OPTIONAL or _row({**_LEAST, key: raw[key]})})


def _row(raw: dict[str, Any]) -> FileRow | None:
    try:
        return msgspec.convert(raw, FileRow)
    except msgspec.ValidationError:
        return None


def _status(status: object, reason: object) -> ProjectStatus:
    """PEP 792."""
    shown = reason_line(reason) if isinstance(reason, str) else ""
    return ProjectStatus(status, shown) if isinstance(status, str) else ProjectStatus()


def _html_rows(content: bytes, origin: PageOrigin) -> PageRows:
    from mvlock.index.html_page import read_html

    page = read_html(content.decode("utf-8", "replace"))
    _check_version(page.version or "1.0", origin)
    try:
        base = urljoin(origin.url, page.base) if page.base else origin.url
    except ValueError as error:
        raise _invalid(origin, "the URL of its <base> is not valid") from error
    rows = [_anchor_row(attributes) for attributes in page.anchors]
    return PageRows(rows, base, status=_status(page.status, page.reason))


def _anchor_row(attributes: Mapping[str, str]) -> FileRow:
    url, fragment = urldefrag(attributes["href"])
    metadata = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
    return FileRow(
        filename=attributes["filename"],
        url=url,
        hashes=_hash(fragment),
        requires_python=attributes.get("data-requires-python"),
        yanked=attributes["data-yanked"] or True if "data-yanked" in attributes else None,
        core_metadata=None if metadata is None else _hash(metadata) or metadata == "true",
        provenance=attributes.get("data-provenance"),
    )


def _hash(text: str) -> dict[str, str]:
    """``sha256=…`` as a mapping; PEP 503 allows one hash."""
    name, separator, digest = text.partition("=")
    return {name: digest} if separator else {}


def _check_version(version: str, origin: PageOrigin) -> None:
    if version.partition(".")[0] != "1":
        raise NetworkFailure(
            "index-api-version",
            f"index {origin.index} uses version {version[:20]} of the Simple API; this mvlock supports 1.x",
            facts={"index": origin.index, "version": version[:20]},
        )


def _invalid(origin: PageOrigin, reason: str) -> NetworkFailure:
    return NetworkFailure(
        "index-invalid",
        f"the page of {origin.project} in index {origin.index} is not a page of the Simple API: {reason}",
        facts={"index": origin.index, "project": origin.project, "reason": reason},
    )

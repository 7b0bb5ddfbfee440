"""An HTML page of the Simple API (PEP 503): its anchors, ``<base>``, version and status, and nothing else.

The markup is read once, from its front to its end, as browsers do it. ``html.parser`` of many Pythons begins again at
each ``<``, which takes hours for a page of a few megabytes, and has its own exceptions for odd declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote, urlsplit

import msgspec

_MARKUP = re.compile(r"<(?:(!--)|([!?])|(/?[a-zA-Z][^\s/>]*))")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?""")
_END_OF_TAG = re.compile(r"[\s/]*>")
_END_OF_CODE = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_META = {
    "pypi:repository-version": "version",
    "pypi:project-status": "status",
    "pypi:project-status-reason": "reason",
}
"""The fields of a page by the names of ``<meta>``."""


class HtmlPage(msgspec.Struct):
    """``anchors`` are the attributes of every link, with ``filename`` added; ``version`` is PEP 629's.

    ``status`` and ``reason`` are PEP 792's.
    """

    anchors: list[dict[str, str]] = msgspec.field(default_factory=list)
    base: str | None = None
    version: str | None = None
    status: str | None = None
    reason: str | None = None


def read_html(text: str) -> HtmlPage:
    """The relevant parts of a page; broken markup is read as far as possible."""
    page = HtmlPage()
    for tag, attributes in _tags(text):
        if tag == "a" and attributes.get("href"):
            _add_anchor(page, attributes)
        elif tag == "base" and page.base is None:
            page.base = attributes.get("href")
        elif tag == "meta" and (field := _META.get(attributes.get("name", ""))):
            setattr(page, field, attributes.get("content"))
    return page


def _add_anchor(page: HtmlPage, attributes: dict[str, str]) -> None:
    """The file's name is the last part of the path; the text is for people (PEP 503)."""
    try:
        path = urlsplit(attributes["href"]).path
    except ValueError:
        return
    attributes["filename"] = unquote(path.rpartition("/")[2])
    page.anchors.append(attributes)


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every complete start tag; what is never closed ends the page."""
    at: int | None = 0
    while at is not None and (found := _MARKUP.search(text, at)):
        comment, declaration, name = found.groups()
        if comment or declaration:
            at = _behind(text, "-->" if comment else ">", found.end())
            continue
        attributes, at = _attributes(text, found.end())
        tag = name.lower()
        if at is not None:
            yield tag, attributes
        if at is not None and tag in _END_OF_CODE:
            end = _END_OF_CODE[tag].search(text, at)
            at = end.start() if end else None


def _attributes(text: str, at: int) -> tuple[dict[str, str], int | None]:
    """The attributes of a tag, the first of each name, and where it ends; None if it does not."""
    found: dict[str, str] = {}
    while not (end := _END_OF_TAG.match(text, at)):
        attribute = _ATTRIBUTE.match(text, at)
        if attribute is None:
            return found, None
        at = attribute.end()
        name, *values = attribute.groups()
        found.setdefault(name.lower(), _value(next(filter(None, values), "")))
    return found, end.end()


def _value(written: str) -> str:
    """The value of an attribute; a reference to a character of too many digits stays as it is."""
    try:
        return unescape(written)
    except ValueError:
        return written


def _behind(text: str, end: str, start: int) -> int | None:
    at = text.find(end, start)
    return None if at == -1 else at + len(end)

"""An HTML page of the Simple API (PEP 503): its anchors, ``<base>``, version and status, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import msgspec


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
    parser = _Parser()
    parser.feed(text)
    parser.close()
    return parser.page


_META = {
    "pypi:repository-version": "version",
    "pypi:project-status": "status",
    "pypi:project-status-reason": "reason",
}
"""The fields of a page by the names of ``<meta>``."""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = HtmlPage()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "a" and attributes.get("href"):
            self._anchor(attributes)
        elif tag == "base" and self.page.base is None:
            self.page.base = attributes.get("href")
        elif tag == "meta" and (field := _META.get(attributes.get("name", ""))):
            setattr(self.page, field, attributes.get("content"))

    def _anchor(self, attributes: dict[str, str]) -> None:
        """The file's name is the last part of the path; the text is for people (PEP 503)."""
        try:
            path = urlsplit(attributes["href"]).path
        except ValueError:
            return
        attributes["filename"] = unquote(path.rpartition("/")[2])
        self.page.anchors.append(attributes)

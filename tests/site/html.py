"""The pages of a built site: what they link to, and what can be linked to in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
_NOT_LOADED = ("canonical", "next", "prev", "edit", "alternate")


@dataclass
class HtmlPage:
    """``links`` are the targets of anchors, ``loaded`` what a browser fetches to show the page, ``ids`` its anchors."""

    path: Path
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self, page: HtmlPage) -> None:
        super().__init__()
        self._page = page

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note what the tag links to, fetches, or names."""
        found = {name: value for name, value in attributes if value is not None}
        self._page.ids |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self._page.links.append(found["href"])
        target = found.get(_LOADED.get(tag, ""))
        if target and found.get("rel") not in _NOT_LOADED:
            self._page.loaded.append(target)


def read_html(path: Path) -> HtmlPage:
    """The page at ``path``."""
    page = HtmlPage(path)
    _Reader(page).feed(path.read_text("utf-8"))
    return page

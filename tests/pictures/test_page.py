"""The page: one file, small, without requests, whatever the names in it are."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from mvlock.pictures.model import Picture, facts_json
from mvlock.pictures.page import page_html
from tests.pictures.pictures import picture

_HOSTILE = '</script><img src=x onerror="alert(1)">\u2028<!--'
_MAXIMUM_BYTES = 60_000


class _Parts(HTMLParser):
    """The elements of a page, with their attributes, and the text of its data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self._in_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_data = dict(attrs).get("id") == "facts"

    def handle_endtag(self, _: str) -> None:
        self._in_data = False

    def handle_data(self, data: str) -> None:
        self.data += data if self._in_data else ""


def test_the_page_has_the_picture_as_data() -> None:
    found = picture(a="x 1.0 m", b="x 1.0 m")
    assert json.loads(_Parts(page_html(found)).data) == json.loads(facts_json(found))


def test_the_page_without_data_is_small_and_requests_nothing() -> None:
    page = page_html(picture())
    assert len(page.encode()) < _MAXIMUM_BYTES
    assert "default-src 'none'" in page
    names = {name for _, attributes in _Parts(page).elements for name in attributes}
    assert not names & {"src", "srcset", "action", "onload", "onclick", "style"}
    assert {attributes["href"] for _, attributes in _Parts(page).elements if "href" in attributes} == {"#map"}
    assert set(re.findall(r"https?://[^\s\"']+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|fetch\(|XMLHttp|import\(", page)


def test_a_hostile_name_cannot_end_the_data() -> None:
    page = page_html(picture(**{_HOSTILE: f"{_HOSTILE.split(maxsplit=1)[0]} 1.0 m"}))
    assert [tag for tag, _ in _Parts(page).elements if tag in {"script", "img"}] == ["script", "script"]
    assert "\u2028" not in page
    assert json.loads(_Parts(page).data)["trees"][0]["name"] == _HOSTILE


def test_equal_pictures_are_equal_pages() -> None:
    pages = {page_html(picture(b="x 1.0 m", a="x 1.0 m, y 2 n")) for _ in range(2)}
    assert len(pages) == 1
    assert page_html(Picture("", "", False, (), (), ())) not in pages

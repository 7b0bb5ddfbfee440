"""The page of ``mvlock graph --html`` in a real browser, the Chromium of the system: what a click shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, Playwright, sync_playwright

from mvlock.pictures.model import Picture, Requirement
from mvlock.pictures.page import page_html
from tests.commands.command_line import Mvlock
from tests.pictures.browser import chromium
from tests.pictures.pictures import picture
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_CHROMIUM = chromium()

pytestmark = pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium on PATH (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def browser_page(playwright: Playwright) -> Iterator[Page]:
    """An empty page; whatever it reports as wrong, or requests of anybody, fails the test."""
    browser = playwright.chromium.launch(executable_path=_CHROMIUM)
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(10_000)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith("file:") else None)
    yield page
    browser.close()
    assert wrong == []


@pytest.fixture
def shop(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock, browser_page: Page, tmp_path: Path) -> Page:
    """The page of ``a``, which needs ``c<2``, ``b``, which needs ``c>=2``, and what both have."""
    index.publish("a", "1.0", requires=["c<2", "d"])
    index.publish("b", "1.0", requires=["c>=2", "d"])
    for version in ("0.9", "1.0", "2.0"):
        index.publish("c", version)
    index.publish("d", "1.0", requires=["e"])
    index.publish("e", "1.0")
    project.write(["a", "b"])
    assert mvlock("resolve").code == mvlock("install").code == 0
    assert mvlock("graph", "--html", str(tmp_path / "page.html")).code == 0
    browser_page.goto((tmp_path / "page.html").as_uri())
    return browser_page


def texts(page: Page, selector: str) -> list[str]:
    """The texts of elements."""
    return [text.strip() for text in page.locator(selector).all_text_contents()]


def test_the_map_is_the_first_thing_to_see(shop: Page) -> None:
    assert shop.title() == "my-app: map"
    assert "2 trees · 6 distributions · 1 project in several versions" in shop.inner_text("#summary")
    assert texts(shop, ".map tbody th") == ["c", "d", "e"]
    assert texts(shop, ".map .column") == ["b", "a"]
    assert texts(shop, ".map tbody tr:first-child td") == ["2.0", "1.0"]
    assert texts(shop, ".map tbody tr:nth-child(2) td") == ["1.0"]


def test_a_click_on_a_row_shows_why_there_are_several_versions(shop: Page) -> None:
    shop.click(".map tbody th >> text=c")
    body = shop.inner_text("#view")
    assert "2 versions in 2 trees, 2 modules at run time" in body
    assert "a 1.0 needs c<2, which excludes 2.0" in body
    assert "starts at pyproject.toml:5 (project.dependencies[0])" in body
    assert "No release is allowed by all requirements." in body
    assert "1.0 everywhere, if this allowed it: b 1.0 needs c>=2" in body
    assert texts(shop, ".axis text.bold") == ["2.0", "1.0"]
    allowed = shop.locator(".axis rect.allows")
    assert allowed.count() == 2
    wide, narrow = (allowed.nth(number).bounding_box() for number in (1, 0))
    assert wide is not None
    assert narrow is not None
    assert {round(wide["width"] / narrow["width"], 1)} <= {2.0, 0.5}  # two of the three releases, and one
    shop.keyboard.press("Escape")
    assert shop.locator(".map").count() == 1


def test_a_click_on_a_tree_shows_its_graph_and_paths_in_it(shop: Page) -> None:
    shop.click(".map thead >> text=a")
    assert sorted(texts(shop, ".graph g.node text")) == ["a", "a 1.0", "c 1.0", "d 1.0", "e 1.0"]
    assert sorted(texts(shop, ".graph g.node.shared text")) == ["d 1.0", "e 1.0"]
    assert "memory\nnot measured" in shop.inner_text(".about")
    shop.click(".graph g.node text >> text=e 1.0")
    assert shop.inner_text("#way").startswith("a → a 1.0 → d 1.0 → e 1.0")
    assert shop.locator(".graph path.on").count() == 3
    shop.fill("#from", "d")
    assert shop.inner_text("#way").startswith("d 1.0 → e 1.0")
    shop.fill("#to", "c")
    assert shop.inner_text("#way") == "There is no path from d 1.0 to c 1.0."
    shop.fill("#search", "c")
    assert texts(shop, ".graph g.node.found text") == ["c 1.0"]
    shop.go_back()
    assert shop.locator(".map").count() == 1


def test_the_map_can_be_filtered_and_used_from_the_keyboard(shop: Page) -> None:
    shop.keyboard.press("/")
    shop.keyboard.type("d")
    assert texts(shop, ".map tbody th") == ["d"]
    shop.fill("#filter", "nothing")
    assert texts(shop, ".map tbody") == ["No project of several trees matches."]
    shop.fill("#filter", "")
    shop.check("#single")
    assert texts(shop, ".map tbody th") == ["c", "d", "e", "a", "b"]
    shop.check("#conflicts")
    assert texts(shop, ".map tbody th") == ["c"]
    shop.uncheck("#conflicts")
    shop.focus(".map tbody button >> nth=0")
    shop.keyboard.press("ArrowDown")
    shop.keyboard.press("Enter")
    assert shop.inner_text("h2") == "d"
    assert shop.url.endswith("#project=d")


def opened(page: Page, found: Picture, folder: Path) -> Page:
    """A page of a picture."""
    file = folder / "page.html"
    file.write_text(page_html(found), encoding="utf-8")
    page.goto(file.as_uri())
    return page


def test_hostile_names_are_only_text(browser_page: Page, tmp_path: Path) -> None:
    name = '</script><img src="https://example.invalid/" onerror="document.title=1">\u2028'
    page = opened(browser_page, picture(**{name: f"{name.split(maxsplit=1)[0]} 1.0 m", "b": "x 1.0 m"}), tmp_path)
    assert texts(page, ".map .column")[0] == name.strip()
    page.click(".map .column button >> nth=0")
    assert texts(page, "h2") == [name.strip()]
    assert page.locator("img").count() == 0
    assert page.title() == "shop: map"


def test_a_lock_without_distributions_has_a_page(browser_page: Page, tmp_path: Path) -> None:
    page = opened(browser_page, picture(), tmp_path)
    assert texts(page, ".map tbody") == ["The lock has no distributions."]
    page.goto(f"{page.url}#tree=gone")
    assert texts(page, "#view") == ["The lock has no tree gone."]


def test_large_maps_keep_their_names_in_view(browser_page: Page, tmp_path: Path) -> None:
    members = ", ".join(f"project-{number:03} 1.0 m" for number in range(360))
    page = opened(browser_page, picture(**{f"tree_{number:02}": members for number in range(24)}), tmp_path)
    page.set_viewport_size({"width": 800, "height": 600})
    page.evaluate("document.querySelector('.scroll').scrollTo(400, 4000)")
    name, column = (
        page.locator(selector).bounding_box() for selector in (".map tbody tr:nth-child(200) th", ".corner")
    )
    assert name is not None
    assert column is not None
    assert name["x"] == column["x"] == 0
    assert 0 < column["y"] < 200
    bar = page.locator(".map tbody tr:nth-child(200) .bar span").bounding_box()
    assert bar is not None
    assert bar["x"] >= name["width"]


def test_a_graph_with_a_cycle_and_many_nodes_is_drawn(browser_page: Page, tmp_path: Path) -> None:
    found = picture(a=", ".join(f"p{number} 1.0 m" for number in range(200)))
    (tree,) = found.trees
    members = tuple(
        replace(member, needs=(f"p{(number + 1) % 200}", f"p{(number * 7) % 200}"))
        for number, member in enumerate(tree.members)
    )
    tree = replace(tree, members=members, requirements=(Requirement("p0", "p0"),))
    page = opened(browser_page, replace(found, trees=(tree,)), tmp_path)
    page.click(".map thead >> text=a")
    assert page.locator(".graph g.node").count() == 201

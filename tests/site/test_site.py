"""The built site: every link leads somewhere, and nothing is fetched from another host."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from mvlock.base.toml import tomllib
from tests.e2e.markdown import ROOT, all_pages
from tests.e2e.project_urls import HOME
from tests.pictures.browser import chromium
from tests.site.build import build_site, for_site
from tests.site.html import HtmlPage, read_html

pytest.importorskip("zensical", reason="it needs Python 3.11.5")
CHROMIUM = chromium()
WIDTHS = (1400, 400)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a newly built site."""
    folder = tmp_path_factory.mktemp("site") / "built"
    build_site(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, HtmlPage]:
    """All pages of the site, by their files."""
    return {path: read_html(path) for path in site.rglob("*.html")}


def test_every_page_of_the_docs_is_there(site: Path) -> None:
    names = [PurePosixPath(page.name).relative_to("docs") for page in all_pages() if page.name.startswith("docs/")]
    html = [name.parent / "index.html" if name.stem == "README" else name.with_suffix(".html") for name in names]
    assert [str(name) for name in html if not (site / name).is_file()] == []


def test_every_page_is_in_the_navigation_but_those_that_a_list_links_to() -> None:
    navigation = str(tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"])
    names = [page.name.removeprefix("docs/") for page in all_pages() if page.name.startswith("docs/")]
    assert [
        name for name in names if f"'{name}'" not in navigation and not re.match(r"decisions/\d|releasing", name)
    ] == []


def test_every_link_and_anchor_leads_somewhere(site: Path, pages: dict[Path, HtmlPage]) -> None:
    links = [(page, link) for page in pages.values() for link in page.links if not urlsplit(link).scheme]
    broken = [(page.path.relative_to(site), link) for page, link in links if not _leads_somewhere(pages, page, link)]
    assert broken == []
    assert len(links) > 2000


def test_links_to_other_hosts_lead_to_the_project(pages: dict[Path, HtmlPage]) -> None:
    outside = {link for page in pages.values() for link in page.links if urlsplit(link).scheme}
    assert {link for link in outside if not link.startswith(HOME)} == set()
    assert f"{HOME}/tree/main/demo/migration" in outside


def test_pages_load_nothing_from_another_host(pages: dict[Path, HtmlPage]) -> None:
    assert {url for page in pages.values() for url in page.loaded if urlsplit(url).netloc} == set()


def test_a_link_out_of_the_docs_leads_to_the_repository() -> None:
    text = "[here](b.md), [code](../../mvlock/codes.py#L1)\n\n```text\n[as it is](../README.md)\n```\n"
    assert for_site(PurePosixPath("docs/how-to/a.md"), text) == text.replace("../../mvlock", f"{HOME}/blob/main/mvlock")


def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path) -> None:
    """Zensical's own check, in its strict mode, with our configuration."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Home\n\n[nowhere](missing.md)\n", "utf-8")
    config = (ROOT / "zensical.toml").read_text("utf-8")
    head, nav = config.split("nav = [", 1)
    (tmp_path / "zensical.toml").write_text(head + nav.partition("\n]\n")[2], "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode != 0


# In a browser


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    handler = functools.partial(_Quiet, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """A page of a browser."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on PATH (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("name", ["index", "tutorial", "reference/settings", "comparison", "errors"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_fits_its_window_and_asks_no_other_host(browser_page: Page, address: str, name: str, width: int) -> None:
    requested: list[str] = []
    browser_page.on("request", lambda request: requested.append(request.url))
    browser_page.set_viewport_size({"width": width, "height": 900})
    browser_page.goto(f"{address}/{name}.html", wait_until="networkidle")
    assert browser_page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in requested if not url.startswith((address, "data:", "blob:"))] == []
    assert requested


def test_the_search_finds_a_page(browser_page: Page, address: str) -> None:
    browser_page.set_viewport_size({"width": 1400, "height": 900})
    browser_page.goto(f"{address}/index.html", wait_until="networkidle")
    browser_page.keyboard.press("Control+k")
    browser_page.get_by_role("combobox", name="Search").fill("keyring")
    found = browser_page.get_by_role("option").filter(has_text="A private index, with")
    assert "private-index.html" in str(found.first.get_attribute("href"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _leads_somewhere(pages: dict[Path, HtmlPage], page: HtmlPage, link: str) -> bool:
    path, _, anchor = link.partition("#")
    if path.startswith("/"):  # on the page for what is not found, which is shown at any address
        path = path.removeprefix("/")
    target = (page.path.parent / unquote(path)).resolve() if path else page.path
    if target.is_dir():
        target /= "index.html"
    if not anchor or target.suffix != ".html":
        return target.exists()
    return target in pages and unquote(anchor) in pages[target].ids

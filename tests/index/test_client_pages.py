"""Requests of pages: to which index, how often, and what happens when they fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.errors import LocalError, NetworkFailure
from mvlock.index.client import MultiIndex
from mvlock.project.model import IndexSource, NamedIndexSource
from tests.index.conftest import OpenClient
from tests.support.index import HTML_TYPE, LocalIndex

A = canonicalize_name("a")


def versions(client: MultiIndex, project: NormalizedName = A) -> list[str]:
    page = client.page(project)
    return [] if page is None else [file.version for file in page.files]


def test_a_page_has_the_files_of_the_project(index: LocalIndex, client: MultiIndex) -> None:
    [wheel] = index.publish("A", "1.0", python=">=3.8", upload_time="2024-05-06T07:08:09Z")
    page = client.page(A)
    assert page is not None
    [file] = page.files
    assert (file.filename, file.url, file.size) == (wheel.filename, wheel.url, len(wheel.content))
    assert file.hashes == {"sha256": wheel.sha256}
    assert file.upload_time is not None
    assert file.upload_time.isoformat() == "2024-05-06T07:08:09+00:00"


def test_a_project_that_no_index_has_is_not_found(client: MultiIndex) -> None:
    assert client.page(A) is None


def test_an_index_without_json_serves_html(index: LocalIndex, client: MultiIndex) -> None:
    index.settings.json = False
    index.publish("a", "1.0", yanked="bad", python=">=3.8", sdist=True)
    page = client.page(A)
    assert page is not None
    assert [(file.kind, file.yanked, file.requires_python) for file in page.files] == [
        ("wheel", "bad", ">=3.8"),
        ("sdist", "bad", ">=3.8"),
    ]


def test_a_page_is_requested_once(index: LocalIndex, client: MultiIndex) -> None:
    index.publish("a", "1.0")
    index.fail("/simple/", "slow", seconds=0.05)
    client.prefetch([A, A])
    threads = [threading.Thread(target=client.page, args=(A,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert index.paths("/simple/") == ["/simple/a/"]


def test_prefetched_pages_are_fetched_at_the_same_time(index: LocalIndex, client: MultiIndex) -> None:
    names = [canonicalize_name(f"p{number}") for number in range(12)]
    for name in names:
        index.publish(name, "1.0")
    client.prefetch(names)
    assert [versions(client, name) for name in names] == [["1.0"]] * 12
    assert len(index.paths("/simple/")) == 12


def test_prefetch_never_raises(index: LocalIndex, client: MultiIndex) -> None:
    index.fail("/simple/", "status", status=403)
    client.prefetch([A])
    with pytest.raises(NetworkFailure):
        client.page(A)


def test_a_fresh_page_is_not_requested_again(index: LocalIndex, open_client: OpenClient) -> None:
    index.settings.max_age = 600
    index.publish("a", "1.0")
    assert versions(open_client()) == ["1.0"]
    assert versions(open_client()) == ["1.0"]
    assert len(index.paths("/simple/")) == 1


def test_a_stale_page_is_confirmed_by_its_etag(index: LocalIndex, open_client: OpenClient) -> None:
    index.publish("a", "1.0")
    open_client().page(A)
    assert versions(open_client()) == ["1.0"]
    assert "if-none-match" in index.requests[-1].headers
    index.publish("a", "2.0")
    assert versions(open_client()) == ["2.0", "1.0"]


def test_without_validators_a_page_is_fetched_again(index: LocalIndex, open_client: OpenClient) -> None:
    index.settings.etag, index.settings.max_age = False, None
    index.publish("a", "1.0")
    assert versions(open_client()) == versions(open_client()) == ["1.0"]
    index.publish("a", "2.0")
    assert versions(open_client()) == ["2.0", "1.0"]
    index.remove_project("a")
    assert versions(open_client()) == []


def test_a_damaged_cache_is_no_cache(index: LocalIndex, open_client: OpenClient, tmp_path: Path) -> None:
    index.publish("a", "1.0")
    open_client().page(A)
    damages: list[Callable[[bytes], bytes]] = [
        lambda content: content[:-5],
        lambda content: content[:40] + bytes([content[40] ^ 8]) + content[41:],
        lambda _: b"",
        lambda content: b"\0" * len(content),
    ]
    [entry] = (tmp_path / "cache").rglob("pages/a")
    for damage in damages:
        entry.write_bytes(damage(entry.read_bytes()))
        assert versions(open_client()) == ["1.0"]
        assert versions(open_client(offline=True)) == ["1.0"]


def test_an_entry_of_another_project_is_no_entry(index: LocalIndex, open_client: OpenClient, tmp_path: Path) -> None:
    index.settings.max_age = 600
    index.publish("a", "1.0")
    index.publish("b", "2.0")
    client = open_client()
    client.page(A)
    client.page(canonicalize_name("b"))
    [entry] = (tmp_path / "cache").rglob("pages/a")
    entry.write_bytes(entry.with_name("b").read_bytes())
    assert versions(open_client()) == ["1.0"]


def test_a_cache_that_cannot_be_written_is_done_without(
    index: LocalIndex, open_client: OpenClient, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("not a folder")
    index.publish("a", "1.0")
    assert versions(open_client()) == ["1.0"]


def test_offline_knows_what_was_seen(index: LocalIndex, open_client: OpenClient) -> None:
    index.publish("a", "1.0")
    online = open_client()
    online.page(A)
    online.page(canonicalize_name("absent"))
    index.clear_requests()
    offline = open_client(offline=True)
    assert versions(offline) == ["1.0"]
    assert offline.page(canonicalize_name("absent")) is None
    assert index.requests == []


def test_offline_names_what_is_missing(open_client: OpenClient) -> None:
    with pytest.raises(NetworkFailure, match=r"the page of a from index .* is not in the cache") as caught:
        open_client(offline=True).page(A)
    assert (caught.value.code, caught.value.exit_code) == ("index-offline", 3)


def test_a_failure_that_passes_is_survived(index: LocalIndex, open_client: OpenClient) -> None:
    index.publish("a", "1.0")
    for kind in ("drop", "truncate", "corrupt"):
        index.fail("/simple/", kind, times=1)
        assert versions(open_client()) == ["1.0"]
    for status in (429, 500, 503):
        index.fail("/simple/", "status", status=status, times=1)
        assert versions(open_client()) == ["1.0"]


@pytest.mark.parametrize(
    ("status", "cause"), [(500, "500 Internal Server Error"), (401, "401 Unauthorized"), (418, "418")]
)
def test_a_failing_index_is_named_with_the_cause(
    index: LocalIndex, client: MultiIndex, status: int, cause: str
) -> None:
    index.fail("/simple/", "status", status=status)
    with pytest.raises(NetworkFailure, match=f"the page of a from index local .*: it returned {cause}") as caught:
        client.page(A)
    assert caught.value.code == "index-unreachable"
    assert index.url in caught.value.message


def test_an_index_that_is_down_is_unreachable(index: LocalIndex, client: MultiIndex) -> None:
    index.stop()
    with pytest.raises(NetworkFailure, match="the connection is refused") as caught:
        client.page(A)
    assert caught.value.exit_code == 3


def test_an_index_that_is_silent_is_given_up(
    index: LocalIndex, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVLOCK_HTTP_TIMEOUT", "0.05")
    index.fail("/simple/", "slow", seconds=0.3)
    with pytest.raises(NetworkFailure, match="did not respond in time"):
        open_client().page(A)


def test_an_index_that_drips_is_given_up_for_good(
    index: LocalIndex, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVLOCK_HTTP_TOTAL_TIMEOUT", "0.2")
    index.publish("a", "1.0")
    index.fail("/simple/", "drip", seconds=0.05, size=1)
    with pytest.raises(NetworkFailure, match=r"it sends too slowly: [0-9]+ bytes"):
        open_client().page(A)
    assert len(index.paths("/simple/")) == 1


def test_headers_that_drip_are_given_up_for_good(
    index: LocalIndex, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVLOCK_HTTP_TOTAL_TIMEOUT", "0.2")
    index.publish("a", "1.0")
    index.fail("/simple/", "drip-headers", seconds=0.05)
    with pytest.raises(NetworkFailure, match=r"it sends too slowly: [0-9]+ bytes"):
        open_client().page(A)
    assert len(index.paths("/simple/")) == 1


def test_a_slow_connection_that_goes_on_is_not_given_up(
    index: LocalIndex, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVLOCK_HTTP_TOTAL_TIMEOUT", "0.01")
    index.publish("a", "1.0")
    index.fail("/simple/", "drip", seconds=0.005, size=400)
    assert versions(open_client()) == ["1.0"]


def test_what_was_left_out_of_a_page_is_remembered(index: LocalIndex, open_client: OpenClient) -> None:
    rows = '[{"filename": 1}, {"filename": "a-1.0.exe", "url": "/x"}, {"filename": "a-1.0.tar.gz", "url": "/x"}]'
    index.publish_page("a", f'{{"meta": {{}}, "files": {rows}}}'.encode())
    for client in (open_client(), open_client(offline=True)):
        page = client.page(A)
        assert page is not None
        assert page.left_out == "left out of its page: malformed rows (1), other files (1, for example 'a-1.0.exe')"


def test_a_page_that_is_not_one_is_refused(index: LocalIndex, client: MultiIndex) -> None:
    index.publish_page("a", b"{not json")
    with pytest.raises(NetworkFailure) as caught:
        client.page(A)
    assert caught.value.code == "index-invalid"


def test_a_bare_html_page_is_enough(index: LocalIndex, client: MultiIndex) -> None:
    index.publish_page("a", b"<a href='/files/a-1.0.tar.gz'>a</a>", HTML_TYPE)
    assert versions(client) == ["1.0"]


def test_the_first_index_that_has_a_project_wins_and_the_default_is_last(
    index: LocalIndex, make_index: Callable[[], LocalIndex], open_client: OpenClient
) -> None:
    other = make_index()
    index.publish("a", "1.0")
    index.publish("b", "1.0")
    other.publish("a", "9.0")
    client = open_client(IndexSource("main", index.url, default=True), IndexSource("inner", other.url))
    assert versions(client) == ["9.0"]
    assert versions(client, canonicalize_name("b")) == ["1.0"]
    page = client.page(A)
    assert page is not None
    assert (page.index, page.files[0].index) == ("inner", "inner")


def test_an_explicit_index_is_used_only_for_what_names_it(
    index: LocalIndex, make_index: Callable[[], LocalIndex], open_client: OpenClient
) -> None:
    other = make_index()
    for name in ("a", "b"):
        index.publish(name, "1.0")
        other.publish(name, "9.0")
    client = open_client(
        IndexSource("extra", other.url, explicit=True),
        IndexSource("main", index.url, default=True),
        sources={"a": NamedIndexSource("extra")},
    )
    assert versions(client) == ["9.0"]
    assert versions(client, canonicalize_name("b")) == ["1.0"]
    assert other.paths("/simple/") == ["/simple/a/"]


def test_a_mirror_takes_the_place_of_the_default_index_but_not_its_name(
    index: LocalIndex, open_client: OpenClient
) -> None:
    index.publish("a", "1.0")
    mirrored = IndexSource("main", "https://example.invalid/simple/", default=True)
    page = open_client(mirrored, index_url=index.url.rstrip("/")).page(A)
    assert page is not None
    assert page.index == "main"


def test_the_same_url_under_another_name_is_another_index(index: LocalIndex, open_client: OpenClient) -> None:
    index.publish("a", "1.0")
    for name in ("one", "two"):
        page = open_client(IndexSource(name, index.url, default=True)).page(A)
        assert page is not None
        assert page.files[0].index == name


@pytest.mark.parametrize("url", ["ftp://example.invalid/", "simple", "https://", "https://x:y:z/", "file://host/x"])
def test_a_url_that_leads_to_no_index_is_a_usage_error(open_client: OpenClient, url: str) -> None:
    with pytest.raises(LocalError) as caught:
        open_client(IndexSource("odd", url))
    assert caught.value.code == "index-url-invalid"


def test_two_indexes_of_one_name_are_a_usage_error(index: LocalIndex, open_client: OpenClient) -> None:
    with pytest.raises(LocalError, match="two indexes are named pypi") as caught:
        open_client(IndexSource("pypi", index.url))
    assert caught.value.hint is not None


def test_a_source_that_names_an_unknown_index_is_a_usage_error(open_client: OpenClient) -> None:
    with pytest.raises(LocalError, match="the source of a is index nowhere"):
        open_client(sources={"a": NamedIndexSource("nowhere")})


def test_a_number_in_the_environment_must_make_sense(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVLOCK_CONCURRENCY", "many")
    with pytest.raises(LocalError, match="MVLOCK_CONCURRENCY is 'many'"):
        open_client()

"""Redirects and proxies are followed, but not everywhere, and without credentials."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from packaging.utils import canonicalize_name

from mvlock.errors import NetworkFailure
from mvlock.index.client import MultiIndex
from mvlock.project.model import IndexSource
from tests.index.conftest import OpenClient
from tests.support.index import HTML_TYPE, LocalIndex

A = canonicalize_name("a")


def test_links_are_relative_to_where_the_page_was_found(
    index: LocalIndex, make_index: Callable[[], LocalIndex], client: MultiIndex
) -> None:
    mirror = make_index()
    mirror.publish_page("a", b"<a href='../../files/a-1.0.tar.gz'>a</a>", HTML_TYPE)
    index.redirects["/simple/a/"] = f"{mirror.url}a/"
    page = client.page(A)
    assert page is not None
    assert page.files[0].url == f"{mirror.origin}/files/a-1.0.tar.gz"


def test_a_login_does_not_follow_to_another_origin(
    index: LocalIndex, make_index: Callable[[], LocalIndex], open_client: OpenClient
) -> None:
    mirror = make_index()
    mirror.publish("a", "1.0")
    index.settings.credentials = ("user", "secret")
    index.redirects["/simple/a/"] = f"{mirror.url}a/"
    private = IndexSource("private", index.url.replace("//", "//user:secret@"), default=True)
    with pytest.raises(NetworkFailure):
        open_client().page(A)
    assert open_client(private).page(A) is not None
    assert "authorization" in index.requests[-1].headers
    assert "authorization" not in mirror.requests[-1].headers


@pytest.mark.parametrize(
    ("location", "cause"),
    [
        ("/simple/a/", "more than 10 times"),
        ("file:///etc/passwd", "not safe"),
        ("", "without saying where"),
        ("http://[", "not safe"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_refused(
    index: LocalIndex, client: MultiIndex, location: str, cause: str
) -> None:
    index.redirects["/simple/a/"] = location
    with pytest.raises(NetworkFailure, match=cause):
        client.page(A)


def test_a_proxy_of_the_environment_is_used(
    index: LocalIndex, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", index.origin.replace("//", "//proxy:secret@"))
    monkeypatch.delenv("no_proxy", raising=False)
    index.publish("a", "1.0")
    assert open_client(IndexSource("far", "http://example.invalid/simple/", default=True)).page(A) is not None
    assert index.requests[0].headers["host"] == "example.invalid"
    assert "proxy-authorization" in index.requests[0].headers


def test_an_unreachable_proxy_is_reported_without_its_password(
    index: LocalIndex, open_client: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", index.origin.replace("//", "//proxy:secret@"))
    monkeypatch.delenv("no_proxy", raising=False)
    index.stop()
    with pytest.raises(NetworkFailure) as caught:
        open_client(IndexSource("far", "http://example.invalid/simple/", default=True)).page(A)
    assert "proxy" in caught.value.message
    assert "secret" not in caught.value.message + str(caught.value.facts)

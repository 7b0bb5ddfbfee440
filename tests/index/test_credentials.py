"""Credentials are sent to their own index only, and are in no message."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from mvlock.errors import NetworkFailure
from mvlock.index.credentials import Credentials
from mvlock.index.keyring import Keyring
from mvlock.project.model import IndexSource
from tests.index.conftest import OpenClient
from tests.support.index import LocalIndex

A = canonicalize_name("a")


@pytest.fixture
def guarded(index: LocalIndex) -> LocalIndex:
    index.settings.credentials = ("user", "p@ss word")
    index.publish("a", "1.0")
    return index


def with_credentials(index: LocalIndex, credentials: str) -> IndexSource:
    return IndexSource("private", index.url.replace("http://", f"http://{credentials}@"), default=True)


def test_a_login_in_the_url_opens_pages_and_files(guarded: LocalIndex, open_client: OpenClient) -> None:
    client = open_client(with_credentials(guarded, "user:p%40ss%20word"))
    page = client.page(A)
    assert page is not None
    assert "user" not in page.files[0].url
    assert client.metadata(page.files[0]).name == "a"


def test_a_login_in_netrc_opens_them_too(guarded: LocalIndex, open_client: OpenClient, tmp_path: Path) -> None:
    guarded.settings.credentials = ("user", "plain")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password plain\n")
    assert open_client().page(A) is not None


def test_a_wrong_login_is_refused_and_never_shown(guarded: LocalIndex, open_client: OpenClient) -> None:
    with pytest.raises(NetworkFailure, match="401 Unauthorized") as caught:
        open_client(with_credentials(guarded, "user:secret")).page(A)
    shown = caught.value.message + str(caught.value.hint) + str(caught.value.facts)
    assert "secret" not in shown
    assert "user" not in shown
    assert (
        caught.value.hint
        == "it needs a login: name and password in the index's URL or netrc, or the password in the keyring"
    )


def test_a_password_that_is_missing_is_the_keyrings(tmp_path: Path) -> None:
    program = tmp_path / "keyring"
    program.write_text('#!/bin/sh\necho "$@" >> "$0.log"\n[ "$2" = https://example.invalid ] && echo "$3-secret"\n')
    program.chmod(0o755)
    credentials = Credentials(["https://user@example.invalid/simple/"], None, Keyring({"PATH": f"{tmp_path}:/bin"}))
    expected = "Basic " + base64.b64encode(b"user:user-secret").decode()
    assert credentials.headers("https://example.invalid/files/x") == {"Authorization": expected}
    assert credentials.headers("https://example.invalid/files/y") == {"Authorization": expected}
    assert not credentials.headers("https://files.example.invalid/x")
    assert (tmp_path / "keyring.log").read_text().splitlines() == ["get https://example.invalid user"]


def test_netrc_knows_the_password_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine example.invalid login user password plain\n")
    credentials = Credentials(["https://user@example.invalid/"], tmp_path / "netrc", Keyring({}))
    expected = "Basic " + base64.b64encode(b"user:plain").decode()
    assert credentials.headers("https://example.invalid/x") == {"Authorization": expected}


def test_a_login_is_not_sent_to_another_origin() -> None:
    credentials = Credentials(["https://user:secret@example.invalid/simple/"])
    assert credentials.headers("https://example.invalid/files/x")
    assert not credentials.headers("http://example.invalid/files/x")
    assert not credentials.headers("https://example.invalid:8443/files/x")
    assert not credentials.headers("https://files.example.invalid/x")


def test_the_default_entry_of_netrc_is_not_sent_to_every_host(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("default login user password secret\n")
    assert not Credentials([], tmp_path / "netrc").headers("https://example.invalid/")


def test_a_netrc_that_cannot_be_read_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine\n")
    assert not Credentials([], tmp_path / "netrc").headers("https://example.invalid/")

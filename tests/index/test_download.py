"""A downloaded file is complete and correct, or it does not exist."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.errors import BadArtifact, NetworkFailure
from mvlock.index.client import MultiIndex
from mvlock.index.model import IndexFile
from tests.index.conftest import OpenClient
from tests.support.faults import FaultKind
from tests.support.index import LocalIndex


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def file_of(client: MultiIndex) -> IndexFile:
    page = client.page(canonicalize_name("a"))
    assert page is not None
    return page.files[0]


def test_the_bytes_arrive(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    [served] = index.publish("a", "1.0", hash_names=("sha256", "sha512", "md5"))
    client.download(file_of(client), folder / "a.whl")
    assert (folder / "a.whl").read_bytes() == served.content
    assert [path.name for path in folder.iterdir()] == ["a.whl"]


def test_a_transfer_that_breaks_off_is_tried_again(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    [served] = index.publish("a", "1.0", files={"a.bin": "x" * 300_000})
    index.fail("/files/", "truncate", times=1)
    client.download(file_of(client), folder / "a.whl")
    assert (folder / "a.whl").read_bytes() == served.content


def test_a_transfer_ends_when_the_index_is_closed(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    index.publish("a", "1.0", files={"a.bin": os.urandom(150_000).hex()})
    index.fail("/files/", "drip", seconds=0.5)
    file = file_of(client)
    with ThreadPoolExecutor(1) as threads:
        download = threads.submit(client.download, file, folder / "a.whl")
        while not list(folder.iterdir()):
            time.sleep(0.01)
        client.close()
        with pytest.raises(NetworkFailure, match="it was closed"):
            download.result()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["drop", "status"])
def test_a_transfer_that_never_ends_well_leaves_nothing(
    index: LocalIndex, client: MultiIndex, folder: Path, kind: FaultKind
) -> None:
    index.publish("a", "1.0", files={"a.bin": "x" * 300_000})
    index.fail("/files/", kind)
    with pytest.raises(NetworkFailure, match=r"could not fetch a-1.0-py3-none-any.whl"):
        client.download(file_of(client), folder / "a.whl")
    assert list(folder.iterdir()) == []


def test_a_body_that_breaks_off_at_every_attempt_is_the_file_s_fault(
    index: LocalIndex, client: MultiIndex, folder: Path
) -> None:
    [served] = index.publish("a", "1.0", files={"a.bin": "x" * 300_000})
    index.fail("/files/", "truncate")
    with pytest.raises(BadArtifact, match=f"before all {len(served.content)} bytes had arrived") as caught:
        client.download(file_of(client), folder / "a.whl")
    assert (caught.value.code, caught.value.exit_code) == ("size-mismatch", 4)
    assert list(folder.iterdir()) == []


def test_a_body_that_breaks_off_where_other_attempts_had_no_answer_is_the_network_s(
    index: LocalIndex, client: MultiIndex, folder: Path
) -> None:
    index.publish("a", "1.0", files={"a.bin": "x" * 300_000})
    index.fail("/files/", "status", times=1)
    index.fail("/files/", "truncate")
    with pytest.raises(NetworkFailure, match="the connection was interrupted"):
        client.download(file_of(client), folder / "a.whl")


def test_another_hash_is_refused(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    [served] = index.publish("a", "1.0")
    index.fail("/files/", "corrupt")
    with pytest.raises(BadArtifact, match=f"expected sha256 {served.sha256}") as caught:
        client.download(file_of(client), folder / "a.whl")
    assert (caught.value.code, caught.value.exit_code) == ("hash-mismatch", 4)
    assert list(folder.iterdir()) == []


def test_every_strong_hash_must_agree(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    index.publish("a", "1.0")
    file = file_of(client)
    wrong = replace(file, hashes={**file.hashes, "sha512": "0" * 128})
    with pytest.raises(BadArtifact, match="expected sha512 0000"):
        client.download(wrong, folder / "a.whl")


@pytest.mark.parametrize("names", [("md5",), ("sha1", "md5"), ()])
def test_without_a_strong_hash_nothing_is_downloaded(
    index: LocalIndex, client: MultiIndex, folder: Path, names: tuple[str, ...]
) -> None:
    index.publish("a", "1.0", hash_names=names)
    with pytest.raises(BadArtifact) as caught:
        client.download(file_of(client), folder / "a.whl")
    assert caught.value.code == "hash-missing"
    assert index.paths("/files/") == []


def test_more_bytes_than_the_index_said_are_not_taken(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    index.publish("a", "1.0")
    with pytest.raises(BadArtifact, match="sent more than 10 bytes"):
        client.download(replace(file_of(client), size=10), folder / "a.whl")


def test_what_exists_is_not_overwritten(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    index.publish("a", "1.0")
    (folder / "a.whl").write_text("mine")
    with pytest.raises(FileExistsError):
        client.download(file_of(client), folder / "a.whl")
    assert (folder / "a.whl").read_text() == "mine"


def test_a_file_of_no_index_is_downloaded_by_its_url(index: LocalIndex, client: MultiIndex, folder: Path) -> None:
    [served] = index.publish("a", "1.0")
    client.download(replace(file_of(client), index=""), folder / "a.whl")
    assert (folder / "a.whl").read_bytes() == served.content


def test_offline_downloads_nothing(index: LocalIndex, open_client: OpenClient, folder: Path) -> None:
    index.publish("a", "1.0")
    file = file_of(open_client())
    with pytest.raises(NetworkFailure) as caught:
        open_client(offline=True).download(file, folder / "a.whl")
    assert caught.value.code == "index-offline"

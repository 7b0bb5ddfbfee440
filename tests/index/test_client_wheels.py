"""Metadata and member names of wheels, from wherever they are cheapest."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO

import pytest
from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.errors import BadArtifact, NetworkFailure
from mvlock.index.client import MultiIndex
from mvlock.index.model import IndexFile
from mvlock.project.model import IndexSource
from tests.index.conftest import OpenClient
from tests.support.index import LocalIndex
from tests.support.release import Release, wheel, zip_archive

NOISE = random.Random(7).randbytes(700_000)
BIG = {"a/noise.bin": NOISE}


def first_file(client: MultiIndex, project: str = "a") -> IndexFile:
    page = client.page(canonicalize_name(project))
    assert page is not None
    return page.files[0]


def requirements(client: MultiIndex) -> list[str]:
    return [str(requirement) for requirement in client.metadata(first_file(client)).requires_dist]


def test_the_file_beside_the_wheel_is_enough(index: LocalIndex, client: MultiIndex) -> None:
    index.publish("a", "1.0", requires=["b>=2"], extras={"x": ["c"]})
    assert requirements(client) == ["b>=2", 'c; extra == "x"']
    assert index.paths("/files/") == ["/files/a-1.0-py3-none-any.whl.metadata"]


def test_a_file_beside_the_wheel_with_another_hash_is_refused(index: LocalIndex, client: MultiIndex) -> None:
    index.publish("a", "1.0")
    index.fail(".metadata", "corrupt")
    with pytest.raises(
        BadArtifact, match=r"a-1.0-py3-none-any.whl.metadata is not the file that belongs to its hash"
    ) as caught:
        client.metadata(first_file(client))
    assert caught.value.code == "hash-mismatch"


def test_without_it_the_wheel_is_read_by_range(index: LocalIndex, client: MultiIndex) -> None:
    index.settings.metadata = False
    index.publish("a", "1.0", requires=["b"], files=BIG)
    assert requirements(client) == ["b"]
    [request] = [request for request in index.requests if "/files/" in request.path]
    assert "range" in request.headers


def test_metadata_at_the_wrong_end_costs_one_range_more(index: LocalIndex, client: MultiIndex) -> None:
    filename, content = wheel(Release("a", "1.0", requires=["b"], files=BIG))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in reversed(archive.namelist())}
    index.publish_file("a", filename, zip_archive(members))
    assert requirements(client) == ["b"]
    assert client.wheel_names(first_file(client)) == tuple(sorted(members))
    assert len(index.paths("/files/")) == 3


def test_a_server_without_ranges_gives_the_whole_wheel(index: LocalIndex, client: MultiIndex) -> None:
    index.settings.metadata = index.settings.ranges = False
    index.publish("a", "1.0", requires=["b"], files=BIG)
    assert requirements(client) == ["b"]


def test_an_html_page_knows_no_sizes_and_ranges_still_work(index: LocalIndex, client: MultiIndex) -> None:
    index.settings.metadata = index.settings.json = False
    index.publish("a", "1.0", requires=["b"], files=BIG)
    assert requirements(client) == ["b"]
    assert {request.headers.get("range") for request in index.requests if "/files/" in request.path} == {"bytes=-65536"}


def test_metadata_that_was_announced_but_is_not_there_is_found_in_the_wheel(
    index: LocalIndex, client: MultiIndex
) -> None:
    index.publish("a", "1.0", requires=["b"], files=BIG)
    index.fail(".metadata", "status", status=404)
    assert requirements(client) == ["b"]


def test_metadata_is_remembered_for_ever(index: LocalIndex, open_client: OpenClient) -> None:
    index.publish("a", "1.0", requires=["b"])
    assert requirements(open_client()) == ["b"]
    index.clear_requests()
    assert requirements(open_client()) == ["b"]
    assert requirements(open_client(offline=True)) == ["b"]
    assert index.paths("/files/") == []


def test_metadata_is_requested_once(index: LocalIndex, client: MultiIndex) -> None:
    index.publish("a", "1.0")
    file = first_file(client)
    index.fail(".metadata", "slow", seconds=0.05)
    client.prefetch_metadata([file, file])
    assert client.metadata(file) is client.metadata(file)
    assert len(index.paths("/files/")) == 1


@pytest.mark.parametrize("release", [Release("b", "1.0"), Release("a", "2.0")])
def test_metadata_of_another_distribution_is_refused(index: LocalIndex, client: MultiIndex, release: Release) -> None:
    filename, _ = wheel(Release("a", "1.0"))
    index.publish_file("a", filename, wheel(release)[1])
    with pytest.raises(BadArtifact) as caught:
        client.metadata(first_file(client))
    assert caught.value.code == "metadata-invalid"


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", wheel(Release("a", "1.0"))[1][:-30], zip_archive({"a.py": ""}), NOISE],
    ids=["empty", "text", "cut off", "no metadata", "noise"],
)
def test_what_is_no_wheel_is_refused(index: LocalIndex, client: MultiIndex, content: bytes) -> None:
    index.publish_file("a", "a-1.0-py3-none-any.whl", content)
    with pytest.raises(BadArtifact) as caught:
        client.metadata(first_file(client))
    assert caught.value.code == "metadata-invalid"


def test_names_are_sorted_and_remembered(index: LocalIndex, open_client: OpenClient) -> None:
    index.publish("a", "1.0", files={"z.py": "", "a/__init__.py": "", "noise.bin": NOISE})
    client = open_client()
    names = client.wheel_names(first_file(client))
    assert names == tuple(sorted(names))
    assert {"z.py", "a/__init__.py", "a-1.0.dist-info/RECORD"} <= set(names)
    index.clear_requests()
    again = open_client(offline=True)
    assert again.wheel_names(first_file(again)) == names
    assert index.requests == []


def test_names_of_what_is_no_wheel_are_refused(index: LocalIndex, client: MultiIndex) -> None:
    index.publish_file("a", "a-1.0-py3-none-any.whl", NOISE)
    with pytest.raises(BadArtifact) as caught:
        client.wheel_names(first_file(client))
    assert caught.value.code == "wheel-invalid"


def test_a_small_wheel_that_is_read_whole_must_have_its_hash(index: LocalIndex, client: MultiIndex) -> None:
    index.settings.metadata = False
    index.publish("a", "1.0")
    index.fail(".whl", "corrupt")
    with pytest.raises(BadArtifact) as caught:
        client.metadata(first_file(client))
    assert caught.value.code == "hash-mismatch"


def test_hashes_of_one_index_do_not_count_for_files_of_another(index: LocalIndex, open_client: OpenClient) -> None:
    filename, content = wheel(Release("a", "1.0", requires=["honest"], files=BIG))
    index.publish_file("a", filename, content, metadata=b"Name: a\nVersion: 1.0\nRequires-Dist: evil\n")
    assert requirements(open_client(IndexSource("evil", index.url, default=True))) == ["evil"]
    index.publish_file("a", filename, content)
    assert requirements(open_client(IndexSource("good", index.url, default=True))) == ["honest"]


def test_offline_names_the_missing_metadata(index: LocalIndex, open_client: OpenClient) -> None:
    index.publish("a", "1.0")
    first_file(open_client())
    offline = open_client(offline=True)
    with pytest.raises(NetworkFailure, match=r"the metadata of a-1.0-py3-none-any.whl from .* is not in the cache"):
        offline.metadata(first_file(offline))


@pytest.mark.parametrize("url", ["http://[", "http://127.0.0.1:port/x.whl", "http:///x.whl", "http://\ud800/"])
def test_an_invalid_url_is_reported(index: LocalIndex, client: MultiIndex, url: str) -> None:
    index.publish("a", "1.0")
    broken = replace(first_file(client), url=url, metadata_hashes=None)
    with pytest.raises(NetworkFailure, match=r"URL is not valid|no connection"):
        client.metadata(broken)

"""The local index itself: all other tests rely on it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import urllib3
from packaging.metadata import Metadata
from packaging.utils import parse_sdist_filename, parse_wheel_filename

from tests.support.index import JSON_TYPE, LocalIndex
from tests.support.release import Release, sdist, wheel, write_source


@pytest.fixture
def http() -> urllib3.PoolManager:
    return urllib3.PoolManager(retries=False)


def test_a_published_wheel_is_a_valid_wheel() -> None:
    filename, content = wheel(Release("My.Lib", "1.0", requires=["b>=2"], extras={"x": ["c"]}))
    assert parse_wheel_filename(filename)[0] == "my-lib"
    with zipfile.ZipFile(BytesIO(content)) as archive:
        read = Metadata.from_email(archive.read("my_lib-1.0.dist-info/METADATA"))
        assert archive.testzip() is None
    assert [str(r) for r in read.requires_dist or []] == ["b>=2", 'c; extra == "x"']


def test_equal_releases_have_equal_bytes() -> None:
    release = Release("a", "1.0", files={"a.py": "x = 1"})
    assert wheel(release) == wheel(release)
    assert sdist(release) == sdist(release)
    assert str(parse_sdist_filename(sdist(release)[0])[1]) == "1.0"


def test_a_source_builds_without_network(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a", Release("a", "1.0", requires=["b"], scripts={"run-a": "a:main"}))
    code = "import backend; print(backend.build_wheel('.'))"
    built = subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True, text=True)
    with zipfile.ZipFile(source / built.stdout.strip()) as archive:
        assert "a/__init__.py" in archive.namelist()
        assert b"Requires-Dist: b" in archive.read("a-1.0.dist-info/METADATA")


def test_the_page_comes_as_json_or_html(index: LocalIndex, http: urllib3.PoolManager) -> None:
    index.publish("a", "1.0", python=">=3.9", yanked="broken", sdist=True)
    page = http.request("GET", f"{index.url}a/", headers={"Accept": JSON_TYPE})
    rows = json.loads(page.data)["files"]
    assert [row["filename"] for row in rows] == ["a-1.0-py3-none-any.whl", "a-1.0.tar.gz"]
    assert rows[0]["yanked"] == "broken"
    assert b'data-requires-python="&gt;=3.9"' in http.request("GET", f"{index.url}a/").data


def test_a_known_etag_and_a_range_are_answered(index: LocalIndex, http: urllib3.PoolManager) -> None:
    [file] = index.publish("a", "1.0")
    page = http.request("GET", f"{index.url}a/")
    again = http.request("GET", f"{index.url}a/", headers={"If-None-Match": page.headers["ETag"]})
    part = http.request("GET", file.url, headers={"Range": "bytes=-4"})
    assert (again.status, part.status, part.data) == (304, 206, file.content[-4:])


def test_planned_faults_happen_as_often_as_planned(index: LocalIndex, http: urllib3.PoolManager) -> None:
    [file] = index.publish("a", "1.0")
    index.fail("a-1.0", "drop", times=1)
    index.fail("a-1.0", "corrupt", times=1)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        http.request("GET", file.url)
    assert http.request("GET", file.url).data != file.content
    assert http.request("GET", file.url).data == file.content
    assert index.paths("a-1.0") == [file.path] * 3


def test_a_stopped_index_refuses_connections(index: LocalIndex, http: urllib3.PoolManager) -> None:
    http.request("GET", f"{index.url}a/")
    index.stop()
    with pytest.raises(urllib3.exceptions.HTTPError):
        http.request("GET", f"{index.url}a/")

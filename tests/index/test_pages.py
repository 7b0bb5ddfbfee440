"""Pages as indexes really write them, JSON and HTML."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from mvlock.errors import NetworkFailure
from mvlock.index.model import IndexFile
from mvlock.index.pages import JSON_TYPE, read_page
from mvlock.index.rows import PageOrigin, by_version, index_file

ORIGIN = PageOrigin("local", canonicalize_name("a"), "https://example.invalid/simple/a/")
WHEEL = "a-1.0-py3-none-any.whl"


def json_files(*rows: dict[str, Any], version: str = "1.1") -> tuple[IndexFile, ...]:
    page = {"meta": {"api-version": version}, "name": "a", "files": list(rows)}
    return files_of(json.dumps(page).encode(), JSON_TYPE)


def html_files(text: str) -> tuple[IndexFile, ...]:
    return files_of(text.encode(), "text/html; charset=utf-8")


def files_of(content: bytes, content_type: str) -> tuple[IndexFile, ...]:
    page = read_page(content, content_type, ORIGIN)
    found = by_version(page.rows, ORIGIN.project, page.base)
    origin = PageOrigin(ORIGIN.index, ORIGIN.project, page.base)
    return tuple(index_file(row, version, origin) for version, several in found.items() for row in several)


def row(**more: Any) -> dict[str, Any]:
    return {"filename": WHEEL, "url": "../../files/" + WHEEL, "hashes": {"sha256": "AB"}} | more


def test_a_json_row_is_read_whole() -> None:
    [file] = json_files(
        row(
            size=7,
            yanked="broken",
            **{
                "upload-time": "2024-01-02T03:04:05.678901Z",
                "requires-python": ">=3.8",
                "core-metadata": {"sha256": "CD"},
                "gpg-sig": True,
            },
        )
    )
    assert file.url == f"https://example.invalid/files/{WHEEL}"
    assert (file.version, file.kind, file.index, file.size) == ("1.0", "wheel", "local", 7)
    assert file.hashes == {"sha256": "ab"}
    assert file.metadata_hashes == {"sha256": "cd"}
    assert (file.yanked, file.requires_python) == ("broken", ">=3.8")
    assert file.upload_time == datetime(2024, 1, 2, 3, 4, 5, 678901, timezone.utc)


_FLAGS = [(True, ""), ("why", "why"), ("two\nlines \x1b[0m", "two lines [0m"), (False, None), ("", None), (None, None)]


@pytest.mark.parametrize(("value", "meant"), _FLAGS)
def test_yanked_is_a_flag_or_a_reason(value: object, meant: str | None) -> None:
    assert json_files(row(yanked=value))[0].yanked == meant


@pytest.mark.parametrize(
    ("keys", "meant"), [({"core-metadata": True}, {}), ({"core-metadata": False}, None), ({}, None)]
)
def test_metadata_may_be_announced_without_a_hash(keys: dict[str, Any], meant: object) -> None:
    assert json_files(row(**keys))[0].metadata_hashes == meant


def test_one_bad_row_does_not_spoil_the_page() -> None:
    good = json_files(
        {"filename": 5, "url": "x", "hashes": {}},
        "not a row",  # type: ignore[arg-type]  # that is the point
        row(filename="../a-1.0.whl"),
        row(url="file:///etc/passwd"),
        row(url="//[/" + WHEEL),
        row(size="big", **{"upload-time": "yesterday"}),
    )
    assert [(file.filename, file.size, file.upload_time) for file in good] == [(WHEEL, None, None)]


def test_a_bad_value_costs_only_itself() -> None:
    [file] = json_files(row(size=2**70, yanked="why", **{"requires-python": ">=3.9", "upload-time": "soon"}))
    assert (file.size, file.upload_time, file.yanked, file.requires_python) == (None, None, "why", ">=3.9")


def test_the_first_of_two_rows_of_one_file_counts() -> None:
    [file] = json_files(row(), row(hashes={"sha256": "CD"}))
    assert file.hashes == {"sha256": "ab"}


def test_a_time_beyond_the_calendar_is_none() -> None:
    assert json_files(row(**{"upload-time": "9999-12-31T23:59:59-23:00"}))[0].upload_time is None


@pytest.mark.parametrize(
    "odd",
    [
        *("<!-- <a href='x'> -->", "<![foo", "<!DOCTYPE html>", "<?x ?>", "<script>'<a href=x>'</script>"),
        *("<a", "<a name=x>", "<a href>", "<a href='&#" + "9" * 5000 + ";'>", "</a >", "< a href=x>", "<a b='\n>'>"),
    ],
)
def test_odd_markup_in_front_does_not_hide_a_link(odd: str) -> None:
    closed = odd if odd.endswith(">") else f"{odd}>"
    assert [file.filename for file in html_files(f"{closed}<a class=x href='{WHEEL}'>x</a>")] == [WHEEL]


@pytest.mark.parametrize("open_markup", ["<!--", "<a href='", "<script>", "<a "])
def test_markup_that_is_never_closed_ends_the_page(open_markup: str) -> None:
    assert len(html_files(f"<a href='{WHEEL}'>x</a>" + open_markup * 100_000)) == 1


def test_an_html_page_is_read_alike() -> None:
    [file, other] = html_files(
        '<html><head><base href="https://example.invalid/files/"></head><body>'
        f'<a href="{WHEEL}#sha256=AB" data-requires-python="&gt;=3.8" data-yanked=""'
        ' data-core-metadata="sha256=CD">x</a>'
        '<a href="../a-1.0.tar.gz">unclosed<a href="b-1.0.tar.gz">other project</a><a name="x">no link</a>'
    )
    assert file.url == f"https://example.invalid/files/{WHEEL}"
    assert (file.hashes, file.metadata_hashes) == ({"sha256": "ab"}, {"sha256": "cd"})
    assert (file.requires_python, file.yanked) == (">=3.8", "")
    assert (other.url, other.hashes, other.kind) == ("https://example.invalid/a-1.0.tar.gz", {}, "sdist")


def test_quoted_names_in_html_are_unquoted() -> None:
    [file] = html_files('<a href="a-1.0%2Bcu118-py3-none-any.whl#md5=00">x</a>')
    assert (file.version, file.metadata_hashes) == ("1.0+cu118", None)


def test_a_newer_major_version_of_the_api_is_refused() -> None:
    with pytest.raises(NetworkFailure) as caught:
        json_files(version="2.0")
    assert caught.value.code == "index-api-version"
    with pytest.raises(NetworkFailure):
        html_files('<meta name="pypi:repository-version" content="2.0">')


def test_a_newer_minor_version_is_fine() -> None:
    assert json_files(row(), version="1.9")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(b"{", JSON_TYPE), (b"[]", JSON_TYPE), (b'{"files": 3}', JSON_TYPE), (b"\xff", JSON_TYPE), (b"x", "image/png")],
)
def test_an_invalid_page_is_reported_as_such(content: bytes, content_type: str) -> None:
    with pytest.raises(NetworkFailure) as caught:
        read_page(content, content_type, ORIGIN)
    assert caught.value.code == "index-invalid"


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_KEYS = ["filename", "url", "hashes", "size", "upload-time", "requires-python", "yanked", "core-metadata"]


@given(st.dictionaries(st.sampled_from(_KEYS), _JSON))
def test_no_row_whatever_breaks_the_page(changes: dict[str, Any]) -> None:
    files = json_files(row(**changes), row(filename="a-2.0.tar.gz"))
    assert "2.0" in {file.version for file in files}


@given(st.text(max_size=200))
def test_no_html_whatever_breaks_the_reader(text: str) -> None:
    html_files(f"<a href={text}><base {text}><a href='{text}'>")


ENDS = [
    "ftp://h.invalid/x",
    "//h:x:y/",
    "https://",
    "{}\n",
    "{}\x00",
    "{}" + "x" * 10_000,
    "data:x",
    "https:/x",
    "{}[x",
    "{}:x",
]


@pytest.mark.parametrize("good", ["https://files.invalid/x/", "http://files.invalid:80/", "/files/", "../files/"])
@pytest.mark.parametrize("url", ENDS)
def test_a_url_is_read_alike_whatever_came_before_it(good: str, url: str) -> None:
    second = row(filename="a-2.0-py3-none-any.whl", url=url.format(good))
    alone = {file.filename for file in json_files(second)}
    together = {file.filename for file in json_files(row(url=good + "x"), second)}
    assert together - {WHEEL} == alone


def test_urls_that_lead_nowhere_are_left_out() -> None:
    [file] = json_files(
        row(), *(row(filename=f"a-{n}.1.zip", url=url) for n, url in enumerate(["ftp://h/x", "https://", "data:x"]))
    )
    assert file.filename == WHEEL

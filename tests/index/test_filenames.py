"""File names are split as PEP 427 and PEP 625 say, and anything doubtful is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from mvlock.base.limits import LONGEST_FILE_NAME
from mvlock.index.filenames import FileVersions, file_version, normalised_version


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("a-1.0-py3-none-any.whl", "a", "1.0"),
        ("My.Lib-1.0rc1-1_build-cp311-cp311-linux_x86_64.whl", "my-lib", "1.0rc1"),
        ("a_b-1!2.0+cu118-py3-none-any.whl", "a-b", "1!2.0+cu118"),
        ("a-01.0-py2.py3-none-any.whl", "a", "1.0"),
        ("a-1.0.tar.gz", "a", "1.0"),
        ("a-b-1.0-beta2.zip", "a-b", "1.0b2"),
        ("a-b.C-2.tar.gz", "a-b-c", "2"),
    ],
)
def test_the_version_is_found(filename: str, project: str, version: str) -> None:
    assert file_version(filename, canonicalize_name(project)) == version


@pytest.mark.parametrize(
    "filename",
    [
        "b-1.0-py3-none-any.whl",
        "a-1.0-none-any.whl",
        "a-1.0-x-py3-none-any.whl",
        "a-one-py3-none-any.whl",
        "a-1.0-py3--any.whl",
        "a-1.0-py3-none-any/../../x.whl",
        "a-1.0-py3-none-\\any.whl",
        ".a-1.0.tar.gz",
        "a-1.0.exe",
        "a-1.0.tar.bz2",
        "a-1.0.linux-x86_64.tar.gz",
        "ab-1.0.tar.gz",
        "a.tar.gz",
        "",
    ],
)
def test_what_is_unsafe_foreign_or_unclear_is_left_out(filename: str) -> None:
    assert file_version(filename, canonicalize_name("a")) is None


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,3}(a|b|rc|\.post|\.dev|-|c)?[0-9]{0,2}", fullmatch=True))
def test_versions_are_normalised_as_packaging_does(text: str) -> None:
    try:
        expected = str(Version(text))
    except InvalidVersion:
        expected = None
    assert normalised_version(text) == expected


# packaging refuses names with "__", which no build tool writes (PEP 427 escapes a run of separators to one "_")
_WHEELS = r"[a-z][a-z0-9]{0,4}(_[a-z0-9]{1,4}){0,2}-[0-9]\.[0-9](-[0-9]{1,2})?-py3-none-any\.whl"


@given(st.from_regex(_WHEELS, fullmatch=True))
def test_what_packaging_reads_as_a_wheel_we_read_alike(filename: str) -> None:
    name, version, _, _ = parse_wheel_filename(filename)
    assert file_version(filename, NormalizedName(name)) == str(version)


_NAMES = st.sampled_from(["a", "A", "a_b", "b", "a-b", "", ".a"])
_NUMBERS = st.sampled_from(["1.0", "01", "1_1", "2rc1", "x", "", "1!2"])
_TAGS = st.sampled_from(
    ["py3-none-any.whl", "1-py3-none-any.whl", "x-py3-none-any.whl", "py3-none.whl", "/-none-any.whl"]
)
_WHEEL_NAMES = st.builds("{}-{}-{}".format, _NAMES, _NUMBERS, _TAGS)


@given(st.lists(st.one_of(_WHEEL_NAMES, st.sampled_from(["a-1.0.tar.gz", "a-1.0", "-", ""])), max_size=30))
def test_one_name_after_another_is_read_as_each_by_itself(filenames: list[str]) -> None:
    versions, project = FileVersions(NormalizedName("a")), NormalizedName("a")
    assert [versions.of(name) for name in filenames] == [file_version(name, project) for name in filenames]


def test_a_name_that_is_too_long_is_none_whatever_came_before_it() -> None:
    tags = f"py3-none-{'x' * (LONGEST_FILE_NAME - len('a-1-py3-none-.whl'))}.whl"
    versions = FileVersions(NormalizedName("a"))
    assert [versions.of(name) for name in (f"a-1-{tags}", "a-1.0.0-py3-none-any.whl", f"a-1.0.0-{tags}")] == [
        "1",
        "1.0.0",
        None,
    ]

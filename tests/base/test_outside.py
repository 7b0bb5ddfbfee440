"""Text from outside that becomes a path, an argument or a request: what passes, and what does not."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from mvlock.base import outside

COMMIT = "abcdef0123" * 4


@pytest.mark.parametrize("text", ["a", "a-b", "a1-2", "7z"])
def test_a_project_is_named_as_pep_503_normalises_it(text: str) -> None:
    assert outside.is_project_name(text)


@pytest.mark.parametrize("text", ["", "A", "a_b", "a--b", "-a", "a-", "a.b", "a/b", "a\n", "\u0430", "a" * 201])
def test_any_other_text_is_no_name_of_a_project(text: str) -> None:
    assert not outside.is_project_name(text)


@pytest.mark.parametrize("text", ["", ".", "..", ".a", "a/b", "a\\b", "a b", "a\n", "a\0", "a" * 201, "C:a"])
def test_a_tree_is_a_folder_with_a_plain_name(text: str) -> None:
    assert not outside.is_tree_name(text)
    assert outside.is_tree_name("dep_a") and outside.is_tree_name("A.b-1")


@pytest.mark.parametrize("text", ["", ".", "..", "-a.whl", "a/b.whl", "a b.whl", "a.whl\n", "\u0661.whl", "a" * 256])
def test_a_file_has_a_name_that_every_file_system_takes(text: str) -> None:
    assert not outside.is_file_name(text)
    assert outside.is_file_name("a-1.0+local.1-py3-none-any.whl") and outside.is_file_name("a-1!2.0.tar.gz")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a-1.zip", "a-1.zip"),
        ("", "archive"),
        ("..", "archive.."),
        ("a b\0.tar.gz", "a_b_.tar.gz"),
        ("-x", "archive-x"),
    ],
)
def test_a_file_gets_a_safe_name_with_the_same_ending(text: str, name: str) -> None:
    assert outside.safe_file_name(text) == name
    assert outside.safe_file_name("x" * 999 + ".zip").endswith("x.zip")


@pytest.mark.parametrize("text", ["HEAD", "main", COMMIT[:7], COMMIT.upper(), f"{COMMIT}\n", f" {COMMIT}", "--help"])
def test_only_a_whole_hash_is_a_commit(text: str) -> None:
    assert not outside.is_commit(text)
    assert outside.is_commit(COMMIT) and outside.is_commit("0" * 64)


@pytest.mark.parametrize(
    "text", ["..", "../a", "a/../b", "/a", "//a", "a\\b", "C:", "C:/a", "", ".", "./", "a\nb", "a\0"]
)
def test_a_path_inside_of_a_folder_stays_there_on_every_platform(text: str) -> None:
    assert not outside.is_inside(text)
    assert outside.is_inside("a/b.c") and outside.is_inside("./a")


def test_a_path_may_lead_anywhere_but_is_one_line_of_names_that_fit() -> None:
    assert outside.is_path("../a") and outside.is_path("/a b")
    assert not any(map(outside.is_path, ["", "a\nb", "a\0b", "x" * 256, "\u00e9" * 128, "a\u2028b"]))


@pytest.mark.parametrize("text", [".git", ".GIT/x", "a/.hg/b", ".svn"])
def test_what_version_control_keeps_is_known(text: str) -> None:
    assert outside.is_of_version_control(text)
    assert not outside.is_of_version_control("git/.gitignore")


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "ftp://a/b", "file:///a", "https://", "https:///a", "https://[::1", "https://[zz]/", "//a/b"),
        *("https://a:99999/", "https://a:x/", "https://a/\n", "https://a/\x1b[0m", "https://a/" + "x" * 9000),
    ],
)
def test_a_url_is_one_that_can_be_requested(text: str) -> None:
    assert not outside.is_web_url(text)
    assert outside.is_web_url("https://user:word@[::1]:8080/a?b#c") and outside.is_web_url("http://a")


@pytest.mark.parametrize("text", ["", "-c", "--upload-pack=x", "https://[::1/x", "https://a/\nb", "a\0b", "x" * 9000])
def test_a_repository_is_never_an_option_of_git(text: str) -> None:
    assert not outside.is_repository(text)
    assert outside.is_repository("git@host:a/b.git") and outside.is_repository("file:///a b")


def test_a_moment_beyond_the_calendar_is_none() -> None:
    zone = timezone(timedelta(hours=-23))
    assert outside.in_utc(datetime(9999, 12, 31, 23, tzinfo=zone)) is None
    assert outside.in_utc(datetime(2024, 1, 1)) == datetime(2024, 1, 1, tzinfo=timezone.utc)
    assert outside.in_utc(datetime(2024, 1, 1, tzinfo=zone)) == datetime(2024, 1, 1, 23, tzinfo=timezone.utc)

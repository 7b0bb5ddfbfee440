"""What an index says about a project as a whole (PEP 792), in both forms of a page, and kept with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from mvlock.errors import BadArtifact
from mvlock.index.client import open_index
from mvlock.index.model import ProjectStatus
from mvlock.index.pages import JSON_TYPE, read_page
from mvlock.index.rows import PageOrigin
from mvlock.progress import SilentReporter
from mvlock.project.load import load_project
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

A = canonicalize_name("a")
ORIGIN = PageOrigin("local", A, "https://example.invalid/simple/a/")


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_status_comes_with_a_page_and_stays_in_the_cache(
    index: LocalIndex, project: ProjectFolder, form: str
) -> None:
    index.settings.json = form == "json"
    index.publish("a", "1.0")
    index.statuses["a"] = ("archived", "moved to b")
    for offline in (False, True):
        described = load_project(project.root)
        with open_index(described, cache=project.cache, offline=offline, reporter=SilentReporter()) as opened:
            page = opened.page(A)
            assert page is not None
            assert page.status == ProjectStatus("archived", "moved to b")
            assert page.status.advice == "archived: moved to b"


def test_a_status_that_changes_is_seen_though_the_files_are_the_same(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0")
    described, seen = load_project(project.root), []
    for status in ("active", "deprecated", "active"):
        index.statuses["a"] = (status, "")
        with open_index(described, cache=project.cache, reporter=SilentReporter()) as opened:
            page = opened.page(A)
            seen.append(page.status.advice if page is not None else "none")
    assert seen == ["", "deprecated", ""]


def test_no_file_of_a_quarantined_project_is_given_out(index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0")
    index.statuses["a"] = ("quarantined", "malware")
    with (
        open_index(load_project(project.root), cache=project.cache, reporter=SilentReporter()) as opened,
        pytest.raises(BadArtifact, match="index local says of a: quarantined: malware") as caught,
    ):
        opened.file(A, "a-1.0-py3-none-any.whl", "local")
    assert caught.value.code == "project-quarantined"


@pytest.mark.parametrize(
    "status", [None, 3, "archived", [], {}, {"status": 3}, {"status": "of-next-year", "reason": "x"}]
)
def test_what_is_no_status_means_nothing(status: Any) -> None:
    page = {"meta": {"api-version": "1.4"}, "name": "a", "files": [], "project-status": status}
    assert read_page(json.dumps(page).encode(), JSON_TYPE, ORIGIN).status.advice == ""


def test_a_reason_is_one_printable_line() -> None:
    """It goes into a message, as that of a yank does."""
    status = {"status": "archived", "reason": "two\nlines \x1b[31m" + "x" * 500}
    page = {"meta": {"api-version": "1.4"}, "files": [], "project-status": status}
    reason = read_page(json.dumps(page).encode(), JSON_TYPE, ORIGIN).status.reason
    assert reason.startswith("two lines [31mxxx")
    assert len(reason) == 200

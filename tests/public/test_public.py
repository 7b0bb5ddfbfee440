"""What the runner of public applications reads, and that its stored results match its list of applications."""

from __future__ import annotations

from pathlib import Path

from tests.public.applications import Application, read_applications
from tests.public.outcomes import from_lines, from_xml
from tests.public.requirements import requirements_of
from tests.public.results import compared, public_text, read_results

_LINES = """
test_one (shop.tests.Case.test_one) ... ok
test_two (shop.tests.Case.test_two)
What it is about ... FAIL
test_three (shop.tests.Case.test_three) ... skipped 'not here'
"""
_APPLICATION = Application(name="shop", kind="site", repository="a/shop", commit="c0ffee", command=("pytest",))


def test_the_stored_results_are_of_the_applications_as_they_are_listed() -> None:
    commits = {one.name: one.commit for one in read_applications()}
    assert [(one.name, one.commit) for one in read_results().applications] == list(commits.items())


def test_the_lines_of_unittest_are_read() -> None:
    found = from_lines(_LINES)
    assert list(found.values()) == ["passed", "failed", "skipped"]


def test_tests_of_one_name_are_counted_each(tmp_path: Path) -> None:
    cases = '<testcase classname="a" name="b"/><testcase classname="a" name="b"><failure/></testcase>'
    (tmp_path / "outcomes.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert from_xml(tmp_path / "outcomes.xml") == {"a::b": "passed", "a::b#2": "failed"}


def test_a_difference_is_in_the_table() -> None:
    result = compared(_APPLICATION, {"a": "passed", "b": "skipped"}, {"a": "failed", "b": "skipped"})
    assert result.differences == {"a": "passed, failed"}
    rows = public_text([_APPLICATION], read_results().model_copy(update={"applications": [result]}))
    assert rows.splitlines()[-1] == (
        "| a/shop@c0ffee | site | 3.11 | 1 passed, 1 skipped | 1 failed, 1 skipped; 1 differ |  |"
    )


def test_lists_of_every_kind_become_requirements_once(tmp_path: Path) -> None:
    (tmp_path / "dev.txt").write_text("-r base.txt\nb==2  # pinned\n-e .\n")
    (tmp_path / "base.txt").write_text("# base\na\nC>=1 \\\n")
    pyproject = {
        "project": {"dependencies": ["a", "d"], "optional-dependencies": {"test": ["e"]}},
        "dependency-groups": {"dev": ["f", {"include-group": "lint"}], "lint": ["g"]},
    }
    application = _APPLICATION.model_copy(update={"without": {"c": "no wheel"}})
    lists = ("dev.txt", "[]", "[test]", "{dev}", "h")
    assert requirements_of(application, lists, tmp_path, pyproject) == ["a", "b==2", "d", "e", "f", "g", "h"]

"""``[tool.mvlock.policy]``: what a lock may contain, when it is made and when it is checked."""

from __future__ import annotations

import pytest

from tests.commands.command_line import Mvlock, files_below
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """Trees ``old`` and ``new`` over two versions of ``core``."""
    for version in ("1.0", "2.0"):
        index.publish("core", version, headers=["License-Expression: MIT OR GPL-3.0-only"])
    index.publish("old", "1.0", requires=["core<2"], headers=["License-Expression: MIT AND BSD-3-Clause"])
    index.publish("new", "1.0", requires=["core>=2"])
    project.write(["old", "new"])


def test_too_many_versions_are_an_error_that_names_what_keeps_them_apart(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    project.write(["old", "new"], tool="policy.max-versions = 1")
    before = files_below(project.root)
    outcome = mvlock("resolve")
    assert (outcome.code, files_below(project.root)) == (1, before)
    assert outcome.err.splitlines() == [
        "error: [tool.mvlock.policy] does not allow this lock:",
        "  core: 2 versions in one environment, max-versions is 1",
        "    1.0 in old: old 1.0 needs core<2, which excludes 2.0",
        "    2.0 in new: new 1.0 needs core>=2, which excludes 1.0",
        "",
        "hint: change the requirements named here, or `max-versions` in [tool.mvlock.policy]",
    ]
    project.write(["old", "new"], tool="policy.max-versions = 1\npolicy.max-versions-package.core = 2")
    assert mvlock("resolve").code == 0


def test_versions_for_different_environments_count_as_one(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    requirements = ["core<2; python_version < '3.12'", "core>=2; python_version >= '3.12'"]
    index.publish("both", "1.0", requires=requirements)
    project.write(["both"], tool="policy.max-versions = 1")
    assert mvlock("resolve").code == 0


@pytest.mark.parametrize("words", [("resolve", "--check"), ("check",)])
def test_a_policy_that_comes_later_is_checked_without_any_index(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, words: tuple[str, ...]
) -> None:
    mvlock("resolve")
    mvlock("install")
    project.write(["old", "new"], tool="policy.max-versions = 1")
    index.stop()
    outcome = mvlock(*words)
    assert outcome.code == 1
    assert "core: 2 versions in one environment" in outcome.err


def test_denied_projects_are_named_with_the_path_to_them(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["old", "new"], tool='policy.deny = ["core<2"]')
    outcome = mvlock("resolve")
    assert outcome.code == 1
    assert outcome.err.splitlines()[1:3] == [
        "  core 1.0: deny lists core<2",
        "    old: old → old 1.0 → core 1.0",
    ]
    assert mvlock("resolve", "--json").json["error"]["facts"] == {  # type: ignore[index]
        "violations": [{"key": "deny", "name": "core", "versions": ["1.0"], "text": "deny lists core<2"}]
    }


def test_an_allow_list_must_have_everything(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["old", "new"], tool='policy.allow = ["old", "new", "core>=2"]')
    outcome = mvlock("resolve")
    assert outcome.code == 1
    assert "  core 1.0: it is not in the list allow\n" in outcome.err
    project.write(["old", "new"], tool='policy.allow = ["old", "new", "core"]')
    assert mvlock("resolve").code == 0


def test_add_and_install_make_no_lock_that_is_not_allowed(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["new"], tool="policy.max-versions = 1")
    assert mvlock("resolve").code == 0
    before = files_below(project.root)
    assert mvlock("add", "old").code == 1
    assert files_below(project.root) == before
    project.write(["new"], tool='policy.deny = ["core"]')
    (project.root / "mv.lock").unlink()
    assert mvlock("install").code == 1
    assert not (project.root / "mv.lock").exists()


def test_an_edit_is_not_blamed_for_what_was_there_before(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    project.write(["old", "new"], tool='policy.deny = ["old", "new"]')
    assert mvlock("remove", "--no-install", "old").code == 0
    assert mvlock("resolve").code == 1
    assert mvlock("remove", "--no-install", "new").code == mvlock("resolve").code == 0


def test_check_finds_licenses_that_are_not_allowed(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["old", "new"], tool='policy.licenses = ["mit"]')
    mvlock("resolve")
    mvlock("install")
    outcome = mvlock("check")
    assert outcome.code == 1
    assert [line for line in outcome.err.splitlines() if line.startswith("  ")] == [
        "  new 1.0: its license, unknown, is not in the list licenses",
        "    new: new → new 1.0",
        "  old 1.0: its license, MIT AND BSD-3-Clause, is not in the list licenses",
        "    old: old → old 1.0",
    ]
    allowed = 'policy.licenses = ["MIT", "BSD-3-Clause"]\npolicy.licenses-package.new = ["unknown"]'
    project.write(["old", "new"], tool=allowed)
    assert mvlock("check").code == 0


def test_check_adds_the_whole_policy_to_all_that_it_reports(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    mvlock("resolve")
    mvlock("install")
    policy = 'policy.deny = ["core<2"]\npolicy.licenses = ["GPL-3.0-only", "unknown"]'
    project.write(["old", "new"], tool=policy)
    forbidden = [
        "  core 1.0: deny lists core<2",
        "    old: old → old 1.0 → core 1.0",
        "  old 1.0: its license, MIT AND BSD-3-Clause, is not in the list licenses",
        "    old: old → old 1.0",
    ]
    outcome = mvlock("check")
    assert (outcome.code, outcome.err.count("[tool.mvlock.policy] does not allow this lock:")) == (1, 1)
    assert [line for line in outcome.err.splitlines() if line.startswith("  ")] == forbidden
    (project.root / "app/pyvenv.cfg").write_text("", encoding="utf-8")
    project.write(["old"], tool=policy)
    lines = mvlock("check").err.splitlines()
    assert lines[0].startswith("error: mv.lock is stale")
    assert "app/ does not match mv.lock:" in lines
    assert [line for line in lines if line in forbidden] == forbidden


def test_check_looks_once_for_what_keeps_versions_apart(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    mvlock("install")
    project.write(["old", "new"], tool="policy.max-versions = 1")
    outcome = mvlock("check", "-v")
    assert (outcome.code, outcome.err.count("core: 2 versions in one environment")) == (1, 1)
    assert len([line for line in outcome.err.splitlines() if line.startswith("Reading")]) == 1
    project.write(["old", "new"])
    assert mvlock("check").code == 0


def test_a_policy_that_only_check_has_seen_is_not_taken_as_obeyed(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    mvlock("install")
    project.write(["old", "new"], tool="policy.max-versions = 1")
    for words in (["check"], ["check"], ["resolve", "--check"], ["resolve", "--check"]):
        assert mvlock(*words).code == 1


def test_mistakes_in_the_policy_are_reported_where_they_are(mvlock: Mvlock, project: ProjectFolder) -> None:
    tool = 'policy.max-versions = 0\npolicy.deny = ["a; sys_platform == \'x\'"]\npolicy.licences = ["MIT"]'
    project.write(["old"], tool=tool)
    outcome = mvlock("resolve")
    assert outcome.code == 2
    for line in (
        "tool.mvlock.policy.max-versions: must be an integer, at least 1",
        "tool.mvlock.policy.deny[0]: 'a; sys_platform == 'x'' is not a project with versions",
        "tool.mvlock.policy.licences: unknown key; did you mean 'licenses'?",
    ):
        assert line in outcome.err

"""``mvlock resolve``: what it writes, what it prints, and what it does not change."""

from __future__ import annotations

import shutil

import pytest

from tests.commands.command_line import Mvlock, files_below
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """``a`` needs ``b``; both have two versions."""
    for version in ("1.0", "2.0"):
        index.publish("a", version, requires=["b"])
        index.publish("b", version)
    project.write(["a<2"])


def test_the_first_resolve_says_what_is_locked(mvlock: Mvlock, project: ProjectFolder) -> None:
    outcome = mvlock("resolve")
    assert outcome.code == 0
    assert outcome.out == ""
    assert outcome.told == [
        "+ a 1.0",
        "+ b 2.0  in a",
        "Locked 2 distributions in mv.lock in 0.0 s (2 changed)",
    ]
    assert (project.root / "mv.lock").is_file()


def test_the_second_changes_nothing_and_says_so(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    mvlock("resolve")
    before, request_count = (project.root / "mv.lock").stat(), len(index.requests)
    outcome = mvlock("resolve")
    assert (outcome.code, outcome.err) == (0, "mv.lock is up to date\n")
    assert (project.root / "mv.lock").stat().st_mtime_ns == before.st_mtime_ns
    assert (project.root / "mv.lock").stat().st_ino == before.st_ino
    assert len(index.requests) == request_count


def test_changes_are_printed_with_their_trees(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    project.write(["a>=2", "b"])
    assert mvlock("resolve").told == [
        "~ a 1.0 → 2.0",
        "+ b 2.0",
        "Locked 2 distributions, one version of each, in mv.lock in 0.0 s (2 changed)",
    ]


def test_a_dry_run_shows_the_changes_as_data_and_writes_nothing(mvlock: Mvlock, project: ProjectFolder) -> None:
    before = files_below(project.root)
    outcome = mvlock("resolve", "--dry-run")
    assert outcome.out.splitlines() == ["+ a 1.0", "+ b 2.0  in a"]
    assert outcome.err == "mv.lock would change\n"
    assert files_below(project.root) == before


def test_check_says_no_to_a_missing_and_to_a_stale_lock(mvlock: Mvlock, project: ProjectFolder) -> None:
    missing = mvlock("resolve", "--check")
    assert (missing.code, "there is no mv.lock" in missing.err) == (1, True)
    mvlock("resolve")
    assert mvlock("resolve", "--check").code == 0
    project.write(["a>=2"])
    before = files_below(project.root)
    stale = mvlock("resolve", "--check")
    assert stale.code == 1
    assert stale.err.startswith("error: mv.lock is stale: pyproject.toml has changed since it was made\n\nhint: ")
    assert files_below(project.root) == before


def test_versions_stay_until_an_upgrade_is_requested(mvlock: Mvlock, index: LocalIndex) -> None:
    mvlock("resolve")
    index.publish("b", "3.0")
    assert mvlock("resolve").err == "mv.lock is up to date\n"
    assert "~ b 2.0 → 3.0" in mvlock("resolve", "-P", "B").err
    index.publish("b", "4.0")
    assert "~ b 3.0 → 4.0" in mvlock("resolve", "--upgrade").err


def test_upgrading_what_is_not_locked_is_an_error(mvlock: Mvlock) -> None:
    mvlock("resolve")
    outcome = mvlock("resolve", "--upgrade-package", "zz")
    assert (outcome.code, outcome.err) == (2, "error: mv.lock does not contain 'zz'\n")


def test_exclude_newer_on_the_command_line_does_not_make_the_lock_stale(mvlock: Mvlock, index: LocalIndex) -> None:
    index.publish("b", "3.0", upload_time="2030-01-01T00:00:00Z")
    assert "+ b 2.0" in mvlock("resolve", "--exclude-newer", "2029-01-01").err
    assert mvlock("resolve", "--check").code == 0


def test_json_has_what_changed(mvlock: Mvlock) -> None:
    outcome = mvlock("resolve", "--json")
    assert isinstance(outcome.json, dict)
    assert outcome.json["status"] == "changed"
    assert outcome.json["trees"] == [
        {
            "tree": "a",
            "change": "added",
            "packages": [
                {"name": "a", "change": "added", "old": None, "new": "1.0"},
                {"name": "b", "change": "added", "old": None, "new": "2.0"},
            ],
        }
    ]
    again = mvlock("resolve", "--json").json
    assert isinstance(again, dict)
    assert again["status"] == "up-to-date"


def test_json_has_the_error(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a=>1"])
    outcome = mvlock("resolve", "--json")
    assert outcome.code == 2
    assert isinstance(outcome.json, dict)
    assert outcome.json["exit-code"] == 2
    assert outcome.json["error"]["code"] == "project-invalid"
    assert outcome.json["error"]["facts"]["problems"][0]["key"] == "project.dependencies[0]"


def test_a_lock_for_only_this_machine_is_not_the_lock_for_all(mvlock: Mvlock) -> None:
    assert mvlock("resolve", "--only-host").code == 0
    assert mvlock("resolve", "--check", "--only-host").code == 0
    outcome = mvlock("resolve", "--check")
    assert (outcome.code, "other environments" in outcome.err) == (1, True)


def test_quiet_says_nothing(mvlock: Mvlock) -> None:
    outcome = mvlock("-q", "resolve")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


def test_a_stale_lock_says_what_has_changed(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_source("libs/c", Release("c", "1.0"))
    project.write(["c"], tool='sources.c = { path = "libs/c" }')
    assert mvlock("resolve").code == 0
    project.add_source("libs/c", Release("c", "2.0"))
    stale = mvlock("install")
    assert stale.code == 1
    assert "mv.lock is stale: libs/c has changed since it was made" in stale.err
    project.write(["c", "a"], tool='sources.c = { path = "libs/c" }')
    both = mvlock("install").err
    assert "mv.lock is stale: libs/c and pyproject.toml have changed since it was made" in both
    shutil.rmtree(project.cache)
    unknown = mvlock("install").err
    assert "mv.lock is stale: pyproject.toml or libs/c has changed since it was made" in unknown


def test_a_lock_with_requirements_changed_by_hand_is_stale(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a==2.0"])
    mvlock("resolve")
    path = project.root / "mv.lock"
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace("2.0", "1.0"), encoding="utf-8")
    there = "the requirements of tree a are a==1.0 there and a==2.0 in pyproject.toml"
    message = f"mv.lock is stale, it was changed by hand: {there}"
    for words in (["resolve", "--check"], ["install"]):
        outcome = mvlock(*words)
        assert (outcome.code, message in outcome.err) == (1, True), outcome
    assert mvlock("resolve").code == 0
    assert 'requires = ["a==2.0"]' in path.read_text(encoding="utf-8")


def test_a_lock_changed_by_hand_to_have_other_trees_is_stale(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a<2"], extra='[dependency-groups]\ndev = ["b"]\n')
    mvlock("resolve")
    path = project.root / "mv.lock"
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace('groups = ["dev"]', 'groups = ["other"]'), encoding="utf-8")
    assert "tree b is not for the groups, extras and environments that require it" in mvlock("resolve", "--check").err
    assert mvlock("resolve").code == 0
    assert path.read_text(encoding="utf-8") == sound


def test_a_missing_source_folder_is_reported_each_time(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a<2"], tool='source = ["gone"]')
    message = "tool.mvlock.source: there is no folder 'gone'"
    for command in ("resolve", "resolve", "install", "install"):
        outcome = mvlock(command)
        assert (outcome.code, outcome.err.count(message)) == (0, 1), outcome
    assert f"warning  {message}" in mvlock("doctor").out
    (project.root / "gone").mkdir()
    assert mvlock("resolve").err == "mv.lock is up to date\n"


def test_an_alias_whose_marker_excludes_every_environment_is_an_error(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a<2"], tool="alias.b_old = \"b; python_version < '3'\"")
    outcome = mvlock("resolve")
    assert outcome.code == 2
    message = 'alias b_old: the marker of `b; python_version < "3"` excludes every environment that the lock covers'
    assert message in outcome.err

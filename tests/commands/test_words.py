"""``list``, ``show``, ``check`` and ``upgrade``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release


@pytest.fixture(autouse=True)
def locked(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``a`` and ``b`` each in a tree, over different versions of ``c``."""
    index.publish("a", "1.0", requires=["c<2"], sdist=True)
    index.publish("b", "1.0", requires=["c>=2", "win; sys_platform == 'win32'"], python=">=3.8")
    index.publish("c", "1.0")
    index.publish("c", "2.0")
    index.publish("win", "1.0")
    project.write(["a", "b"], extra='[dependency-groups]\nlint = ["lint"]\n')
    index.publish("lint", "1.0")
    assert mvlock("resolve").code == 0


def test_list_is_a_line_per_version(mvlock: Mvlock) -> None:
    outcome = mvlock("list")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "project  version  trees",
        "a        1.0      a",
        "b        1.0      b",
        "c        1.0      a",
        "c        2.0      b",
        "lint     1.0      lint",
        "win      1.0      b",
    ]
    assert mvlock("ls").out == outcome.out
    assert mvlock("list", "a", "--json").json == [
        {"name": "a", "version": "1.0", "trees": ["a"]},
        {"name": "c", "version": "1.0", "trees": ["a"]},
    ]


def test_list_of_an_unknown_tree_names_the_nearest(mvlock: Mvlock) -> None:
    outcome = mvlock("list", "lnit")
    assert (outcome.code, outcome.err) == (2, "error: mv.lock has no tree 'lnit'; did you mean 'lint'?\n")


def test_list_and_show_note_a_stale_lock(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"])
    for words in (("list",), ("show", "b")):
        outcome = mvlock(*words)
        assert outcome.code == 0
        assert outcome.err == (
            "note: mv.lock is stale: pyproject.toml has changed since it was made; run `mvlock resolve`\n"
        )


def test_list_outdated_is_what_outdated_says(mvlock: Mvlock, index: LocalIndex) -> None:
    index.publish("c", "2.5")
    index.publish("lint", "1.5")
    rows = ["tree  project  locked  upgrade  newest", "lint  lint     1.0     1.5      1.5"]
    assert mvlock("list", "--outdated", "lint").out.splitlines() == mvlock("outdated", "lint").out.splitlines() == rows
    assert mvlock("list", "--outdated", "--json").json == mvlock("outdated", "--json").json != []


def test_show_says_what_the_lock_knows_version_by_version(mvlock: Mvlock) -> None:
    outcome = mvlock("show", "C")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "c 1.0",
        "  source         index local",
        "  files          1 wheel",
        "  tree           a",
        "    required by  a 1.0",
        "    requires     nothing",
        "",
        "c 2.0",
        "  source         index local",
        "  files          1 wheel",
        "  tree           b",
        "    required by  b 1.0",
        "    requires     nothing",
    ]
    lines = mvlock("show", "-v", "a").out.splitlines()
    assert "  file           a-1.0-py3-none-any.whl" in lines
    assert "  file           a-1.0.tar.gz" in lines
    assert "    required by  pyproject.toml (a)" in lines


def test_show_as_json_has_everything(mvlock: Mvlock) -> None:
    assert mvlock("show", "win", "--json").json == [
        {
            "name": "win",
            "version": "1.0",
            "summary": None,
            "license": None,
            "requires-python": None,
            "source": "index local",
            "files": ["win-1.0-py3-none-any.whl"],
            "trees": [
                {
                    "name": "b",
                    "marker": "sys_platform == 'win32'",
                    "requirements": [],
                    "required-by": ["b 1.0"],
                    "requires": [],
                }
            ],
        }
    ]


@pytest.mark.parametrize(
    ("headers", "license_"),
    [
        ("License-Expression: MIT OR Apache-2.0\n", "MIT OR Apache-2.0"),
        ("License: BSD\n", "BSD"),
        (
            "License: The whole\n        text\nClassifier: License :: OSI Approved :: ISC License\n"
            "Classifier: Topic :: Home\n",
            "ISC License",
        ),
        ("", None),
    ],
)
def test_show_has_summary_and_license_of_what_is_installed(
    mvlock: Mvlock, project: ProjectFolder, headers: str, license_: str | None
) -> None:
    assert mvlock("install").code == 0
    (metadata,) = (project.root / "py_modules/a").glob("lib/*/site-packages/a-1.0.dist-info/METADATA")
    text = f"Metadata-Version: 2.4\nName: a\nVersion: 1.0\nSummary: Says a\n{headers}"
    metadata.unlink()
    metadata.write_text(text, encoding="utf-8")
    facts = mvlock("show", "a", "--json").json
    assert isinstance(facts, list)
    assert (facts[0]["summary"], facts[0]["license"]) == ("Says a", license_)


def test_show_of_what_is_not_locked_is_code_1(mvlock: Mvlock) -> None:
    outcome = mvlock("show", "lnt")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "error: mv.lock does not contain 'lnt'; did you mean 'lint'?\n"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('{ path = "../a", editable = true }', "folder ../a, editable"),
        ('{ path = "../a" }', "folder ../a"),
    ],
)
def test_show_names_the_source(mvlock: Mvlock, project: ProjectFolder, source: str, shown: str) -> None:
    project.add_source("../a", Release("a", "3.0"))
    project.write(["a"], tool=f"sources.a = {source}")
    assert mvlock("resolve").code == 0
    assert f"  source         {shown}" in mvlock("show", "a").out.splitlines()


def test_check_says_all_that_does_not_match(mvlock: Mvlock, project: ProjectFolder) -> None:
    first = mvlock("check")
    assert first.code == 1
    assert first.err.startswith("mv.lock is up to date\nerror: nothing is installed yet\n")
    mvlock("install")
    good = mvlock("check")
    assert (good.code, good.out) == (0, "")
    assert good.err == "mv.lock is up to date\nVerified py_modules/ and app/: both match mv.lock\n"
    assert "py_modules/lint does not match" in mvlock("check", "--all-groups").err
    (project.root / "app/pyvenv.cfg").write_text("", encoding="utf-8")
    project.write(["a"])
    both = mvlock("check")
    stale = "error: mv.lock is stale: pyproject.toml has changed since it was made"
    assert (both.code, both.err.splitlines()[:2]) == (1, [stale, "app/ does not match mv.lock:"])
    assert "hint: run `mvlock resolve`" in both.err
    assert "`mvlock install` fixes it" in both.err
    mvlock("install", "--repair", "--frozen")
    assert stale in mvlock("check").err


def test_check_does_not_repeat_what_keeps_it_from_checking(mvlock: Mvlock, project: ProjectFolder) -> None:
    (project.root / "mv.lock").unlink()
    missing = mvlock("check")
    assert (missing.code, missing.err.count("there is no mv.lock")) == (1, 1)
    project.pyproject.write_text("broken", encoding="utf-8")
    assert mvlock("check").code == 2


def test_the_version_is_also_json(mvlock: Mvlock, project: ProjectFolder) -> None:
    facts: Any = mvlock("version", "--json").json
    assert mvlock("version").out == f"mvlock {facts['version']}\n"
    assert facts["cache"] == str(project.cache)
    assert {f"Python {facts['python']} at {facts['executable']}", f"platform {facts['platform']}"} <= {
        *mvlock("version", "-v").out.splitlines()
    }


def test_upgrade_locks_newer_versions_and_installs_them(mvlock: Mvlock, index: LocalIndex) -> None:
    mvlock("install")
    for name, version in (("c", "1.5"), ("c", "2.5")):
        index.publish(name, version)
    shown = mvlock("upgrade", "--dry-run")
    assert (shown.code, shown.err) == (0, "mv.lock would change\n")
    assert shown.out.splitlines() == ["~ c 1.0 → 1.5  in a", "~ c 2.0 → 2.5  in b"]
    assert mvlock("upgrade", "a", "--no-install").err == "mv.lock is up to date\n"
    outcome = mvlock("update")
    assert outcome.code == 0
    assert outcome.told[-1].startswith("Installed 2 distributions: 2 downloaded")
    assert mvlock("check").code == 0
    assert mvlock("upgrade").err == ("mv.lock is up to date\nNothing to do: py_modules/ and app/ match mv.lock\n")


def test_upgrade_of_one_project_or_tree_leaves_the_others(mvlock: Mvlock, index: LocalIndex) -> None:
    for name, version in (("c", "1.5"), ("c", "2.5"), ("lint", "1.5")):
        index.publish(name, version)
    assert mvlock("upgrade", "lint").code == 0
    assert [line.split()[:2] for line in mvlock("list").out.splitlines()[3:]] == [
        ["c", "1.0"],
        ["c", "2.0"],
        ["lint", "1.5"],
        ["win", "1.0"],
    ]
    assert mvlock("upgrade", "--tree", "b").code == 0
    assert [line.split()[1] for line in mvlock("list").out.splitlines()[3:5]] == ["1.0", "2.5"]
    unknown = mvlock("upgrade", "lnt")
    assert (unknown.code, unknown.err) == (
        2,
        "error: mv.lock does not contain 'lnt'; did you mean 'lint'?\n",
    )

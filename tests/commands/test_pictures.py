"""``mvlock tree --map``, ``mvlock graph --html`` and ``--svg``: what they show of a lock, and of what is installed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_DATA = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.DOTALL)


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``a`` needs ``c<2`` and ``b`` needs ``c>=2``; all need ``d``; the alias ``old`` is another ``c`` 1.0."""
    index.publish("a", "1.0", requires=["c<2", "d"])
    index.publish("b", "1.0", requires=["c>=2", "d", "win; sys_platform == 'win32'"])
    for version in ("0.9", "1.0", "2.0", "3.0rc1"):
        index.publish("c", version, requires=["d"])
    index.publish("d", "1.0")
    index.publish("win", "1.0", requires=["d"])
    project.write(["a", "b"], tool='alias.old = "c<2"', extra='[dependency-groups]\nlint = ["d"]')
    assert mvlock("resolve").code == 0


def facts(mvlock: Mvlock, *words: str) -> Any:
    """The data of the page."""
    found = _DATA.search(mvlock("graph", *words, "--html", "-").out)
    assert found is not None
    return json.loads(found[1])


_MAP = [
    "   ┌ b",
    "   │ ┌ old",
    "   │ │ ┌ a",
    "   │ │ │ ┌ d",
    "c  a b c ·  a 2.0, b c 1.0",
    "d  a b c─c  a b c 1.0",
]


def test_the_map_shows_which_trees_have_what_and_what_is_one_module(mvlock: Mvlock) -> None:
    outcome = mvlock("tree", "--map")
    assert (outcome.out.splitlines(), outcome.err) == (_MAP, "")


def test_the_map_of_an_installed_project_shows_what_is_shared_across_environments(mvlock: Mvlock) -> None:
    assert mvlock("install").code == 0
    assert mvlock("tree", "--map").out.splitlines()[-2:] == ["c  a b─b ·  a 2.0, b 1.0", "d  ●─●─●─●  1.0"]
    assert facts(mvlock)["installed"] is False  # the group lint is not
    assert facts(mvlock, "a", "b", "old")["installed"] is True


def test_the_map_of_some_trees(mvlock: Mvlock) -> None:
    assert mvlock("tree", "--map", "a", "d").out.splitlines() == ["   ┌ a", "   │ ┌ d", "d  ●─●  1.0"]
    data = mvlock("tree", "--map", "--json", "a").json
    assert isinstance(data, dict)
    assert [tree["name"] for tree in data["trees"]] == ["a"]


def test_the_facts_of_the_page(mvlock: Mvlock) -> None:
    found = facts(mvlock)
    entry = {"key": "project.dependencies[1]", "line": 5}
    assert found["trees"][0] == {
        "name": "b",
        "note": "",
        "world": 0,
        "requirements": [{"project": "b", "text": "b", "entry": entry}],
        "members": [
            {"project": "b", "version": "1.0", "needs": ["c", "d"]},
            {"project": "c", "version": "2.0", "needs": ["d"]},
            {"project": "d", "version": "1.0", "needs": []},
        ],
        "weight": None,
        "memory": None,
    }
    assert [(tree["name"], tree["note"]) for tree in found["trees"]][1:] == [
        ("old", "alias of c"),
        ("a", ""),
        ("d", "group lint"),
    ]
    assert found["worlds"] == [
        {"trees": [0], "text": "separate from a, d (c 2.0 here, 1.0 there)"},
        {"trees": [1], "text": "separate (an alias)"},
        {"trees": [2, 3], "text": "the main environment"},
    ]
    assert found["rows"][0] == {
        "project": "c",
        "versions": ["2.0", "1.0"],
        "cells": [
            {"tree": 0, "version": "2.0", "module": 0},
            {"tree": 1, "version": "1.0", "module": 1},
            {"tree": 2, "version": "1.0", "module": 2},
        ],
    }
    assert (found["unknown"], found["disk"], found["together"]) == ("", None, None)


def test_the_reasons_for_several_versions_have_their_lines_and_ranges(mvlock: Mvlock) -> None:
    reason = facts(mvlock)["reasons"]["c"]
    assert reason["axis"] == ["0.9", "1.0", "2.0"]
    newest, oldest = reason["versions"]
    assert newest["requirers"] == [
        {
            "by": "b 1.0",
            "verb": "needs",
            "requirement": "c>=2",
            "excludes": ["1.0"],
            "allows": [[2, 2]],
            "trees": ["b"],
            "way": ["b", "b 1.0"],
            "entry": {"key": "project.dependencies[1]", "line": 5},
        }
    ]
    assert newest["texts"] == {"b": ["b: b 1.0 needs c>=2, which excludes 1.0"]}
    assert [(one["by"], one["allows"], one["entry"]["line"]) for one in oldest["requirers"]] == [
        ("a 1.0", [[0, 1]], 5),
        ("pyproject.toml", [[0, 1]], 8),
    ]
    assert set(facts(mvlock)["reasons"]) == {"c"}


def test_the_advice_is_that_of_the_commands_that_explain_versions(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder
) -> None:
    index.publish("frame", "1.0", requires=["c<2"])
    project.write(["frame", "c"], tool="peers = false")
    mvlock("resolve")
    assert facts(mvlock)["reasons"]["c"]["advice"] == [
        'frame\'s tree has c 1.0, the application 2.0: objects of the two do not mix; "c<2" makes it one version'
    ]


def test_without_metadata_the_page_says_why_it_has_no_reasons(mvlock: Mvlock) -> None:
    found = facts(mvlock, "--offline", "--index-url", "http://127.0.0.1:9/simple/")
    assert found["reasons"] == {}
    assert "offline" in found["unknown"]


def test_what_a_tree_takes_on_disk_is_its_own_or_shared(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install", "--link-mode", "hardlink")
    found = facts(mvlock)
    weights = {tree["name"]: tree["weight"] for tree in found["trees"]}
    assert weights["d"] is None
    assert all(weights[name]["own"] > 0 and weights[name]["shared"] > 0 for name in ("a", "b", "old"))
    folders = [project.root / "py_modules" / name for name in ("a", "b", "old")]
    found_files = (path for folder in folders for path in folder.rglob("*"))
    files = [path for path in found_files if path.is_file() and not path.is_symlink()]
    assert found["disk"] == sum({path.stat().st_ino: path.stat().st_size for path in files}.values())
    total = sum(weights[name]["own"] + weights[name]["shared"] for name in ("a", "b", "old"))
    assert found["disk"] < total == sum(path.stat().st_size for path in files)


def test_memory_is_measured_only_if_asked_for(mvlock: Mvlock, index: LocalIndex, project: ProjectFolder) -> None:
    code = "print('noise')\nblock = bytearray(50_000_000)\n"
    index.publish("large", "1.0", files={"large.py": code, "_large.py": "raise SystemExit\n"})
    index.publish("broken", "1.0", files={"broken.py": "raise ValueError('no')\n"})
    index.publish("leaving", "1.0", files={"leaving.py": "import os\nos._exit(3)\n"})
    project.write(["large", "broken", "leaving"])
    mvlock("resolve")
    assert facts(mvlock, "--memory")["trees"][0]["memory"]["problem"] == "not installed"
    mvlock("install")
    assert {tree["memory"] for tree in facts(mvlock)["trees"]} == {None}
    memory = {tree["name"]: tree["memory"] for tree in facts(mvlock, "--memory")["trees"]}
    assert memory["large"]["modules"] == ["large"]
    assert 50_000_000 <= memory["large"]["grown"] < 80_000_000
    assert memory["broken"]["problem"] == "broken: ValueError: no"
    assert memory["leaving"] == {"modules": ["leaving"], "grown": None, "problem": "the process ended with code 3"}
    assert mvlock("graph", "--memory").err.startswith("error: --memory needs --html")


def test_pictures_are_files_that_are_written_only_if_they_change(mvlock: Mvlock, tmp_path: Path) -> None:
    page, image = tmp_path / "new" / "page.html", tmp_path / "map.svg"
    assert mvlock("graph", "--html", str(page)).err == f"Wrote {page}\n"
    assert mvlock("graph", "--html", str(page)).err == f"Unchanged {page}\n"
    assert mvlock("graph", "--svg", str(image)).err == f"Wrote {image}\n"
    assert image.read_text("utf-8") == mvlock("graph", "--svg", "-").out
    assert mvlock("graph", "--svg", "-", "--html", "-").code == 2


def test_a_picture_needs_no_readable_pyproject(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.pyproject.write_text("broken", encoding="utf-8")
    assert mvlock("tree", "--map").out.splitlines()[-2:] == _MAP[-2:]
    found = facts(mvlock)
    assert found["unknown"] == "pyproject.toml cannot be read"
    assert found["trees"][0]["requirements"] == [{"project": "b", "text": "b", "entry": None}]


def test_a_stale_lock_is_drawn_and_said_to_be_stale(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"])
    assert "mv.lock is stale" in mvlock("tree", "--map").err
    assert "mv.lock is stale" in mvlock("graph", "--html", "-").err

"""``mvlock tree`` with ``--invert``, ``--outdated`` and ``--sizes``, for people and as JSON."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``a`` needs ``d`` in three ways, ``b`` on Windows only; ``old`` is another ``c``."""
    index.publish("a", "1.0", requires=["c<2", "d"], files={"a.py": "a = 1\n" * 500})
    index.publish("b", "1.0", requires=["c>=2", "d; sys_platform == 'win32'"])
    index.publish("c", "1.0", requires=["d"])
    index.publish("c", "2.0")
    index.publish("d", "1.0", requires=["e"], files={"d.py": "d = 1\n" * 1000})
    index.publish("e", "1.0", files={"e.py": "e = 1\n" * 2000})
    project.write(["a", "b", "d>=1"], tool='alias.old = "c<2"')
    assert mvlock("resolve").code == 0


def test_what_needs_a_project_is_shown_up_to_what_pyproject_requires(mvlock: Mvlock) -> None:
    outcome = mvlock("tree", "--invert", "E")
    assert outcome.out.splitlines() == [
        "a",
        "└── e 1.0",
        "    └── d 1.0",
        "        ├── a 1.0  (pyproject.toml: a)",
        "        └── c 1.0",
        "            └── a 1.0  (pyproject.toml: a)",
        "b",
        "└── e 1.0  ; sys_platform == 'win32'",
        "    └── d 1.0  ; sys_platform == 'win32'",
        "        └── b 1.0  (pyproject.toml: b)",
        "d",
        "└── e 1.0",
        "    └── d 1.0  (pyproject.toml: d>=1)",
        "old  (alias of c)",
        "└── e 1.0",
        "    └── d 1.0",
        "        └── c 1.0  (pyproject.toml: c<2)",
    ]
    assert (outcome.code, outcome.err) == (0, "")
    assert mvlock("tree", "old", "--invert", "e", "--depth", "2").out.splitlines() == [
        "old  (alias of c)",
        "└── e 1.0",
        "    └── d 1.0",
    ]


def test_what_has_been_shown_is_not_repeated_and_circles_end(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder
) -> None:
    index.publish("x", "1.0", requires=["y", "z"])
    index.publish("y", "1.0", requires=["x", "z"])
    index.publish("z", "1.0")
    project.write(["x"])
    assert mvlock("resolve").code == 0
    assert mvlock("tree", "--invert", "z").out.splitlines() == [
        "x",
        "└── z 1.0",
        "    ├── x 1.0  (pyproject.toml: x)",
        "    │   └── y 1.0",
        "    │       └── x 1.0  (pyproject.toml: x)  (*)",
        "    └── y 1.0  (*)",
    ]


def test_the_json_of_an_inverted_tree_has_only_what_leads_to_the_project(mvlock: Mvlock) -> None:
    facts: Any = mvlock("tree", "a", "b", "--invert", "c", "--json").json
    assert list(facts) == ["trees"]
    assert list(facts["trees"]) == ["a", "b"]
    assert facts["trees"]["a"]["requires"] == ["a"]
    assert [one["name"] for one in facts["trees"]["a"]["packages"]] == ["a", "c"]
    assert facts["trees"]["a"]["edges"] == [["a", "a 1.0"], ["a 1.0", "c 1.0"]]


def test_a_project_that_is_not_there_has_nothing_that_needs_it(mvlock: Mvlock) -> None:
    wrong = mvlock("tree", "--invert", "dd")
    assert (wrong.code, wrong.err) == (1, "error: mv.lock does not contain 'dd'; did you mean 'd'?\n")
    elsewhere = mvlock("tree", "d", "--invert", "c")
    assert (elsewhere.code, elsewhere.err) == (1, "error: 'c' is not in d\n")


def test_newer_versions_are_marked(mvlock: Mvlock, index: LocalIndex) -> None:
    assert mvlock("tree", "old", "--outdated", "--depth", "1").out.splitlines()[1] == "└── c 1.0  (newest 2.0)"
    index.publish("c", "1.5", requires=["d"])
    index.publish("d", "1.1", requires=["e"])
    assert mvlock("tree", "old", "--outdated").out.splitlines()[:4] == [
        "old  (alias of c)",
        "└── c 1.0  (upgrade 1.5, newest 2.0)",
        "    └── d 1.0  (upgrade 1.1, newest 1.1)",
        "        └── e 1.0",
    ]
    inverted = mvlock("tree", "d", "--invert", "d", "--outdated").out.splitlines()
    assert inverted == ["d", "└── d 1.0  (pyproject.toml: d>=1)  (upgrade 1.1, newest 1.1)"]
    facts: Any = mvlock("tree", "old", "--outdated", "--json").json
    c, d, e = facts["trees"]["old"]["packages"]
    assert (c["upgrade"], c["newest"], d["upgrade"], d["newest"]) == ("1.5", "2.0", "1.1", "1.1")
    assert "newest" not in e


def test_what_an_upgrade_removes_is_marked(mvlock: Mvlock, index: LocalIndex) -> None:
    index.publish("d", "1.1")
    assert "        └── e 1.0  (an upgrade removes it)" in mvlock("tree", "old", "--outdated").out.splitlines()


def test_a_stale_lock_has_no_newer_versions(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"])
    outcome = mvlock("tree", "--outdated")
    assert (outcome.code, outcome.out) == (1, "")
    assert "mv.lock is stale" in outcome.err


def test_before_an_install_sizes_are_those_of_wheels(mvlock: Mvlock) -> None:
    lines = mvlock("tree", "b", "--sizes").out.splitlines()
    assert _plain(lines[0]) == "b  (N in wheels: not installed)"
    assert _plain(lines[1]) == "└── b 1.0  (N, with dependencies N)"
    assert lines[3] == "    └── d 1.0  ; sys_platform == 'win32'"
    facts: Any = mvlock("tree", "d", "--sizes", "--json").json
    tree = facts["trees"]["d"]
    d, e = tree["packages"]
    assert (tree["size-of"], tree["size"]) == ("wheels", d["size"] + e["size"])
    assert (d["total-size"], e["total-size"]) == (tree["size"], e["size"])


def test_sizes_of_what_is_installed_are_those_on_disk(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("install").code == 0
    lines = mvlock("tree", "a", "--sizes").out.splitlines()
    assert _plain(lines[0]) == "a  (N on disk)"
    assert _plain(lines[1]) == "└── a 1.0  (N, with dependencies N)"
    facts: Any = mvlock("tree", "d", "--sizes", "--json").json
    tree = facts["trees"]["d"]
    (e,) = [one for one in tree["packages"] if one["name"] == "e"]
    site_packages = next((project.root / "py_modules/d/lib").glob("python*/site-packages"))
    files = [
        *site_packages.glob("e.py"),
        *site_packages.glob("__pycache__/e.*"),
        *site_packages.glob("e-1.0.dist-info/*"),
    ]
    assert len(files) >= 4
    assert e["size"] == sum(path.stat().st_size for path in files)
    assert tree["size-of"] == "disk"


def test_the_size_of_what_is_built_is_not_known_before(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder
) -> None:
    index.publish("s", "1.0", requires=["e"], wheel_tags=(), sdist=True)
    project.write(["s"])
    assert mvlock("resolve").code == 0
    lines = mvlock("tree", "--sizes").out.splitlines()
    assert _plain(lines[0]) == "s  (at least N in wheels: not installed)"
    assert _plain(lines[1]) == "└── s 1.0  (size unknown, with dependencies at least N)"
    facts: Any = mvlock("tree", "--sizes", "--json").json
    e, s = facts["trees"]["s"]["packages"]
    assert (s["size"], s["total-size"]) == (None, e["size"])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--map", "--sizes"), "argument --sizes: not allowed with argument --map"),
        (("--duplicates", "--outdated"), "argument --outdated: not allowed with argument --duplicates"),
        (("--map", "--depth", "0"), "argument --depth: not allowed with argument --map"),
        (("--map", "--invert", "a"), "argument --invert: not allowed with argument --map"),
        (("--invert", "a", "--duplicates"), "argument --duplicates: not allowed with argument --invert"),
    ],
)
def test_what_another_option_would_ignore_is_refused(mvlock: Mvlock, words: tuple[str, ...], text: str) -> None:
    outcome = mvlock("tree", *words)
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, f"error: {text}")


def test_json_is_never_cut_off(mvlock: Mvlock) -> None:
    wrong: Any = mvlock("tree", "--json", "--depth", "1").json
    assert (wrong["error"]["message"], wrong["exit-code"]) == ("argument --depth: not allowed with argument --json", 2)


def _plain(line: str) -> str:
    """The line with N for every size."""
    return re.sub(r"\d[\d.]* k?B", "N", line)


def test_of_many_trees_the_first_are_named_and_a_distribution_is_shared_with_those_that_have_it(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    names = [f"one-{number}" for number in range(9)]
    index.publish("common", "1.0")
    for number, name in enumerate(names):
        index.publish(name, "1.0", requires=["common"] if number < 2 else [])
    project.write([*names])
    assert ", one version of each, in mv.lock" in mvlock("resolve").err
    mvlock("install")
    few = mvlock("tree", "one_5").out
    assert few.endswith("\none_5, one_0, one_1 and 6 more: the main environment\n")
    assert "shared" not in few
    assert "common 1.0  (shared with one_1)" in mvlock("tree", "one_0").out
    assert "one_0, one_1, one_2, one_3, one_4," in mvlock("-v", "tree").out
    assert mvlock("why", "common").out.endswith("(not required by): one_2, one_3, one_4, one_5, one_6, one_7, one_8\n")


@pytest.fixture
def newer(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    """``x`` needs ``y``, and both have a newer version for newer Pythons, which is larger."""
    for version, python, size in (("1.0", ">=3.10", 1), ("2.0", ">=3.11", 2000)):
        index.publish("x", version, requires=["y"], python=python)
        index.publish("y", version, python=python, files={"y.py": "y = 1\n" * size})
    project.write(["x"])
    assert mvlock("resolve").code == 0


@pytest.mark.usefixtures("newer")
def test_what_is_for_different_environments_is_not_joined(mvlock: Mvlock) -> None:
    old, new = "  ; python_version < '3.11'", "  ; python_version >= '3.11'"
    assert mvlock("tree").out.splitlines() == [
        "x",
        f"├── x 1.0{old}",
        f"│   └── y 1.0{old}",
        f"└── x 2.0{new}",
        f"    └── y 2.0{new}",
    ]
    assert mvlock("tree", "--invert", "y").out.splitlines() == [
        "x",
        f"├── y 1.0{old}",
        f"│   └── x 1.0{old}  (pyproject.toml: x)",
        f"└── y 2.0{new}",
        f"    └── x 2.0{new}  (pyproject.toml: x)",
    ]
    edges = [["x", "x 1.0"], ["x", "x 2.0"], ["x 1.0", "y 1.0"], ["x 2.0", "y 2.0"]]
    tree: Any = mvlock("tree", "--json").json
    assert tree["trees"]["x"]["edges"] == edges
    graph: Any = mvlock("graph", "--format", "json").json
    assert graph["x"]["edges"] == edges
    assert mvlock("graph").out.count("->") == mvlock("graph", "--format", "mermaid").out.count("-->") == 4
    shown: Any = mvlock("show", "y", "--json").json
    assert [one["trees"][0]["required-by"] for one in shown] == [["x 1.0"], ["x 2.0"]]
    assert [line.strip() for line in mvlock("why", "y").out.splitlines()[1:4:2]] == [
        "x → x 1.0 → y 1.0",
        "x → x 2.0 → y 2.0",
    ]


def test_sizes_pass_over_what_another_environment_needs(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("x", "1.0", requires=["y; sys_platform == 'win32'"])
    index.publish("y", "1.0", requires=["d"])
    project.write(["x"], tool='trees.x.requirements = ["x", "d"]')
    assert mvlock("resolve").code == 0
    facts: Any = mvlock("tree", "x", "--sizes", "--json").json
    sizes = {one["name"]: one for one in facts["trees"]["x"]["packages"]}
    assert sizes["x"]["total-size"] == sizes["x"]["size"]
    assert sizes["d"]["total-size"] == sizes["d"]["size"] + sizes["e"]["size"]

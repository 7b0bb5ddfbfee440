"""``tree``, ``why``, ``cache``, ``doctor``, ``init``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mvlock.base.locks import lock_folder
from mvlock.importmap.file import installed_map
from mvlock.project.load import load_project
from mvlock.store.store import STORE_FOLDER
from tests.commands.command_line import Mvlock, run_main
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def locked(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``a`` and ``b`` each in a tree, over different versions of ``c``."""
    index.publish("a", "1.0", requires=["c<2", "d"])
    index.publish("b", "1.0", requires=["c>=2", "win; sys_platform == 'win32'"])
    index.publish("c", "1.0", requires=["d"])
    index.publish("c", "2.0")
    index.publish("d", "1.0", requires=["e"])
    index.publish("e", "1.0")
    index.publish("win", "1.0")
    project.write(["a", "b"], tool='alias.old = "c<2"')
    assert mvlock("resolve").code == 0


@pytest.mark.usefixtures("locked")
def test_tree_shows_what_requires_what(mvlock: Mvlock) -> None:
    assert mvlock("tree").out.splitlines() == [
        "a",
        "└── a 1.0",
        "    ├── c 1.0",
        "    │   └── d 1.0",
        "    │       └── e 1.0",
        "    └── d 1.0  (*)",
        "b",
        "└── b 1.0",
        "    ├── c 2.0",
        "    └── win 1.0  ; sys_platform == 'win32'",
        "old  (alias of c)",
        "└── c 1.0",
        "    └── d 1.0",
        "        └── e 1.0",
        "",
        "a: the main environment",
        "b: separate from a (c 2.0 here, 1.0 there)",
        "old: separate (an alias)",
        "    may use a",
        "    cannot use b: c 1.0 here, 2.0 there",
    ]


@pytest.fixture
def several_worlds(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """Most agree; ``odd`` and ``strange`` have another ``core``, ``strict`` has no peers, ``w`` is empty here."""
    for name in ("a", "also", "aside"):
        index.publish(name, "1.0", requires=["core>=2"])
    index.publish("b", "1.0")
    for name in ("odd", "strange"):
        index.publish(name, "1.0", requires=["core<2"])
    index.publish("strict", "1.0", requires=["b"])
    index.publish("w", "1.0", requires=["core<2"])
    for version in ("1.0", "2.0"):
        index.publish("core", version)
    names = ["a", "also", "aside", "b", "odd", "strange", "strict", "w; sys_platform == 'win32'"]
    project.write(names, tool="[tool.mvlock.trees.strict]\npeers = false")
    assert mvlock("resolve").code == 0


@pytest.mark.usefixtures("several_worlds")
def test_tree_shows_which_trees_are_one_environment_and_what_the_others_may_use(mvlock: Mvlock) -> None:
    lines = mvlock("tree").out.splitlines()
    assert lines[lines.index("") :] == [
        "",
        "a, also, aside, b, w: the main environment",
        "    may use strict",
        "odd, strange: another environment, separate from a, also, aside and 2 more (core 1.0 here, 2.0 there)",
        "    may use b, strict",
        "strict: separate (peers = false)",
    ]
    assert mvlock("tree", "strict").out.splitlines()[-2:] == ["", "strict: separate (peers = false)"]
    facts = mvlock("tree", "--json").json
    assert isinstance(facts, dict)
    assert list(facts["trees"]) == ["a", "also", "aside", "b", "odd", "strange", "strict", "w"]
    assert facts["trees"]["strict"]["edges"] == [["strict", "strict 1.0"], ["strict 1.0", "b 1.0"]]
    assert facts["worlds"][1:] == [
        {
            "trees": ["odd", "strange"],
            "alone": None,
            "peers": [{"project": "b", "tree": "b"}, {"project": "strict", "tree": "strict"}],
            "disagrees": [
                {"tree": tree, "projects": [{"name": "core", "here": "1.0", "there": "2.0"}]}
                for tree in ("a", "also", "aside")
            ],
        },
        {"trees": ["strict"], "alone": "peers = false", "peers": [], "disagrees": []},
    ]


@pytest.mark.usefixtures("several_worlds")
def test_why_shows_which_trees_may_use_a_project_without_requiring_it(mvlock: Mvlock) -> None:
    assert (
        mvlock("why", "b").out.splitlines()[-1]
        == "b 1.0 is also available to (not required by): a, also, aside, odd, strange, w"
    )
    assert "may be used" not in mvlock("why", "w").out
    facts = mvlock("why", "core", "--json").json
    assert isinstance(facts, dict)
    assert facts["peers"] == [{"version": "2.0", "trees": ["b", "w"]}]


@pytest.mark.usefixtures("several_worlds")
def test_what_tree_says_of_peers_is_what_an_install_decides(mvlock: Mvlock, project: ProjectFolder) -> None:
    before = mvlock("tree", "--json").json
    assert mvlock("install").code == 0
    found = installed_map(project.root / "app")
    assert isinstance(before, dict)
    assert found is not None
    domains = {domain.name: domain for domain in found.domains}
    for world in before["worlds"]:
        (domain,) = {found.trees[tree].domain for tree in world["trees"]}
        assert set(domains[domain].trees) == set(world["trees"])
        assert set(domains[domain].peers) >= {one["project"] for one in world["peers"]}
    assert mvlock("tree", "--json").json == before


_DOUBLE = [
    "c",
    "├── 1.0",
    "│   ├── a: a 1.0 needs c<2, which excludes 2.0",
    "│   └── old: pyproject.toml requires c<2, which excludes 2.0",
    "└── 2.0",
    "    └── b: b 1.0 needs c>=2, which excludes 1.0",
]


@pytest.mark.usefixtures("locked")
def test_duplicates_are_shown_with_the_requirements_that_cause_them(mvlock: Mvlock) -> None:
    outcome = mvlock("tree", "--duplicates")
    assert outcome.out.splitlines() == _DOUBLE
    assert outcome.err == ""
    facts = mvlock("tree", "--duplicates", "--json").json
    assert isinstance(facts, list)
    assert [one["version"] for one in facts[0]["versions"]] == ["1.0", "2.0"]
    assert facts[0]["versions"][1]["trees"] == [
        {"tree": "b", "requirements": [{"by": "b 1.0", "requirement": "c>=2", "excludes": ["1.0"]}]}
    ]


def test_versions_that_no_requirement_causes_are_shown_with_what_to_do(
    index: LocalIndex, project: ProjectFolder, mvlock: Mvlock
) -> None:
    index.publish("a", "1.0", requires=["c<2"])
    index.publish("b", "1.0", requires=["c", "e"])
    index.publish("e", "1.0", python="<3.12")
    index.publish("e", "2.0", python=">=3.12")
    for version in ("1.0", "2.0"):
        index.publish("c", version)
    project.write(["a", "b"], tool="unify = false\npeers = false")
    mvlock("resolve")
    outcome = mvlock("tree", "--duplicates")
    assert outcome.out.splitlines()[-1] == "    └── b: no requirement excludes the others"
    assert "no requirement needs all these versions of c: " in outcome.err
    project.write(["a", "b"], tool="peers = false")
    assert mvlock("resolve", "-P", "c").code == 0
    assert mvlock("tree", "--duplicates").err == "no environment has two versions of a project\n"


def test_direct_dependencies_are_shown_not_to_follow_other_trees(
    index: LocalIndex, project: ProjectFolder, mvlock: Mvlock
) -> None:
    index.publish("a", "1.0", requires=["c<2"])
    for version in ("1.0", "2.0"):
        index.publish("c", version)
    project.write(["a", "c"], tool='constraints = ["c<3"]\npeers = false')
    mvlock("resolve")
    lines = mvlock("tree", "--duplicates", "c").out.splitlines()
    assert lines[-1] == "    └── c: pyproject.toml requires c; a direct dependency follows no other tree"


@pytest.mark.usefixtures("locked")
def test_why_shows_the_cause_of_several_versions_if_the_index_is_reachable(mvlock: Mvlock) -> None:
    facts = mvlock("why", "c", "--json").json
    assert isinstance(facts, dict)
    way = ["a", "a 1.0", "c 1.0"]
    assert facts["trees"][0] == {"tree": "a", "version": "1.0", "marker": None, "soft": [], "way": way}
    assert len(facts["versions"]) == 2
    blind = mvlock("why", "c", "--offline", "--index-url", "http://127.0.0.1:9/simple/")
    assert blind.code == 0
    assert "could not find out which requirements keep the versions of c apart: " in blind.err


@pytest.mark.usefixtures("locked")
def test_tree_shows_which_trees_share_what_is_installed(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("install").code == 0
    lines = mvlock("tree", "a", "old").out.splitlines()
    assert lines[2:4] == ["    ├── c 1.0  (shared with old)", "    │   └── d 1.0  (shared with old)"]
    assert "        └── e 1.0  (shared with a)" in lines
    project.write(["a", "b"], tool='share = { never = ["c"] }\nalias.old = "c<2"')
    assert mvlock("install").code == 0
    assert "├── c 1.0\n" in mvlock("tree", "a").out


@pytest.mark.usefixtures("locked")
def test_tree_and_why_tell_what_is_left_out(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a", "b"], tool='exclude-dependencies = ["e"]\ntrees.a.exclude-dependencies = ["c"]')
    assert mvlock("resolve").code == 0
    e = "dependencies on e are left out by exclude-dependencies (tool.mvlock.exclude-dependencies[0])"
    c = "dependencies on c are left out by exclude-dependencies (tool.mvlock.trees.a.exclude-dependencies[0])"
    assert mvlock("tree").err.splitlines() == [f"note: {c}", f"note: {e}"]
    assert mvlock("why", "c").err.splitlines() == [f"note: {c}"]
    missing = mvlock("why", "e")
    assert (missing.code, missing.err.splitlines()) == (1, [f"error: mv.lock does not contain 'e': {e}"])


@pytest.mark.usefixtures("locked")
def test_tree_shows_the_given_trees(mvlock: Mvlock) -> None:
    assert mvlock("tree", "a", "--depth", "2").out.splitlines() == [
        "a",
        "└── a 1.0",
        "    ├── c 1.0",
        "    └── d 1.0",
        "",
        "a: the main environment",
    ]
    assert mvlock("tree", "a", "--depth", "0").out.splitlines() == ["a", "", "a: the main environment"]
    wrong = mvlock("tree", "aa")
    assert (wrong.code, wrong.err) == (2, "error: mv.lock has no tree 'aa'; did you mean 'a'?\n")


@pytest.mark.usefixtures("locked")
def test_output_from_a_stale_lock_says_that_it_is_stale(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"])
    for words in (("tree",), ("why", "c")):
        outcome = mvlock(*words)
        assert outcome.code == 0
        assert outcome.err.endswith(
            "note: mv.lock is stale: pyproject.toml has changed since it was made; run `mvlock resolve`\n"
        )
    project.pyproject.write_text("broken", encoding="utf-8")
    assert (mvlock("tree").code, mvlock("tree").err) == (0, "")


@pytest.mark.usefixtures("locked")
def test_why_shows_the_way_from_pyproject_in_every_tree(mvlock: Mvlock) -> None:
    outcome = mvlock("why", "C")
    assert outcome.out.splitlines() == [
        "a: c 1.0",
        "    a → a 1.0 → c 1.0",
        "b: c 2.0",
        "    b → b 1.0 → c 2.0",
        "old: c 1.0",
        "    c<2 → c 1.0",
        *_DOUBLE,
    ]
    assert outcome.err == "2 versions of c are locked: 1.0, 2.0\n"


def test_why_shows_when_a_tree_has_which_version_as_tree_does(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder
) -> None:
    for version in ("1.0", "2.0"):
        index.publish("m", version)
    project.write(["m<2; sys_platform == 'win32'", "m>=2; sys_platform != 'win32'"])
    mvlock("resolve")
    assert mvlock("tree").out.splitlines() == [
        "m",
        "├── m 1.0  ; sys_platform == 'win32'",
        "└── m 2.0  ; sys_platform != 'win32'",
    ]
    assert mvlock("why", "m", "--offline").out.splitlines()[0:3:2] == [
        "m: m 1.0  ; sys_platform == 'win32'",
        "m: m 2.0  ; sys_platform != 'win32'",
    ]


@pytest.fixture
def lock_with_soft_dependency(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``lib_old`` over ``core`` 1.0 with a ``helper`` of its own, that of the application over ``core`` 2.0."""
    for version, bounds in (("1.0", "<2"), ("2.0", ">=2")):
        seen = "import core\nsaid = f'helper over core {core.__version__}'\n"
        asking = "def seen():\n    import helper\n    return helper.said\n"
        index.publish("lib", version, requires=[f"core{bounds}"], extras={"x": ["helper"]}, files={"lib.py": asking})
        index.publish("helper", version, requires=[f"core{bounds}"], files={"helper.py": seen})
        index.publish("core", version, files={"core.py": f"__version__ = '{version}'\n"})
    project.write(["helper"], tool='alias.lib_old = "lib<2"')
    assert mvlock("resolve").code == 0


@pytest.mark.usefixtures("lock_with_soft_dependency")
def test_a_soft_member_is_shown_with_the_extra_that_declares_it(mvlock: Mvlock) -> None:
    assert mvlock("tree", "lib_old").out.splitlines()[:5] == [
        "lib_old  (alias of lib)",
        "└── lib 1.0",
        "    ├── core 1.0",
        "    └── helper 1.0  (soft dependency: declared by lib under its extra 'x')",
        "        └── core 1.0",
    ]
    why = mvlock("why", "helper").out
    assert "lib_old: helper 1.0  (soft dependency: declared by lib under its extra 'x')\n" in why
    assert "    lib<2 → lib 1.0 → helper 1.0\n" in why
    assert "│   └── lib_old: soft dependency, declared by lib under its extra 'x'\n" in why
    facts = mvlock("why", "helper", "--json").json
    assert isinstance(facts, dict)
    assert [one["soft"] for one in facts["trees"]] == [[], [{"by": "lib", "extras": ["x"]}]]
    assert '"lib_old: lib 1.0" -> "lib_old: helper 1.0";' in mvlock("graph").out
    assert mvlock("tree", "--duplicates").err == ""


@pytest.mark.usefixtures("lock_with_soft_dependency")
def test_a_tree_uses_its_soft_member_and_the_application_its_own(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("install").code == 0
    code = "import helper, lib_old; print(helper.said, lib_old.seen(), sep='; ')"
    ran = subprocess.run(
        [project.root / "app/bin/python", "-c", code], cwd=project.root, capture_output=True, text=True, check=False
    )
    assert ran.stdout == "helper over core 2.0; helper over core 1.0\n", ran.stderr
    assert mvlock("verify").code == 0
    before = (project.root / "mv.lock").read_bytes()
    assert mvlock("resolve", "-P", "lib").code == 0
    assert (project.root / "mv.lock").read_bytes() == before


@pytest.mark.usefixtures("locked")
def test_why_says_no_to_what_is_not_locked(mvlock: Mvlock) -> None:
    outcome = mvlock("why", "winn")
    assert (outcome.code, outcome.err) == (1, "error: mv.lock does not contain 'winn'; did you mean 'win'?\n")


@pytest.mark.usefixtures("locked")
def test_the_cache_is_measured_and_emptied_but_for_what_is_not_ours(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("cache", "dir").out == f"{project.cache}\n"
    (project.cache / "holiday.jpg").write_bytes(b"x" * 5000)
    assert mvlock("cache", "size").out.endswith("B\n")
    assert mvlock("cache", "clean").err.startswith("Removed ")
    assert [path.name for path in project.cache.iterdir()] == ["holiday.jpg"]
    assert mvlock("cache", "clean").err.startswith("Nothing to remove")
    assert mvlock("cache", "size").out == "0 B\n"


@pytest.mark.usefixtures("locked")
def test_prune_keeps_what_a_tree_is_linked_to(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("install", "--link-mode", "hardlink").code == 0
    wheels = project.cache / STORE_FOLDER / "wheels"
    kept = {path.name for path in wheels.glob("*/*")}
    mvlock("cache", "prune")
    assert {path.name for path in wheels.glob("*/*")} == kept
    project.write()
    assert mvlock("resolve").code == mvlock("install").code == 0
    assert mvlock("cache", "prune").err.startswith("Removed ")
    assert list(wheels.glob("*/*")) == []


@pytest.mark.parametrize("action", ["clean", "prune"])
def test_logs_of_builds_that_failed_are_removed(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder, action: str
) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True, dynamic=["requires-dist"], build_error="no compiler here")
    project.write(["a"])
    assert mvlock("resolve").code
    assert list(project.cache.rglob("*.log"))
    assert mvlock("cache", action).err.startswith("Removed ")
    assert not list(project.cache.rglob("*.log"))


def test_prune_is_not_misled_by_a_wheel_with_equal_files(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("twice", "1.0", files={"twice/__init__.py": "x = 1\n" * 1000, "twice/again.py": "x = 1\n" * 1000})
    project.write(["twice"])
    assert mvlock("resolve").code == mvlock("install", "--link-mode", "copy").code == 0
    assert mvlock("cache", "prune").err.startswith("Removed ")
    assert list((project.cache / STORE_FOLDER / "wheels").glob("*/*")) == []


@pytest.mark.usefixtures("locked")
def test_prune_keeps_what_a_tree_points_at_wherever_it_is(
    mvlock: Mvlock, project: ProjectFolder, tmp_path: Path
) -> None:
    assert mvlock("install", "--link-mode", "symlink").code == 0
    project.root.rename(tmp_path / "elsewhere")
    project.root.mkdir()
    mvlock("cache", "prune")
    links = [path for path in (tmp_path / "elsewhere/py_modules").rglob("*") if path.is_symlink()]
    assert links
    assert [path for path in links if not path.exists()] == []


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("action", ["clean", "prune"])
def test_nothing_is_removed_while_somebody_uses_the_cache(project: ProjectFolder, action: str) -> None:
    handle = lock_folder(project.cache, lambda: None, shared=True)
    assert handle is not None
    words = [sys.executable, "-m", "mvlock", "--cache-dir", str(project.cache), "cache", action]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert f"waiting for another mvlock process that uses the cache {project.cache}" in process.stderr.readline()
        assert list(project.cache.iterdir())
        os.close(handle)
        assert "emove" in process.stderr.read()
    assert process.returncode == 0


@pytest.mark.usefixtures("locked")
def test_a_cache_is_used_again_once_things_are_removed(project: ProjectFolder) -> None:
    handle = lock_folder(project.cache, lambda: None)
    assert handle is not None
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    words = [sys.executable, "-m", "mvlock", *place, "install"]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "waiting for another mvlock process that removes things" in process.stderr.readline()
        os.close(handle)
        assert "Installed" in process.stderr.read()
    assert process.returncode == 0


@pytest.mark.usefixtures("locked")
def test_doctor_finds_nothing_wrong_with_a_good_project(mvlock: Mvlock) -> None:
    outcome = mvlock("doctor")
    assert outcome.code == 0
    assert "ok       mv.lock is up to date: 3 trees" in outcome.out
    assert "warning  app/ does not exist yet: run `mvlock install`" in outcome.out


def test_doctor_reports_a_bad_project(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(tool="unifi = true")
    outcome = mvlock("doctor")
    assert outcome.code == 1
    assert "error    pyproject.toml: tool.mvlock.unifi: unknown key; did you mean 'unify'?" in outcome.out


def test_doctor_reports_an_unusable_cache(mvlock: Mvlock, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    outcome = mvlock("--cache-dir", str(file), "doctor")
    assert outcome.code == 1
    assert f"error    the cache directory {file} cannot be written" in outcome.out


def test_init_starts_a_project_that_loads(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "My first App!"
    assert run_main("--project", str(tmp_path), "init", folder.name) == 0
    assert load_project(folder).name == "my-first-app"
    assert not (folder / ".gitignore").exists()
    before = (folder / "pyproject.toml").read_bytes()
    assert run_main("init", str(folder)) == 2
    assert "already has a pyproject.toml" in capfd.readouterr().err
    assert (folder / "pyproject.toml").read_bytes() == before


def test_the_group_that_requires_a_version_is_named(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    index.publish("a", "1.0", requires=["c>=2"])
    for version in ("1.0", "2.0"):
        index.publish("c", version)
    project.write(["a", "c"], extra='[dependency-groups]\ndev = ["c==1.0"]\n')
    output = mvlock("resolve").err
    assert 'a\'s tree has c 2.0, the application 1.0 ("c==1.0" in dependency-groups.dev): ' in output
    printed = mvlock("why", "c").out.splitlines()
    assert "    c, c==1.0 (dependency-groups.dev) → c 1.0" in printed
    assert "│   └── c: pyproject.toml (dependency-groups.dev) requires c==1.0, which excludes 2.0" in printed
    facts = mvlock("why", "c", "--json").json
    assert isinstance(facts, dict)
    (holder,) = facts["versions"][0]["trees"]
    assert [one.get("place") for one in holder["requirements"]] == [None, "dependency-groups.dev"]


def test_versions_are_compared_where_they_meet(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    index.publish("a", "1.0", requires=["c>=2; python_version >= '3.12'", "c<3; python_version < '3.12'"])
    index.publish("b", "1.0", requires=["c<2"])
    index.publish("c", "1.0")
    index.publish("c", "2.0", python="<3.12")
    index.publish("c", "3.0", python=">=3.12")
    project.write(["a"])
    mvlock("resolve")
    outcome = mvlock("why", "c")
    assert "└──" not in outcome.out
    assert outcome.err == "2 versions of c are locked, for different environments: 2.0, 3.0\n"
    project.write(["a>=1", "b"], tool="unify = false\npeers = false")
    mvlock("resolve")
    assert mvlock("why", "c").out.splitlines()[-7:] == [
        "c",
        "├── 1.0",
        "│   └── b: b 1.0 needs c<2, which excludes 2.0, 3.0",
        "├── 2.0",
        "│   └── a: no requirement excludes the others",
        "└── 3.0",
        '    └── a: a 1.0 needs c>=2; python_version >= "3.12", which excludes 1.0',
    ]


def test_what_excludes_others_for_a_tree_without_requirements_is_named(
    index: LocalIndex, project: ProjectFolder, mvlock: Mvlock
) -> None:
    index.publish("old", "1.0", requires=["c<2"])
    index.publish("new", "1.0", requires=["c>=2"])
    index.publish("tool", "1.0", requires=["c"])
    for version in ("1.0", "2.0"):
        index.publish("c", version)
    project.write(["old", "c"], extra='[dependency-groups]\ndev = ["tool"]\nother = ["new"]\n')
    mvlock("resolve")
    printed = [line.lstrip("│├└─ ") for line in mvlock("why", "c").out.splitlines()]
    assert "tool: has the version of old, where old 1.0 needs c<2, which excludes 2.0" in printed
    assert not [line for line in printed if "no requirement excludes" in line]


def test_why_names_the_override_that_decides(mvlock: Mvlock, index: LocalIndex, project: ProjectFolder) -> None:
    index.publish("a", "1.0", requires=["b", "c==1.0"])
    index.publish("b", "1.0", requires=["c>=2"])
    index.publish("c", "1.0")
    index.publish("c", "2.0")
    project.write(["a"], tool='trees.a.overrides = ["c==2.0"]')
    assert mvlock("resolve").code == 0
    lines = mvlock("why", "c").out.splitlines()
    assert lines[1:] == [
        "    a → a 1.0 → c 2.0",
        "    an override decides the version: c==2.0 (tool.mvlock.trees.a.overrides[0])",
    ]
    assert "override" not in mvlock("why", "b").out

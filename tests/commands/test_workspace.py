"""Workspaces: one command for all members, each with its own lock and trees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.command_line import Outcome, files_below, run_main
from tests.support.index import LocalIndex
from tests.support.release import Release, write_source

_NAMES = ("new", "old", "base", "shared")
_INDEX = '[[tool.mvlock.index]]\nname = "local"\nurl = "{url}"\ndefault = true\n'


@dataclass(frozen=True)
class Repository:
    """A repository whose root is ``root``; ``run`` types a command line in one of its folders."""

    root: Path
    cache: Path
    index: LocalIndex
    capfd: pytest.CaptureFixture[str]

    def write_root(self, text: str = "", project: str = "") -> None:
        """Write the file of the root, a project if ``project`` has the lines of ``[project]``."""
        members = '[tool.mvlock.workspace]\nmembers = ["apps/*", "libs/*"]\n'
        self.root.mkdir(exist_ok=True)
        head = f"[project]\n{project}\n" if project else ""
        (self.root / "pyproject.toml").write_text(f"{head}{members}{text}", encoding="utf-8")

    def write(self, folder: str, dependencies: list[str], sources: Mapping[str, str] | None = None) -> None:
        """Write the file of an application that is called like its folder."""
        rows = "".join(f"{name} = {row}\n" for name, row in (sources or {}).items())
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / folder / "pyproject.toml").write_text(
            f'[project]\nname = "{Path(folder).name}"\nversion = "1"\nrequires-python = ">=3.10"\n'
            f"dependencies = {json.dumps(dependencies)}\n[tool.mvlock.sources]\n{rows}"
            + _INDEX.format(url=self.index.url),
            encoding="utf-8",
        )

    def write_library(self, name: str, *, requires: tuple[str, ...] = (), more: str = "") -> None:
        """Write a library that can be built; ``more`` is TOML at the end of its file."""
        folder = write_source(self.root / "libs" / name, Release(name, "1.0", requires=requires))
        with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{more}\n{_INDEX.format(url=self.index.url)}")

    def run(self, *words: str, folder: str = "") -> Outcome:
        """What a command line comes to."""
        self.capfd.readouterr()
        before = Path.cwd()
        os.chdir(self.root / folder)
        try:
            code = run_main("--cache-dir", str(self.cache), *words)
        finally:
            os.chdir(before)
        return Outcome(code, *self.capfd.readouterr())

    def python(self, folder: str, code: str) -> str:
        """What a line of code prints in the environment of a member."""
        python = self.root / folder / "app" / "bin" / "python"
        return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout

    def files(self) -> dict[str, bytes]:
        """Everything in the repository."""
        return files_below(self.root)


@pytest.fixture
def repository(tmp_path: Path, index: LocalIndex, capfd: pytest.CaptureFixture[str]) -> Repository:
    """``old`` needs lib 1, ``new`` lib 2; both use the member ``shared``, which uses the member ``base``."""
    for version in ("1.0", "2.0"):
        index.publish("lib", version)
    index.publish("base", "6.6.6", files={"base.py": "evil = True"})
    found = Repository(tmp_path / "repository", tmp_path / "cache", index, capfd)
    found.write_root()
    found.write_library("base")
    found.write_library("shared", requires=("base",), more="[tool.mvlock.sources]\nbase = { workspace = true }")
    for name, requirement in (("new", "lib>=2"), ("old", "lib<2")):
        found.write(f"apps/{name}", [requirement, "shared"], {"shared": "{ workspace = true }"})
    return found


def test_members_that_need_versions_that_exclude_each_other_are_installed_by_one_command(
    repository: Repository,
) -> None:
    done = repository.run("install")
    assert done.code == 0
    words = ("Locked", "Installed", "Updated")
    summaries = [line.split(" in ")[0].split(": 1 ")[0] for line in done.told if any(word in line for word in words)]
    assert summaries == [
        *("new: Locked 3 distributions, one version of each,", "new: Installed 3 distributions"),
        *("old: Locked 3 distributions, one version of each,", "old: Installed 3 distributions"),
        *("base: Locked 0 distributions", "base: Updated app/"),
        *("shared: Locked 1 distribution", "shared: Installed 1 distribution"),
    ]
    for name, version in (("new", "2.0"), ("old", "1.0")):
        code = "import lib, shared; print(lib.__version__, shared.__file__)"
        assert repository.python(f"apps/{name}", code).split() == [
            version,
            str(repository.root / "libs" / "shared" / "src" / "shared" / "__init__.py"),
        ]
    again = repository.run("install")
    assert again.told == [f"{name}: Nothing to do: py_modules/ and app/ match mv.lock" for name in _NAMES]


def test_what_a_member_uses_comes_from_the_workspace_and_not_from_the_index(repository: Repository) -> None:
    repository.run("resolve")
    lock = (repository.root / "apps" / "new" / "mv.lock").read_text(encoding="utf-8")
    assert "6.6.6" not in lock
    assert 'directory = { path = "../../libs/base", editable = true }' in lock


def test_a_lock_stays_current_when_the_repository_moves(repository: Repository) -> None:
    assert repository.run("install").code == 0
    locks = {path: text for path, text in repository.files().items() if path.endswith("mv.lock")}
    assert not [path for path, text in locks.items() if str(repository.root).encode() in text]
    moved = Repository(repository.root.with_name("moved"), repository.cache, repository.index, repository.capfd)
    shutil.move(repository.root, moved.root)
    assert moved.run("resolve", "--check").code == 0
    assert moved.run("install", "--locked").code == 0
    assert moved.run("check").code == 0
    assert str(moved.root) in moved.python("apps/new", "import shared; print(shared.__file__)")


def test_the_whole_repository_can_be_moved_without_another_install(repository: Repository) -> None:
    assert repository.run("install").code == 0
    moved = Repository(repository.root.with_name("moved"), repository.cache, repository.index, repository.capfd)
    shutil.move(repository.root, moved.root)
    code = "import importshim, lib, shared; base = importshim.tree('shared').import_module('base'); "
    code += "print(lib.__version__, base.__file__, shared.__file__)"
    libraries = [str(moved.root / "libs" / name / "src" / name / "__init__.py") for name in ("base", "shared")]
    assert moved.python("apps/old", code).split() == ["1.0", *libraries]
    assert [path for path in moved.root.rglob("*") if path.is_symlink() and not path.exists()] == []


def test_paths_become_relative_when_a_project_joins_a_workspace(repository: Repository) -> None:
    away = repository.root.with_name("away")
    (repository.root / "pyproject.toml").rename(away)
    source = '{ path = "../../libs/base", editable = true }'
    repository.write("apps/new", ["base"], {"base": source})
    assert repository.run("install", folder="apps/new").code == 0
    [path_file] = (repository.root / "apps/new/py_modules/base").rglob("_base.pth")
    assert path_file.read_text(encoding="utf-8") == f"{repository.root}/libs/base/src\n"
    away.rename(repository.root / "pyproject.toml")
    repository.write("apps/new", ["base"], {"base": "{ workspace = true }"})
    assert repository.run("resolve", "--package", "new").code == 0
    done = repository.run("install", "--package", "new", "--dry-run")
    assert done.out == "replace base (paths to sources become relative)\n"
    assert repository.run("install", "--package", "new").code == 0
    assert path_file.read_text(encoding="utf-8") == f"{'../' * 7}libs/base/src\n"
    assert "Nothing to do" in repository.run("install", "--package", "new").err


def test_pages_are_requested_once_for_all_members(repository: Repository) -> None:
    repository.run("resolve")
    pages = [request.path for request in repository.index.requests if request.path.startswith("/simple/")]
    assert pages == ["/simple/lib/"]


def test_in_a_member_every_command_is_for_it_alone(repository: Repository) -> None:
    done = repository.run("resolve", folder="apps/old")
    assert done.told[-1] == "Locked 3 distributions, one version of each, in mv.lock in 0.0 s (3 changed)"
    assert [path for path in repository.files() if path.endswith("mv.lock")] == ["apps/old/mv.lock"]


def test_members_are_chosen_from_anywhere(repository: Repository) -> None:
    done = repository.run("resolve", "--package", "New", folder="libs/shared")
    assert done.told[-1] == "Locked 3 distributions, one version of each, in mv.lock in 0.0 s (3 changed)"
    two = repository.run("--package", "old", "--package", "shared", "resolve")
    assert [line.partition(" ")[0] for line in two.told] == [*["old:"] * 4, *["shared:"] * 2]
    found = sorted(path for path in repository.files() if path.endswith("mv.lock"))
    assert found == ["apps/new/mv.lock", "apps/old/mv.lock", "libs/shared/mv.lock"]


def test_a_failure_leaves_the_others_done_and_is_the_exit_code(repository: Repository) -> None:
    repository.write("apps/new", ["lib>=3"])
    repository.write("libs/zoo", ["nowhere"], {"nowhere": '{ path = "gone" }'})
    done = repository.run("resolve")
    assert done.code == 1
    first, second, last = [line for line in done.told if "error" in line]
    assert first.startswith("new: error: ")
    assert second == "zoo: error: pyproject.toml: tool.mvlock.sources.nowhere: 'gone' does not exist"
    assert last == "error: failed for new, zoo, see above"
    found = sorted(path for path in repository.files() if path.endswith("mv.lock"))
    assert found == ["apps/old/mv.lock", "libs/base/mv.lock", "libs/shared/mv.lock"]


def test_a_message_of_several_lines_says_once_which_member_it_is_about(repository: Repository) -> None:
    repository.write("apps/new", ["lib>=3 bad", "also bad"])
    done = repository.run("resolve")
    first = next(number for number, line in enumerate(done.told) if line.startswith("new: error: "))
    assert done.told[first].startswith("new: error: pyproject.toml: project.dependencies[0]: ")
    assert done.told[first + 1].startswith("  pyproject.toml: project.dependencies[1]: ")


def test_an_index_that_cannot_be_reached_is_not_waited_for_again(repository: Repository) -> None:
    repository.index.fail("/simple/", "status", status=403)
    done = repository.run("resolve")
    assert done.code == 3
    assert done.told[-1] == "error: failed for new, see above; not tried for old, base, shared"
    assert not [line for line in done.told if line.startswith("old: ")]


def test_check_and_verify_are_for_all_and_say_whose_lock_is_stale(repository: Repository) -> None:
    repository.run("install")
    assert repository.run("check").code == 0
    repository.write("apps/old", ["lib<2"])
    stale = repository.run("check")
    assert stale.code == 1
    assert "old: error: mv.lock is stale: pyproject.toml has changed since it was made" in stale.told
    assert "run `mvlock resolve`" in stale.err
    assert "--frozen" not in stale.err  # which check does not have
    assert "new: Verified py_modules/ and app/: both match mv.lock" in stale.told
    [damaged] = (repository.root / "apps" / "new" / "py_modules" / "lib").rglob("lib/__init__.py")
    damaged.unlink()
    assert repository.run("verify", "--frozen").told[0] == "new: error: py_modules/lib does not match mv.lock:"


def test_upgrade_passes_over_members_that_do_not_have_the_project(repository: Repository) -> None:
    repository.run("install")
    repository.index.publish("lib", "2.1")
    done = repository.run("upgrade", "lib")
    assert done.code == 0
    assert "new: ~ lib 2.0 → 2.1" in done.told
    assert done.told[-2:] == [f"{name}: mv.lock does not contain 'lib'" for name in _NAMES[2:]]
    nobody = repository.run("upgrade", "lbi")
    assert nobody.code == 2
    assert nobody.told == ["error: mv.lock does not contain 'lbi'; did you mean 'lib'?"]


def test_json_is_one_object_with_what_each_member_says(repository: Repository) -> None:
    repository.write("apps/new", ["lib>=3"])
    done = repository.run("resolve", "--json")
    assert done.code == 1
    members = json.loads(done.out)["members"]
    assert members["old"]["status"] == "changed"
    assert members["new"]["error"]["code"] == "no-version"
    assert members["new"]["exit-code"] == 1


def test_outdated_has_a_table_for_each_member(repository: Repository) -> None:
    repository.run("resolve")
    done = repository.run("outdated")
    assert done.out.splitlines() == [
        "old:",
        "tree  project  locked  upgrade  newest",
        "lib   lib      1.0     -        2.0",
    ]
    assert "new: everything is up to date" in done.told


@pytest.mark.parametrize(
    "words", ["tree", "list", "why lib", "show lib", "run python", "add lib", "remove lib", "graph"]
)
def test_a_command_for_one_project_names_the_members_in_a_root_that_is_none(repository: Repository, words: str) -> None:
    done = repository.run(*words.split())
    assert done.code == 2
    root = f"{repository.root} is the root of a workspace, but not a project itself"
    assert done.told == [
        f"error: {root}; its members are new, old, base, shared",
        "",
        "hint: name one with `--package NAME`, or work in its folder",
    ]


def test_duplicates_are_those_of_all_members(repository: Repository) -> None:
    assert f"error: there is no mv.lock in {repository.root}" in repository.run("tree", "--duplicates").told
    repository.run("resolve", "--package", "new", "--package", "old", "--package", "base")
    done = repository.run("tree", "--duplicates")
    assert done.out.splitlines() == [
        "lib",
        "├── 1.0",
        "│   └── old/lib: pyproject.toml requires lib<2, which excludes 2.0",
        "└── 2.0",
        "    └── new/lib: pyproject.toml requires lib>=2, which excludes 1.0",
    ]
    assert done.told == ["shared: note: not compared: it has no mv.lock yet; run `mvlock resolve`"]
    [facts] = json.loads(repository.run("tree", "--duplicates", "--json").out)
    members = [(one["version"], one["trees"][0]["member"]) for one in facts["versions"]]
    assert members == [("1.0", "old"), ("2.0", "new")]
    alone = repository.run("tree", "--duplicates", "--package", "new")
    assert alone.told == ["no environment has two versions of a project"]
    assert repository.run("tree", "--duplicates", folder="apps/old").told == alone.told


def test_versions_that_nothing_keeps_apart_are_unified_by_an_upgrade(repository: Repository) -> None:
    repository.write("apps/old", ["lib"])
    repository.run("resolve", "--package", "old")
    repository.index.publish("lib", "2.1")
    repository.run("resolve")
    done = repository.run("tree", "--duplicates")
    assert "├── 2.0" in done.out
    assert done.told == [
        "no requirement needs all these versions of lib: unless unify = false, "
        "`mvlock resolve --upgrade-package NAME` unifies those that it can"
    ]
    assert repository.run("resolve", "--upgrade-package", "lib").code == 0
    same = repository.run("tree", "--duplicates")
    assert (same.out, same.told) == ("", ["no two members have different versions of a project"])


def test_a_command_for_one_project_takes_one_member(repository: Repository) -> None:
    repository.run("resolve")
    assert repository.run("list", "--package", "old").out.splitlines()[2].split()[:2] == ["lib", "1.0"]
    two = repository.run("list", "--package", "old", "--package", "new")
    assert (two.code, two.told[0]) == (2, "error: list: only one --package can be given")


def test_help_says_where_several_members_can_be_named(repository: Repository) -> None:
    for command in ("tree", "add", "run"):
        assert "(repeatable)" not in _help_on_package(repository.run(command, "--help"))
    for command in ("resolve", "check"):
        assert "(repeatable)" in _help_on_package(repository.run(command, "--help"))


def _help_on_package(help_page: Outcome) -> str:
    """The text of ``--package``, which stands between the two options around it."""
    return help_page.out.partition("--package NAME")[2].partition("--quiet")[0]


def test_all_packages_of_uv_is_what_the_root_does_anyway(repository: Repository) -> None:
    hint = "hint: in the root of a workspace, `mvlock install` is for all members without it"
    assert repository.run("sync", "--all-packages").told[-1] == hint
    assert repository.run("why", "lib", "--all-packages").told[-1] == "hint: `mvlock why --help` shows the usage"


@pytest.mark.parametrize("words", ["why lib", "tree --invert lib", "show lib"])
def test_a_project_that_only_other_members_have_is_found_there(repository: Repository, words: str) -> None:
    repository.write_root(project='name = "all"\nversion = "1"')
    repository.run("resolve")
    done = repository.run(*words.split())
    assert (done.code, done.told[0]) == (1, "error: mv.lock does not contain 'lib'")
    assert done.told[-1] == "hint: other members of the workspace have it: `--package new`, `--package old`"
    assert repository.run(*words.split(), "--package", "old").code == 0


def test_run_is_in_the_current_directory_with_the_environment_of_a_member(repository: Repository) -> None:
    code = "import lib, os; print(lib.__version__, os.getcwd())"
    place = ["--cache-dir", str(repository.cache), "run", "--package", "old", "python", "-c", code]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-m", "mvlock", *place],
        cwd=repository.root / "libs",
        env=here,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1.0", str(repository.root / "libs")]


def test_a_root_that_is_a_project_is_one_of_all(repository: Repository) -> None:
    repository.write_root(_INDEX.format(url=repository.index.url), 'name = "whole"\ndependencies = ["lib"]')
    done = repository.run("resolve")
    assert done.told[0] == "whole: + lib 2.0"
    assert (repository.root / "mv.lock").exists()
    assert repository.run("list").out.splitlines()[1].split() == ["lib", "2.0", "lib"]
    alone = repository.run("resolve", "--package", "whole")
    assert alone.told == ["mv.lock is up to date"]


def test_a_script_in_the_root_needs_no_member(repository: Repository) -> None:
    (repository.root / "tool.py").write_text(
        "# /// script\n# dependencies = ['lib']\n# [[tool.mvlock.index]]\n# name = 'local'\n"
        f"# url = '{repository.index.url}'\n# default = true\n# ///\nprint('done')\n",
        encoding="utf-8",
    )
    assert repository.run("resolve", "--script", "tool.py").code == 0
    assert (repository.root / "tool.py.lock").exists()


def test_add_writes_the_source_of_a_member(repository: Repository) -> None:
    repository.write("apps/third", [])
    done = repository.run("add", "shared", "lib", folder="apps/third")
    assert done.code == 0
    assert "Added shared = { workspace = true } to tool.mvlock.sources" in done.told
    text = (repository.root / "apps" / "third" / "pyproject.toml").read_text(encoding="utf-8")
    assert "shared = { workspace = true }" in text
    assert 'dependencies = ["shared", "lib>=2.0"]' in text


def test_add_writes_the_source_of_a_member_that_is_required_already(repository: Repository) -> None:
    repository.write("apps/third", ["shared"])
    before = repository.files()
    refused = repository.run("add", "lib", folder="apps/third")
    assert (refused.code, repository.files()) == (2, before)
    assert "write shared = { workspace = true } into [tool.mvlock.sources]" in refused.err
    done = repository.run("add", "shared", folder="apps/third")
    assert done.told[:2] == [
        "'shared' is already in project.dependencies",
        "Added shared = { workspace = true } to tool.mvlock.sources",
    ]
    assert repository.run("check", folder="apps/third").code == 0


def test_members_that_need_each_other_are_both_named(repository: Repository) -> None:
    text = (
        "../shared/pyproject.toml: tool.mvlock.sources.base: 'shared' and 'base' need each other; "
        "put what both of them use into a third project"
    )
    refused = repository.run("add", "shared", folder="libs/base")
    assert (refused.code, refused.told[0]) == (2, f"error: {text}")


def test_a_member_that_is_asked_why_it_has_itself(repository: Repository) -> None:
    repository.run("resolve", "--package", "shared", "--package", "old")
    itself = repository.run("why", "shared", folder="libs/shared")
    assert (itself.code, itself.told[0]) == (1, "error: mv.lock does not contain 'shared': it is this project")
    assert itself.told[-1] == "hint: other members of the workspace have it: `--package old`"


def test_what_a_member_needs_in_several_versions_runs_by_its_own_lock(repository: Repository) -> None:
    repository.write_library("pinned", requires=("lib==1.0",))
    repository.write_library(
        "torn", requires=("pinned", "lib>=2"), more="[tool.mvlock.sources]\npinned = { workspace = true }"
    )
    assert repository.run("resolve", "--package", "torn").code == 0
    repository.write("apps/third", ["torn"], {"torn": "{ workspace = true }"})
    outcome = repository.run("resolve", "--package", "third")
    assert outcome.code == 1
    command = (
        "`mvlock run --package torn …` runs torn by its own lock, where its dependencies can be in trees of their own"
    )
    assert outcome.told[-1].startswith(f"hint: {command}; or set overrides = [")
    (repository.root / "pyproject.toml").write_text("[tool.mvlock.workspace]\nmembers = []\n", "utf-8")
    folders = {name: f'{{ path = "../../libs/{name}" }}' for name in ("torn", "pinned", "outer")}
    repository.write_library("outer", requires=("torn",))
    repository.write("apps/third", ["torn"], folders)
    hint = repository.run("resolve", folder="apps/third").told[-1]
    assert hint.startswith("hint: `mvlock run --project ../../libs/torn …` runs torn by its own lock")
    repository.write("apps/third", ["outer"], folders)
    assert repository.run("resolve", folder="apps/third").told[-1].startswith("hint: set overrides")


def test_settings_of_a_member_are_not_in_the_locks_that_use_it(repository: Repository) -> None:
    added = repository.run("add", "--alias", "lib_old", "lib<2", folder="libs/base")
    assert added.told[-1] == (
        "note: base is used by new, old, shared: aliases are of the project that is run, and lib_old is none of "
        "theirs; add it there, too, if modules of base import it"
    )
    text = (
        "note: base's own alias lib_old is not in this lock: aliases are of the project that is run; "
        "`mvlock add --alias lib_old 'lib<2'` adds it here"
    )
    assert text in repository.run("resolve", folder="libs/shared").told
    assert text in repository.run("add", "lib", folder="apps/new").told
    done = repository.run("add", "--alias", "lib_old", "lib<2", folder="apps/new")
    assert "alias" not in done.told[-1]
    assert text not in done.told
    file = repository.root / "libs" / "base" / "pyproject.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[tool.mvlock]\noverrides = ["lib==2"]\n', "utf-8")
    other = "note: base's own overrides in [tool.mvlock] are not for this lock, but for its own"
    assert other in repository.run("resolve", "--upgrade", folder="apps/new").told


def test_an_edit_names_the_members_whose_locks_it_makes_stale(repository: Repository) -> None:
    repository.run("resolve")
    done = repository.run("add", "lib", folder="libs/shared")
    command = ["resolve", "--package", "new", "--package", "old"]
    assert done.told[-1] == (
        f"note: shared is used by new, old: their locks are stale now; `mvlock {' '.join(command)}` updates them"
    )
    assert repository.run(*command, folder="libs/shared").code == 0
    assert repository.run("resolve", "--check").code == 0
    deepest = repository.run("add", "lib", folder="libs/base").told[-1]
    assert deepest.startswith("note: base is used by new, old, shared: their locks are stale now")
    assert repository.run("resolve").code == 0
    assert "stale" not in repository.run("add", "--group", "dev", "lib", folder="libs/shared").err


def test_a_member_that_needs_a_newer_python_is_named_with_both_ranges(repository: Repository) -> None:
    file = repository.root / "libs" / "shared" / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[project]\n", '[project]\nrequires-python = ">=3.11"\n'), encoding="utf-8")
    done = repository.run("resolve", "--package", "new")
    assert done.code == 1
    assert "(on Python 3.10, linux x86_64): shared 1.0 needs Python >=3.11" in done.told[0]
    assert done.told[-1] == "hint: narrow requires-python ('>=3.10') in pyproject.toml, or require another version"


def test_a_new_dependency_of_a_member_makes_the_locks_that_use_it_stale(repository: Repository) -> None:
    repository.run("resolve")
    repository.write_library(
        "shared", requires=("base", "lib"), more="[tool.mvlock.sources]\nbase = { workspace = true }"
    )
    done = repository.run("resolve", "--check")
    assert done.code == 1
    changed = "../../libs/shared has changed since it was made"
    assert [line for line in done.told if "stale" in line] == [
        f"new: error: mv.lock is stale: {changed}",
        f"old: error: mv.lock is stale: {changed}",
        "shared: error: mv.lock is stale: pyproject.toml has changed since it was made",
    ]


def test_comments_and_layout_of_a_member_change_nothing_that_is_installed(repository: Repository) -> None:
    repository.run("install")
    file = repository.root / "libs" / "shared" / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text("# shared\n" + text.replace('["base"]', '[\n    "base",\n]'), encoding="utf-8")
    assert file.read_text(encoding="utf-8").count('"base",') == 1
    assert repository.run("check").code == 0
    unchanged = [f"{name}: Nothing to do: py_modules/ and app/ match mv.lock" for name in _NAMES]
    assert repository.run("install").told == unchanged
    file.write_text(file.read_text(encoding="utf-8") + "[tool.other]\nlayout = 'flat'\n", encoding="utf-8")
    assert "shared 1.0 has other content" in repository.run("check", "--package", "new").err


def test_a_member_that_is_built_can_be_packed_and_one_in_place_cannot(repository: Repository) -> None:
    repository.run("install")
    refused = repository.run("pack", folder="apps/new")
    assert refused.code == 1
    assert "tree shared: shared 1.0, editable source ../../libs/shared" in refused.err
    assert "set `editable = false` for base, shared in [tool.mvlock.sources]" in refused.err
    row = "{ workspace = true, editable = false }"
    repository.write("apps/new", ["lib>=2", "shared"], {"shared": row, "base": row})
    assert repository.run("resolve", folder="apps/new").code == 0
    assert repository.run("install", folder="apps/new").code == 0
    assert repository.run("pack", folder="apps/new").code == 0


def test_export_names_the_folders_of_members(repository: Repository) -> None:
    repository.run("resolve")
    assert repository.run("export", "--package", "new", "shared", "--format", "requirements").code == 0
    text = (repository.root / "apps" / "new" / "requirements.shared.txt").read_text(encoding="utf-8")
    assert "../../libs/shared" in text


def test_init_says_whether_the_new_project_is_a_member(repository: Repository) -> None:
    done = repository.run("init", "apps/fresh")
    assert done.told[-1] == f"It is a member of the workspace in {repository.root}"
    outside = repository.run("init", "tools/ci").told[-1]
    assert outside.startswith(
        f'note: it is no member of the workspace in {repository.root}; "tools/ci" in `members` of'
    )
    taken = repository.run("init", "tools/old")
    assert (taken.code, taken.told[0]) == (
        2,
        f"error: the workspace in {repository.root} already has a member 'old', in {repository.root / 'apps' / 'old'}",
    )
    assert not (repository.root / "tools" / "old").exists()


def test_init_takes_the_python_of_the_workspace(repository: Repository) -> None:
    fresh = repository.root / "apps" / "fresh" / "pyproject.toml"
    repository.run("init", "apps/fresh")
    assert 'requires-python = ">=3.10"' in fresh.read_text(encoding="utf-8")
    fresh.unlink()
    repository.write_root(project='name = "all"\nversion = "1"\nrequires-python = ">=3.9,<3.13"')
    repository.run("init", "apps/fresh")
    assert 'requires-python = ">=3.9,<3.13"' in fresh.read_text(encoding="utf-8")


def test_a_workspace_begins_without_members(tmp_path: Path, repository: Repository) -> None:
    empty = Repository(tmp_path / "empty", repository.cache, repository.index, repository.capfd)
    empty.write_root()
    refused = empty.run("install")
    assert refused.code == 2
    assert (
        refused.told[0]
        == f"error: {empty.root} is the root of a workspace, but not a project itself; it has no members yet"
    )
    assert empty.run("init", "apps/first").told[-1] == f"It is a member of the workspace in {empty.root}"
    assert empty.run("install").told[-1] == "first: Updated app/ in 0.0 s"


def test_doctor_says_that_a_project_is_in_a_workspace(repository: Repository) -> None:
    assert "is the root of a workspace, but not a project itself; its members are" in repository.run("doctor").out
    assert "member of the workspace in ../..\n" in repository.run("doctor", folder="apps/old").out


@pytest.mark.parametrize("folder", ["apps/old", ""])
def test_package_outside_or_of_no_member_is_an_error(repository: Repository, folder: str) -> None:
    done = repository.run("install", "--package", "odl", folder=folder)
    assert (done.code, done.told) == (
        2,
        [
            f"error: --package: the workspace in {repository.root} has no member 'odl'; its members are new, old, "
            "base, shared; did you mean 'old'?"
        ],
    )

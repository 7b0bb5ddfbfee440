"""A script with a block of metadata (PEP 723) runs in an environment of its own, which lies in the cache."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

import pytest

from tests.commands.command_line import HEAVY, files_below
from tests.commands.desk import MAIN, Desk, output_of
from tests.support.disks import unwritable
from tests.support.project import ProjectFolder
from tests.support.release import Release

TWO = '[tool.mvlock.alias]\nlib_old = "lib<2"\nlib_new = "lib>=2"\n'
SHOW_TWO = "import lib_new, lib_old; print(lib_old.version, lib_new.version)"


def test_two_versions_of_a_library_in_one_file(desk: Desk) -> None:
    desk.write(tool=TWO, code=SHOW_TWO)
    first = desk.mvlock("run", "compare.py")
    assert (first.returncode, first.stdout) == (0, "1.0 2.0\n"), first.stderr
    assert "resolving compare.py\n" in first.stderr
    assert first.stderr.endswith(" s for compare.py\n")
    assert [path.name for path in desk.folder.iterdir()] == ["compare.py"]


def test_the_second_run_needs_no_index_and_says_nothing(desk: Desk) -> None:
    desk.write(tool=TWO, code=SHOW_TWO)
    desk.mvlock("run", "compare.py")
    desk.index.requests.clear()
    again = desk.mvlock("run", "--offline", "compare.py")
    assert (again.returncode, again.stdout, again.stderr) == (0, "1.0 2.0\n", "")
    assert not desk.index.requests


@pytest.mark.parametrize("dependencies", [["lib"], []], ids=["a tree", "no tree"])
def test_the_second_run_imports_nothing_heavy(desk: Desk, dependencies: list[str]) -> None:
    desk.write(dependencies)
    desk.mvlock("run", "compare.py")
    spy = f"import os, sys; os.execvpe = lambda *_: print(sorted({set(HEAVY)} & set(sys.modules)))\n{MAIN}"
    command = desk.command("run", "compare.py")
    command[2] = spy
    assert output_of(command, desk.folder).stdout == "[]\n"


def test_a_changed_block_keeps_the_versions_that_fit(desk: Desk) -> None:
    desk.write(["lib<2"], code="import lib; print(lib.version)")
    assert desk.mvlock("run", "compare.py").stdout == "1.0\n"
    desk.write(["lib", "other"], code="import lib, other; print(lib.version, other.version)")
    changed = desk.mvlock("run", "compare.py")
    assert changed.stdout == "1.0 1.0\n"
    assert "resolving compare.py" in changed.stderr
    desk.write(["lib>=2"], code="import lib; print(lib.version)")
    assert desk.mvlock("run", "compare.py").stdout == "2.0\n"
    desk.write(["lib<2"], code="import lib; print(lib.version)")
    back = desk.mvlock("run", "compare.py")
    assert (back.stdout, back.stderr) == ("1.0\n", "")


def test_code_outside_the_block_changes_nothing(desk: Desk) -> None:
    desk.write(["lib"], code="print(1)")
    desk.mvlock("run", "compare.py")
    desk.write(["lib"], code="print(2)")
    assert desk.mvlock("run", "compare.py").stderr == ""


def test_the_lock_beside_a_script_is_used_and_kept_current(desk: Desk) -> None:
    script = desk.write(["lib<2"], code="import lib; print(lib.version)")
    lock = desk.folder / "compare.py.lock"
    done = desk.mvlock("resolve", "--script", "compare.py")
    assert "Locked 1 distribution in compare.py.lock in " in done.stderr
    assert "1.0" in lock.read_text("utf-8")
    assert desk.mvlock("resolve", "--script", "compare.py").stderr == "compare.py.lock is up to date\n"
    assert "resolving" not in desk.mvlock("run", "compare.py").stderr

    before = lock.read_bytes()
    script.write_text(script.read_text("utf-8").replace("lib<2", "lib>=2"), "utf-8")
    checked = desk.mvlock("resolve", "--check", "--script", "compare.py")
    assert (checked.returncode, lock.read_bytes()) == (1, before)
    assert "compare.py.lock is stale: compare.py has changed since it was made" in checked.stderr
    assert "`mvlock resolve --script compare.py`" in checked.stderr
    stale = desk.mvlock("run", "compare.py")
    assert stale.stdout == "2.0\n"
    assert "compare.py.lock is stale: resolving" in stale.stderr
    assert lock.read_bytes() != before
    assert desk.mvlock("run", "compare.py").stderr == ""


def test_a_lock_fixes_what_an_environment_without_it_has(desk: Desk) -> None:
    """What was run is what is locked, whatever has been published since; and another machine has the same."""
    desk.write(["lib"], code="import lib; print(lib.version)")
    desk.mvlock("run", "compare.py")
    desk.index.publish("lib", "3.0", files={"lib.py": "version = '3.0'\n"})
    desk.mvlock("resolve", "--script", "compare.py")
    elsewhere = Desk(desk.folder, desk.cache.with_name("other-cache"), desk.index)
    assert elsewhere.mvlock("run", "compare.py").stdout == "2.0\n"


def test_frozen_takes_a_stale_lock_as_it_is(desk: Desk) -> None:
    desk.write(["lib<2"], code="import lib; print(lib.version)")
    missing = desk.mvlock("run", "--frozen", "compare.py")
    assert missing.returncode == 1
    assert "there is no lock for compare.py yet" in missing.stderr
    desk.mvlock("resolve", "--script", "compare.py")
    desk.write(["lib>=2"], code="import lib; print(lib.version)")
    assert desk.mvlock("run", "--frozen", "compare.py").stdout == "1.0\n"


WRONG = {
    "not closed": ("# /// script\n# dependencies = []\n", "in line 1 is not closed by `# ///`"),
    "a line without #": ("\n# /// script\n# dependencies = [\n\n# ]\n# ///\n", "in line 2 is not closed by `# ///`"),
    "two": (
        "# /// script\n# dependencies = []\n# ///\n\n# /// script\n# dependencies = []\n# ///\n",
        "two `# /// script` blocks, in lines 1 and 5; there may be one",
    ),
    "not TOML": ("# /// script\n# dependencies = [a]\n# ///\n", "the `# /// script` block: not valid TOML"),
    "no array": ("# /// script\n# dependencies = 'a'\n# ///\n", "compare.py: dependencies: must be an array"),
    "no requirement": ("# /// script\n# dependencies = ['a=>1']\n# ///\n", "compare.py: dependencies[0]: 'a=>1'"),
    "unknown key": (
        "# /// script\n# dependancies = []\n# ///\n",
        "compare.py: dependancies: unknown key; did you mean 'dependencies'?",
    ),
    "unknown setting": (
        "# /// script\n# [tool.mvlock]\n# isolat = 'each'\n# ///\n",
        "compare.py: tool.mvlock.isolat: unknown key; did you mean 'isolate'?",
    ),
    "no such Python": (
        "# /// script\n# requires-python = '<3'\n# ///\n",
        "compare.py: requires-python: '<3' allows no",
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_block_is_an_error_and_nothing_is_run(desk: Desk, text: str, message: str) -> None:
    (desk.folder / "compare.py").write_text(f"{text}print('run')\n", "utf-8")
    done = desk.mvlock("run", "compare.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_blocks_of_other_types_and_other_comments_are_not_metadata(desk: Desk, project: ProjectFolder) -> None:
    text = "# /// other\n# x\n# ///\n#/// script\ntext = '''\n  # /// script\n'''\nprint('run')\n"
    project.add_file("compare.py", text)
    done = desk.mvlock("run", "compare.py", folder=project.root)
    assert (done.returncode, done.stdout) == (0, "run\n"), done.stderr
    assert (project.root / "app").is_dir()


def test_the_project_around_is_not_used(desk: Desk, project: ProjectFolder) -> None:
    project.pyproject.write_text("[broken", "utf-8")
    scripts = Desk(project.root, desk.cache, desk.index)
    scripts.write(["lib"], code="import lib; print(lib.version)")
    done = scripts.mvlock("run", "compare.py")
    assert (done.returncode, done.stdout) == (0, "2.0\n"), done.stderr


def test_sources_are_relative_to_the_script(desk: Desk, tmp_path: Path) -> None:
    local = Release("local", "1.0", files={"local.py": "value = 'first'\n"})
    project = ProjectFolder(desk.folder, desk.cache, desk.index)
    project.add_source("../sources/local", local)
    desk.write(
        ["local"],
        tool='[tool.mvlock.sources]\nlocal = { path = "../sources/local" }\n',
        code="import local; print(local.value)",
    )
    assert desk.mvlock("run", "desk/compare.py", folder=tmp_path).stdout == "first\n"
    desk.mvlock("resolve", "--script", "compare.py")
    assert "../sources/local" in (desk.folder / "compare.py.lock").read_text("utf-8")
    assert str(tmp_path) not in (desk.folder / "compare.py.lock").read_text("utf-8")
    (tmp_path / "sources" / "local" / "src" / "local.py").write_text("value = 'second'\n", "utf-8")
    assert desk.mvlock("run", "compare.py").stdout == "second\n"


FACTS = """
import sys, runpy, helper, __main__
print(sys.argv, sys.path[0], __file__, __name__, __main__ is sys.modules["__main__"], __main__.__spec__)
print(helper.__file__, __builtins__, sys.flags.safe_path, len(sys.orig_argv), sys.stdin.read())
sys.exit(5)
"""


def test_a_script_finds_itself_as_in_a_virtual_environment(desk: Desk, tmp_path: Path) -> None:
    (desk.folder / "helper.py").touch()
    desk.write(["lib"], code=FACTS)
    venv.create(tmp_path / "plain", symlinks=True)
    plain = [str(tmp_path / "plain" / "bin" / "python"), "desk/compare.py", "-q", "--", "x y"]
    expected = output_of(plain, tmp_path, stdin="input")
    desk.mvlock("run", "desk/compare.py", folder=tmp_path)
    done = desk.mvlock("run", "desk/compare.py", "-q", "--", "x y", folder=tmp_path, stdin="input")
    assert done.returncode == expected.returncode == 5
    assert done.stdout == expected.stdout


def test_a_script_on_standard_input(desk: Desk, tmp_path: Path) -> None:
    text = desk.write(["lib"], code="import lib, sys; print(lib.version, sys.argv, sys.path[0])").read_text("utf-8")
    first = desk.mvlock("run", "-", "x", stdin=text)
    assert (first.returncode, first.stdout) == (0, "2.0 ['-', 'x'] \n"), first.stderr
    assert desk.mvlock("run", "-", "x", stdin=text).stderr == ""
    project = ProjectFolder(tmp_path / "project", desk.cache, desk.index)
    project.root.mkdir()
    project.write(["lib<2"])
    done = desk.mvlock("run", "-", stdin="import lib; print(lib.version)", folder=project.root)
    assert done.stdout == "1.0\n", done.stderr


def test_a_script_in_a_folder_that_may_not_be_written(desk: Desk) -> None:
    desk.write(tool=TWO, code=SHOW_TWO)
    with unwritable(desk.folder) as prefix:
        done = output_of([*prefix, *desk.command("run", "compare.py")], desk.folder)
        refused = output_of([*prefix, *desk.command("resolve", "--script", "compare.py")], desk.folder)
    assert (done.returncode, done.stdout) == (0, "1.0 2.0\n"), done.stderr
    assert refused.returncode == 2
    assert "compare.py.lock" in refused.stderr


def test_a_run_leaves_nothing_beside_the_script(desk: Desk) -> None:
    desk.write(tool=TWO, code=SHOW_TWO)
    before = files_below(desk.folder)
    desk.mvlock("run", "compare.py")
    assert files_below(desk.folder) == before


def test_paths_with_spaces_and_other_letters(desk: Desk) -> None:
    folder = desk.folder / "größe 1 '2'"
    folder.mkdir()
    odd = Desk(folder, desk.cache.with_name("cache für alle"), desk.index)
    odd.write(tool=TWO, code=SHOW_TWO, name="prüf mich.py")
    assert odd.mvlock("run", "prüf mich.py").stdout == "1.0 2.0\n"
    assert odd.mvlock("resolve", "--script", "prüf mich.py").returncode == 0
    assert (folder / "prüf mich.py.lock").exists()
    assert odd.mvlock("run", "prüf mich.py").stdout == "1.0 2.0\n"


def test_windows_line_ends_and_a_byte_order_mark(desk: Desk) -> None:
    script = desk.write(["lib"], code="import lib; print(lib.version)")
    script.write_bytes(b"\xef\xbb\xbf" + script.read_bytes().replace(b"\n", b"\r\n"))
    assert desk.mvlock("run", "compare.py").stdout == "2.0\n"
    assert desk.mvlock("add", "--script", "compare.py", "other").returncode == 0
    assert b"other" in script.read_bytes()
    assert script.read_bytes().startswith(b"\xef\xbb\xbf# /// script\r\n")
    assert script.read_bytes().count(b"\n") == script.read_bytes().count(b"\r\n")


def test_first_runs_at_the_same_time(desk: Desk) -> None:
    desk.write(tool=TWO, code=SHOW_TWO)
    runs = [
        subprocess.Popen(desk.command("run", "compare.py"), cwd=desk.folder, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outcomes = [(run.communicate()[0], run.returncode) for run in runs]
    assert outcomes == [("1.0 2.0\n", 0)] * 4
    assert len(desk.environments()) == 1


def test_pruning_keeps_what_scripts_need_as_they_are(desk: Desk) -> None:
    script = desk.write(["lib<2"], code="import lib; print(lib.version)")
    desk.mvlock("run", "compare.py")
    desk.mvlock("run", "--with", "other", "compare.py")
    desk.write(["lib>=2"], code="import lib; print(lib.version)")
    desk.mvlock("run", "compare.py")
    assert len(desk.environments()) == 3
    desk.mvlock("cache", "prune")
    assert len(desk.environments()) == 1
    assert desk.mvlock("run", "--offline", "compare.py").stderr == ""
    script.unlink()
    desk.mvlock("cache", "prune")
    assert desk.environments() == []
    assert not list(desk.cache.glob("store-*/wheels/*/*"))


def test_a_conflict_is_reported_with_the_keys_of_the_block(desk: Desk) -> None:
    desk.write(["other", "lib>=3"])
    done = desk.mvlock("run", "compare.py")
    assert done.returncode == 1
    assert "error: tree lib cannot be resolved: dependencies[1] requires lib>=3" in done.stderr


def test_a_missing_script_is_what_python_reports(desk: Desk, project: ProjectFolder) -> None:
    done = desk.mvlock("run", "no.py", folder=project.root)
    assert done.returncode == 2
    assert "can't open file" in done.stderr

"""``init``, ``add`` and ``remove`` with ``--script`` edit the block of a script, and nothing else of it."""

from __future__ import annotations

import pytest

from mvlock.project.script import script_of
from tests.commands.desk import Desk


def test_a_new_script(desk: Desk) -> None:
    done = desk.mvlock("init", "--script", "new.py")
    assert (done.returncode, done.stderr) == (0, "Started new.py\n")
    text = (desk.folder / "new.py").read_text("utf-8")
    assert text.startswith('# /// script\n# requires-python = ">=3.')
    assert text.endswith('"\n# dependencies = []\n# ///\n')
    assert desk.mvlock("init", "--script", "new.py").returncode == 2


def test_a_block_for_a_script_that_there_is(desk: Desk) -> None:
    path = desk.folder / "old.py"
    path.write_text("#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nprint('ü')\n", "utf-8")
    path.chmod(0o750)
    assert desk.mvlock("init", "--script", "old.py").returncode == 0
    lines = path.read_text("utf-8").splitlines()
    assert lines[:3] == ["#!/usr/bin/env python", "# -*- coding: utf-8 -*-", "# /// script"]
    assert lines[-3:] == ["# ///", "", "print('ü')"]
    assert path.stat().st_mode & 0o777 == 0o750
    assert desk.mvlock("run", "old.py").stdout == "ü\n"


def test_adding_keeps_comments_and_code(desk: Desk) -> None:
    path = desk.write(
        ["lib<2"], tool="# why two\n[tool.mvlock]\nunify = true\n", code="import lib  # code\n\n# /// end"
    )
    before = path.read_text("utf-8")
    done = desk.mvlock("add", "--script", "compare.py", "other")
    assert done.returncode == 0, done.stderr
    assert "Added 'other>=1.0' to dependencies\n" in done.stderr
    assert path.read_text("utf-8") == before.replace('["lib<2"]', '["lib<2", "other>=1.0"]')
    assert not (desk.folder / "compare.py.lock").exists()
    assert "resolving" not in desk.mvlock("run", "compare.py").stderr


def test_removing(desk: Desk) -> None:
    path = desk.write(["lib<2", "other"])
    desk.mvlock("resolve", "--script", "compare.py")
    done = desk.mvlock("remove", "--script", "compare.py", "other")
    assert done.returncode == 0, done.stderr
    assert '# dependencies = ["lib<2"]\n' in path.read_text("utf-8")
    assert "other" not in (desk.folder / "compare.py.lock").read_text("utf-8")
    assert desk.mvlock("resolve", "--check", "--script", "compare.py").returncode == 0
    missing = desk.mvlock("remove", "--script", "compare.py", "other")
    assert (missing.returncode, missing.stderr) == (2, "error: 'other' is not in dependencies\n")


def test_what_cannot_be_resolved_changes_neither_script_nor_lock(desk: Desk) -> None:
    path = desk.write(["lib<2"])
    desk.mvlock("resolve", "--script", "compare.py")
    lock = path.with_name("compare.py.lock")
    before = path.read_bytes(), lock.read_bytes()
    assert desk.mvlock("add", "--script", "compare.py", "lib>=9; sys_platform == 'linux'").returncode == 1
    assert (path.read_bytes(), lock.read_bytes()) == before


def test_a_block_without_dependencies_gets_them_before_its_tables(desk: Desk) -> None:
    path = desk.write()
    path.write_text(path.read_text("utf-8").replace("# dependencies = []\n", ""), "utf-8")
    assert desk.mvlock("add", "--script", "compare.py", "--raw", "lib").returncode == 0
    text = path.read_text("utf-8")
    assert text.index('# dependencies = ["lib"]') < text.index("# [[tool.mvlock.index]]")


@pytest.mark.parametrize("words", [("add", "lib"), ("remove", "lib"), ("resolve",)], ids=lambda words: words[0])
def test_a_script_without_a_block_cannot_be_edited(desk: Desk, words: tuple[str, ...]) -> None:
    (desk.folder / "bare.py").write_text("print(1)\n", "utf-8")
    done = desk.mvlock(words[0], "--script", "bare.py", *words[1:])
    assert done.returncode == 2
    assert "bare.py has no `# /// script` block" in done.stderr
    assert "`mvlock init --script bare.py` adds one" in done.stderr


def test_groups_are_for_projects(desk: Desk) -> None:
    desk.write()
    assert desk.mvlock("add", "--script", "compare.py", "--dev", "lib").returncode == 2


BLOCKS = ["a = 1\n", "a = 1\n\n[b]\n", 'a = """\n  x  \n\n# /// \n"""\n', "# comment\n"]


@pytest.mark.parametrize("toml", BLOCKS)
@pytest.mark.parametrize(
    "text", ["", "x = 1", "#!python\n", "#!python", "# /// script\n# b = 1\n# ///\nx = '''\n# x'''\n"]
)
def test_a_block_is_read_as_it_was_written(text: str, toml: str, desk: Desk) -> None:
    new = script_of(desk.folder / "x.py", text.encode()).with_block(toml)
    assert script_of(new.path, new.content).block == toml

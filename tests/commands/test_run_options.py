"""``mvlock run``: modules, requirements for one run, files with variables, no project; exit codes and signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mvlock.commands.variable_files import read_variables
from mvlock.errors import LocalError
from tests.commands.command_line import files_below
from tests.commands.desk import Desk
from tests.support.project import ProjectFolder


@pytest.fixture
def shop(desk: Desk, project: ProjectFolder) -> Desk:
    """The project's folder as a desk; the project requires ``lib`` 1."""
    project.write(["lib<2"], files={"show.py": "import sys, lib\nprint(lib.version, sys.argv[1:], __name__)\n"})
    return Desk(project.root, desk.cache, desk.index)


def test_a_module_gets_all_that_follows(shop: Desk) -> None:
    done = shop.mvlock("run", "-m", "show", "-q", "--with", "x", "--version")
    assert (done.returncode, done.stdout) == (0, "1.0 ['-q', '--with', 'x', '--version'] __main__\n"), done.stderr
    assert shop.mvlock("run", "-q", "-m", "show", "a", "--", "b").stdout == "1.0 ['a', '--', 'b'] __main__\n"


def test_a_module_without_a_name_is_a_mistake(shop: Desk) -> None:
    assert shop.mvlock("run", "-m").returncode == 2


def test_a_requirement_for_one_run(shop: Desk) -> None:
    shop.index.publish("extra", "1.0", files={"extra.py": "version = '1.0'\n"})
    assert shop.mvlock("run", "show.py").returncode == 0
    before = files_below(shop.folder)
    with_it = ("run", "--with", "extra", "python", "-c", "import extra, lib, show; print(extra.version)")
    first = shop.mvlock(*with_it)
    assert (first.returncode, first.stdout.splitlines()[-1]) == (0, "1.0"), first.stderr
    assert files_below(shop.folder).keys() - before.keys() <= {"__pycache__/show.cpython-311.pyc"}
    assert {name: files_below(shop.folder)[name] for name in before} == before
    again = shop.mvlock(*with_it[:1], "--offline", *with_it[1:])
    assert (again.returncode, again.stderr) == (0, "")
    assert shop.mvlock("run", "python", "-c", "import extra").returncode == 1


def test_a_requirement_for_one_run_keeps_the_locked_versions(shop: Desk) -> None:
    shop.index.publish("extra", "1.0", files={"extra.py": ""})
    shop.mvlock("resolve")
    shop.index.publish("lib", "1.5", files={"lib.py": "version = '1.5'\n"})
    assert shop.mvlock("run", "--with", "extra", "show.py").stdout.startswith("1.0 ")
    shop.mvlock("resolve", "--upgrade")
    assert shop.mvlock("run", "--with", "extra", "show.py").stdout.startswith("1.5 ")


def test_the_project_is_the_same_distribution_in_a_run_with_more(shop: Desk) -> None:
    code = "import importlib.metadata as metadata; print(metadata.version('my-app'))"
    assert shop.mvlock("run", "--with", "lib", "python", "-c", code).stdout == "0.1\n"


def test_a_wrong_requirement_for_one_run(shop: Desk) -> None:
    done = shop.mvlock("run", "--with", "a=>1", "show.py")
    assert done.returncode == 2
    assert done.stderr.startswith("error: 'a=>1' is not a requirement")


def test_a_script_with_a_requirement_for_one_run(desk: Desk) -> None:
    desk.write(["lib<2"], code="import lib, sys; print(lib.version); import other")
    assert desk.mvlock("run", "compare.py").returncode == 1
    assert desk.mvlock("run", "--with", "other", "compare.py").stdout == "1.0\n"


def test_without_a_project(shop: Desk, tmp_path: Path) -> None:
    place = ("--no-project", "--index-url", shop.index.url, "--with", "lib>=2")
    code = "import lib, sys; print(lib.version, sys.argv[1:])"
    done = shop.mvlock("run", *place, "python", "-c", code)
    assert (done.returncode, done.stdout) == (0, "2.0 []\n"), done.stderr
    assert sorted(path.name for path in shop.folder.iterdir()) == ["pyproject.toml", "show.py"]
    elsewhere = shop.mvlock("run", "--offline", *place, "python", "-c", code, folder=tmp_path)
    assert (elsewhere.stdout, elsewhere.stderr) == ("2.0 []\n", "")
    assert shop.mvlock("run", "--no-project", "python", "-c", "import lib").returncode == 1


def test_variables_from_files_do_not_replace_those_that_are_set(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.folder / "first.env").write_text("A=1\nB='two words'  # comment\nexport C=${A}3\nHOME=/nowhere\nD\n", "utf-8")
    (shop.folder / "second.env").write_text("A=ü\n", "utf-8")
    code = "import os; print(*(os.environ.get(name) for name in 'ABCD'), os.environ['HOME'] != '/nowhere')"
    files = ("--env-file", "first.env", "--env-file", "second.env")
    done = shop.mvlock("run", "-q", *files, "python", "-c", code)
    assert (done.returncode, done.stdout) == (0, "ü two words 13 None True\n"), done.stderr


def test_a_missing_file_of_variables_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"no\.env cannot be read: No such file") as raised:
        read_variables([str(tmp_path / "no.env")])
    assert raised.value.code == "file-unreadable"


def test_the_interpreter_is_chosen_by_the_block_and_by_the_option(desk: Desk) -> None:
    desk.write(["lib"], code="import sys; print(sys.version_info[:2] >= (3, 10))")
    assert desk.mvlock("run", "--python", "3.11", "compare.py").stdout == "True\n"
    refused = desk.mvlock("run", "--python", "3.1", "compare.py")
    assert refused.returncode == 2


def test_signals_reach_the_script_and_end_it(desk: Desk) -> None:
    desk.write(code="import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    with subprocess.Popen(
        desk.command("run", "-q", "compare.py"), cwd=desk.folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == -signal.SIGTERM


def test_a_program_of_another_python_is_noted(shop: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, first in (("pytest", f"#!{sys.executable}\nprint"), ("tool", "#!/bin/sh\necho ")):
        program = tmp_path / "elsewhere" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"{first}('ran')\n" if name == "pytest" else f"{first}ran\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'elsewhere'}{os.pathsep}{os.environ['PATH']}")
    shop.mvlock("install")
    done = shop.mvlock("run", "pytest")
    assert (done.returncode, done.stdout) == (0, "ran\n")
    assert done.stderr == (
        f"note: pytest is not of this project: {tmp_path}/elsewhere/pytest runs, "
        "which does not have its dependencies; `mvlock add --dev pytest`\n"
    )
    for words in (("tool",), ("python", "-c", "print('ran')")):
        assert (shop.mvlock("run", *words).stdout, shop.mvlock("run", *words).stderr) == ("ran\n", "")


def test_a_mistyped_program_has_a_suggestion(shop: Desk) -> None:
    shop.index.publish("lib", "1.1", files={"lib.py": "def go(): pass\n"}, scripts={"flask": "lib:go"})
    done = shop.mvlock("run", "flsk")
    assert "neither in app/bin nor on PATH; did you mean 'flask'?" in done.stderr

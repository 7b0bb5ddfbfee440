"""Every wrong input: one clear message, the right exit code, no traceback, nothing written."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock, files_below, run_main
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@dataclass(frozen=True)
class Wrong:
    """A project that cannot be locked, and what is said of it."""

    message: str
    code: int = 2
    tool: str = ""
    dependencies: tuple[str, ...] = ()


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong("tool.mvlock.isolat: unknown key; did you mean 'isolate'?", tool='isolat = "each"'),
        Wrong("project.dependencies[0]: 'foo=>1' is not a requirement", dependencies=("foo=>1",)),
        Wrong("pyproject.toml: not valid TOML:", tool="a = = 1"),
        Wrong("nowhere", code=1, dependencies=("nowhere",)),
        Wrong("a>9", code=1, dependencies=("a>9",)),
        Wrong("tool.mvlock.sources.a: 'gone' does not exist", tool='sources.a = { path = "gone" }'),
    ],
    ids=lambda wrong: wrong.message,
)
@pytest.mark.parametrize("command", [("resolve",), ("run", "python")])
def test_a_project_that_cannot_be_locked(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, wrong: Wrong, command: tuple[str, ...]
) -> None:
    index.publish("a", "1.0")
    project.write(wrong.dependencies, tool=wrong.tool)
    before = files_below(project.root)
    outcome = mvlock(*command)
    assert outcome.code == wrong.code
    assert "error: " in outcome.err
    assert wrong.message in outcome.err
    assert "Traceback" not in outcome.err
    assert files_below(project.root) == before


def test_no_project(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for command in ("resolve", "install", "tree"):
        assert run_main(command, "--project", str(tmp_path)) in (1, 2)
        assert "Traceback" not in capfd.readouterr().err
    assert run_main("resolve", "--project", str(tmp_path)) == 2
    err = capfd.readouterr().err
    assert err.startswith(f"error: no pyproject.toml in {tmp_path}")
    assert "hint: `mvlock init`" in err


def test_requirements_of_one_tree_that_conflict_are_named(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("a", "1.0", requires=["c<2"])
    index.publish("b", "1.0", requires=["c>=2"])
    for version in ("1.0", "2.0"):
        index.publish("c", version)
    project.write(tool='trees.both = ["a", "b"]')
    outcome = mvlock("resolve")
    assert outcome.code == 1
    for fact in ("a", "b", "c<2", "c>=2"):
        assert fact in outcome.err


def test_an_index_that_does_not_answer_is_code_3(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"])
    outcome = mvlock("resolve", "--index-url", "http://127.0.0.1:9/simple/")
    assert (outcome.code, "Traceback" in outcome.err) == (3, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('lock-version = "9.0"\n', "format 9.0"),
        ("<<<<<<< ours\n", "merge conflict"),
        ("x = = 1\n", "mv.lock is not valid TOML"),
        ('lock-version = "1.0"\ninputs = 3\n', "mv.lock is invalid"),
    ],
)
@pytest.mark.parametrize("command", [("resolve",), ("install",), ("tree",), ("why", "a"), ("run", "true")])
def test_a_lock_that_cannot_be_read(
    mvlock: Mvlock, project: ProjectFolder, text: str, message: str, command: tuple[str, ...]
) -> None:
    (project.root / "mv.lock").write_text(text, encoding="utf-8")
    outcome = mvlock(*command)
    assert outcome.code == 2
    assert message in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("command", [("install", "--locked"), ("tree",), ("why", "a"), ("run", "--frozen", "true")])
def test_no_lock_is_code_1_with_the_way_out(mvlock: Mvlock, command: tuple[str, ...]) -> None:
    outcome = mvlock(*command)
    assert outcome.code == 1
    assert outcome.err.startswith("error: there is no mv.lock in ")
    assert outcome.err.endswith("hint: run `mvlock resolve`\n")


def test_a_python_that_is_not_there_is_code_2(mvlock: Mvlock) -> None:
    outcome = mvlock("resolve", "--only-host", "--python", "3.99")
    assert outcome.code == 2
    assert outcome.err.startswith("error: Python '3.99' was not found")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--group", "lnit"), "there is no dependency group 'lnit'; did you mean 'lint'?"),
        (("--no-group", "x"), "there is no dependency group 'x'"),
        (("--extra", "fst"), "there is no extra 'fst'; did you mean 'fast'?"),
        (("--only", "b"), "mv.lock has no tree 'b'"),
    ],
)
def test_install_is_given_names_that_do_not_exist(
    mvlock: Mvlock, project: ProjectFolder, words: tuple[str, ...], message: str
) -> None:
    project.write(extra="[dependency-groups]\nlint = []\n[project.optional-dependencies]\nfast = []\n")
    assert mvlock("resolve").code == 0
    outcome = mvlock("install", *words)
    assert (outcome.code, outcome.err) == (2, f"error: {message}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_folder_whose_name_is_not_utf8_is_refused_and_shown(
    project: ProjectFolder, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    shutil.copy(project.write().pyproject, folder)
    for words in (["resolve"], ["--cache-dir", str(folder), "--project", str(project.root), "resolve"]):
        place = ["--cache-dir", str(project.cache), "--project", str(folder)]
        assert run_main(*(words if "--project" in words else [*place, *words])) == 2
        assert rf"has a name that is not UTF-8: {tmp_path}/caf\xe9" in capfd.readouterr().err

"""The same command line once more: it answers without reading anything anew, and never says what is not so."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

INSTALLED = "Nothing to do: py_modules/ and app/ match mv.lock\n"
LOCKED = "mv.lock is up to date\n"
SLOW = {"argparse", "contextlib", "enum", "json", "pathlib", "re", "signal", "typing"}
ROOT = Path(__file__).parents[2]
CODE = f"""
import sys
from mvlock.commands import main
code = main()
print(sorted({SLOW!r} & set(sys.modules)))
sys.exit(code)
"""


@dataclass(frozen=True)
class Answer:
    """What a command says, and whether it has read its command line."""

    text: str
    at_once: bool


Ask = Callable[..., Answer]


@pytest.fixture
def ask(project: ProjectFolder, tmp_path: Path) -> Ask:
    """A command in a process of its own, in the folder of the project, as nobody in particular."""
    (tmp_path / "home").mkdir()
    own = {"PYTHONPATH": str(ROOT), "MVLOCK_CACHE_DIR": str(project.cache), "HOME": str(tmp_path / "home")}

    def ask(*words: str, folder: Path = project.root, **variables: str) -> Answer:
        done = subprocess.run(
            [sys.executable, "-S", "-c", PATHS + CODE, *words],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **own, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(done.stderr, done.returncode == 0 and ast.literal_eval(done.stdout.splitlines()[-1]) == [])

    return ask


PATHS = f"import sys; sys.path[:] = {sys.path!r}\n"
"""Without ``site``, which imports much of this in some environments."""


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, ask: Ask) -> None:
    """A project that is locked and installed."""
    index.publish("a", "1.0", files={"a/__init__.py": ""})
    index.publish("a", "2.0")
    project.write(["a<2"])
    assert not ask("resolve").at_once
    assert not ask("install").at_once


def test_the_second_time_nothing_is_read_anew(ask: Ask) -> None:
    assert [ask("resolve"), ask("install")] == [Answer(LOCKED, True), Answer(INSTALLED, True)]


@pytest.mark.parametrize("words", ["sync", "install --no-progress", "--project . install", "lock", "resolve --check"])
def test_synonyms_and_options_are_other_words(ask: Ask, words: str) -> None:
    first, second = ask(*words.split()), ask(*words.split())
    assert first.text in {INSTALLED, LOCKED}
    assert (first.at_once, second) == (False, Answer(first.text, True))


def test_quiet_is_quiet(ask: Ask) -> None:
    ask("install", "-q")
    assert ask("install", "-q") == Answer("", True)
    assert ask("install") == Answer(INSTALLED, True)


@pytest.mark.parametrize(
    "words", [["-v", "install"], ["resolve", "--json"], ["install", "--log-file", "log"]], ids=" ".join
)
def test_what_says_more_is_said_anew(ask: Ask, words: list[str]) -> None:
    assert [ask(*words).at_once, ask(*words).at_once] == [False, False]


def test_elsewhere_the_same_words_are_another_question(ask: Ask, project: ProjectFolder, tmp_path: Path) -> None:
    below = project.root / "src"
    below.mkdir()
    assert [ask("install", folder=below), ask("install", folder=below)] == [Answer(INSTALLED, False)] * 2
    assert "no pyproject.toml" in ask("install", folder=tmp_path / "home").text


CHANGES: dict[str, tuple[Callable[[ProjectFolder], object], str]] = {
    "pyproject.toml": (lambda project: project.write(["a>=2"]), "is stale"),
    "the lock": (lambda project: project.add_file("mv.lock", "not a lock"), "not valid TOML"),
    "a tree": (lambda project: shutil.rmtree(project.root / "py_modules/a"), "+ a 1.0"),
    "no project": (lambda project: (project.root / "pyproject.toml").unlink(), "no pyproject.toml"),
    "the Python": (lambda project: project.add_file(".python-version", "3.99"), "3.99"),
    "settings": (lambda project: project.add_file("../home/.config/mvlock/config.toml", "x = 1"), "unknown key"),
    "a workspace": (
        lambda project: project.write(["a<2"], tool="workspace = { members = ['nowhere/*'] }"),
        f"my-app: {INSTALLED}",
    ),
}


@pytest.mark.parametrize(("change", "text"), CHANGES.values(), ids=CHANGES.keys())
def test_whatever_changes_is_read_anew(
    ask: Ask, project: ProjectFolder, change: Callable[[ProjectFolder], object], text: str
) -> None:
    assert ask("install").at_once
    change(project)
    answer = ask("install")
    assert text in answer.text
    assert not answer.at_once


def test_a_variable_that_changes_is_read_anew(ask: Ask) -> None:
    assert ask("install", MVLOCK_QUIET="1").text == ""
    assert "MVLOCK_QUIET must be 1 or 0" in ask("install", MVLOCK_QUIET="maybe").text


def test_a_damaged_note_is_no_answer(ask: Ask, project: ProjectFolder) -> None:
    for note in (project.cache / "answers-1").glob("[0-9a-f]*"):
        whole = note.read_bytes()
        for damaged in (b"", whole[:-1], whole[:80] + b"\0" + whole[81:], b"x" * 200):
            note.write_bytes(damaged)
            assert ask("install").text == INSTALLED
            assert ask("resolve").text == LOCKED


def test_another_command_with_such_a_word_has_no_answer(ask: Ask, index: LocalIndex) -> None:
    index.publish("install", "1.0")
    assert not ask("add", "install").at_once
    assert not ask("add", "install").at_once
    assert not ask("tree", "install").at_once


def test_a_failure_is_not_remembered(ask: Ask, project: ProjectFolder) -> None:
    project.write(["missing"])
    first, second = ask("resolve"), ask("resolve")
    assert "missing" in first.text
    assert second == first


def test_a_cache_that_nobody_names_on_the_command_line_is_needed(ask: Ask, tmp_path: Path) -> None:
    words = ["install", "--cache-dir", str(tmp_path / "other")]
    assert [ask(*words).at_once, ask(*words).at_once] == [False, False]


def test_pruning_the_cache_forgets(ask: Ask, project: ProjectFolder) -> None:
    ask("cache", "prune")
    assert not (project.cache / "answers-1").exists()
    assert [ask("install").at_once, ask("install").at_once] == [False, True]


def test_settings_that_change_in_place_are_read_anew(ask: Ask, project: ProjectFolder) -> None:
    settings = project.add_file("../home/.config/mvlock/config.toml", "offline = true ")
    assert [ask("install").at_once, ask("install").at_once] == [False, True]
    before = settings.stat()
    settings.write_text("offline = maybe")
    os.utime(settings, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "not valid TOML" in ask("install").text


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_a_default_cache_of_another_user_has_no_answers(ask: Ask, project: ProjectFolder, tmp_path: Path) -> None:
    usual = {"MVLOCK_CACHE_DIR": "", "XDG_CACHE_HOME": str(tmp_path / "caches")}
    assert [ask("install", **usual).at_once, ask("install", **usual).at_once] == [False, True]
    os.chown(tmp_path / "caches/mvlock", 12345, -1)
    assert "belongs to another user" in ask("install", **usual).text


def test_a_workspace_above_is_noticed(ask: Ask, project: ProjectFolder) -> None:
    project.add_file("../pyproject.toml", "[tool.mvlock.workspace]\nmembers = ['x']\n[tool.mvlock]\nunify = 1\n")
    assert not ask("install").at_once


@pytest.mark.parametrize("word", ["install", "resolve", "verify"])
def test_without_standard_error_it_works_as_with_it(ask: Ask, project: ProjectFolder, word: str) -> None:
    command = [sys.executable, "-m", "mvlock", "--project", str(project.root), "--cache-dir", str(project.cache), word]
    line = 'exec 2>&-; exec "$@"'
    done = subprocess.run(["/bin/sh", "-c", line, "sh", *command], cwd=ROOT, check=False, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (0, b"")

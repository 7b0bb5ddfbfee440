"""A project that has folders of its own called ``app`` and ``py_modules``: mvlock uses others, and says so in time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mvlock.project.load import load_project
from tests.commands.command_line import Mvlock, run_main
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_ADVICE = (
    "app was not made by mvlock, and stays as it is\n\n"
    'hint: write `app = ".venv"` in [tool.mvlock]: then mvlock installs there\n'
)


@pytest.fixture(autouse=True)
def code(index: LocalIndex, project: ProjectFolder) -> Path:
    """A package ``app`` of the project, which requires ``a``."""
    index.publish("a", "1.0", files={"a.py": "name = 'a'\n"}, scripts={"go": "a:name"})
    project.write(["a"])
    return project.add_file("app/__init__.py", "import a\nname = a.name\n")


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_init_takes_other_folders_and_says_so(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder, code: Path
) -> None:
    (project.root / "pyproject.toml").unlink()
    project.add_file("py_modules/mine.py", "")
    project.add_file(".gitignore", "*.pyc\n")
    outcome = mvlock("init", "--name", "x")
    assert outcome.code == 0
    assert outcome.err.splitlines()[1:] == [
        'app/ was not made by mvlock, and stays as it is: app = ".venv" in [tool.mvlock]',
        'py_modules/ was not made by mvlock, and stays as it is: modules = "mvlock_modules" in [tool.mvlock]',
    ]
    assert (project.root / ".gitignore").read_text() == "*.pyc\n"
    loaded = load_project(project.root)
    assert (loaded.app, loaded.modules) == (".venv", "mvlock_modules")
    assert mvlock("add", "a", "--index-url", index.url).code == 0
    python = project.root / ".venv/bin/python"
    program = [str(python), "-c", "import app; print(app.name)"]
    assert subprocess.run(program, cwd=project.root, capture_output=True, check=True).stdout == b"a\n"
    assert "pyvenv.cfg" not in _names(code.parent)
    status = ["git", "status", "--short"]
    subprocess.run(["git", "init", "--quiet"], cwd=project.root, check=True)
    listed = subprocess.run(status, cwd=project.root, capture_output=True, text=True, check=True).stdout
    assert "?? app/" in listed
    assert "?? py_modules/" in listed
    assert ".venv" not in listed
    assert "mvlock_modules" not in listed


def test_an_environment_of_another_tool_is_not_used_either(tmp_path: Path) -> None:
    for name in ("app", ".venv"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyvenv.cfg").touch()
    assert run_main("init", str(tmp_path), "--name", "x") == 0
    assert load_project(tmp_path).app == "mvlock_app"


def test_init_from_takes_another_folder_unless_the_project_names_one(mvlock: Mvlock, project: ProjectFolder) -> None:
    (project.root / "pyproject.toml").unlink()
    source = str(project.add_file("requirements.txt", "a\n"))
    assert 'app = ".venv"' in mvlock("init", "--from", source, "--dry-run").out
    assert "app/ was not made by mvlock, and stays as it is" in mvlock("init", "--from", source).err
    assert load_project(project.root).app == ".venv"
    (project.root / "pyproject.toml").write_text('[tool.mvlock]\napp = "env"\n')
    assert "not made by mvlock" not in mvlock("init", "--from", source, "--name", "x").err
    assert load_project(project.root).app == "env"


@pytest.mark.parametrize("words", [("add", "missing"), ("install",), ("run", "go")])
def test_commands_that_install_refuse_before_they_resolve(mvlock: Mvlock, words: tuple[str, ...]) -> None:
    outcome = mvlock(*words)
    assert (outcome.code, outcome.err) == (2, f"error: {_ADVICE}")


def test_resolve_locks_and_notes_it(mvlock: Mvlock) -> None:
    outcome = mvlock("resolve")
    assert outcome.code == 0
    assert outcome.err.startswith("note: app was not made by mvlock")
    assert mvlock("add", "--no-install", "a").code == 0


def test_check_and_doctor_say_it_once(mvlock: Mvlock) -> None:
    mvlock("resolve")
    assert mvlock("check").err == f"mv.lock is up to date\nerror: {_ADVICE}"
    outcome = mvlock("doctor")
    assert outcome.code == 1
    assert "error    app was not made by mvlock" in outcome.out


def test_the_environment_of_another_tool_may_be_deleted(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_file("app/pyvenv.cfg", "")
    assert mvlock("install").err == (
        "error: app/ is an environment that mvlock did not make: it has no .mvlock.json\n\n"
        'hint: write `app = ".venv"` in [tool.mvlock] for a folder of mvlock\'s own; '
        "or, if nothing else uses app/, delete that and install again\n"
    )


def test_nothing_installed_is_one_line(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"], tool='app = ".venv"')
    mvlock("resolve")
    assert mvlock("verify").err == "error: nothing is installed yet\n\nhint: `mvlock install` does it\n"


def test_folders_under_names_of_before_are_named(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"], tool='app = "env"')
    assert mvlock("install").code == 0
    project.write(["a"], tool='app = ".venv"\nmodules = "trees"')
    err = mvlock("install").err
    for name in ("env", "py_modules"):
        assert f"note: {name}/ is from an earlier install, and nothing uses it any more: delete it\n" in err
    assert (project.root / "env/bin/go").exists()
    assert "earlier install" not in mvlock("install").err


def test_trees_beside_files_of_yours_do_not_make_git_ignore_them(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a"], tool='app = ".venv"')
    project.add_file("py_modules/mine.py", "")
    assert mvlock("install").code == 0
    assert ".gitignore" not in _names(project.root / "py_modules")


def test_hints_for_other_words_name_the_configured_folder(
    mvlock: Mvlock, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(["a"], tool='app = ".venv"')
    monkeypatch.chdir(project.root)
    for word in ("shell", "venv"):
        assert "`. .venv/bin/activate`" in mvlock(word).err

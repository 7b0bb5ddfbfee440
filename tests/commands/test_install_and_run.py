"""``mvlock install`` says what it does; ``mvlock run`` brings everything up to date first."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.commands.run import exec_command
from mvlock.errors import LocalError
from tests.commands.command_line import Mvlock, files_below, run_main
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_OTHER = """environments = ["sys_platform == 'beos'"]"""


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """``a`` has two versions."""
    index.publish("a", "1.0")
    index.publish("a", "2.0")
    project.write(["a<2"])


def run(project: ProjectFolder, *words: str) -> subprocess.CompletedProcess[str]:
    """``mvlock run`` in a process of its own, which it gives to the command."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("MVLOCK_")}
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    code = "import sys; sys.path[0:0] = [sys.argv.pop(1)]; from mvlock.commands import main; sys.exit(main())"
    here = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-c", code, here, *place, "run", *words],
        capture_output=True,
        text=True,
        env=variables,
        cwd=project.root,
        check=False,
    )


def test_install_says_what_it_did_then_that_nothing_is_to_do(mvlock: Mvlock) -> None:
    mvlock("resolve")
    first = mvlock("install")
    assert first.code == 0
    assert first.told[0] == "+ a 1.0"
    assert re.fullmatch(r"Installed 1 distribution: 1 downloaded \(\d+ B\), in 0\.0 s", first.told[1])
    assert mvlock("install").err == "Nothing to do: py_modules/ and app/ match mv.lock\n"


def test_a_stale_lock_is_installed_only_when_frozen(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    project.write(["a>=2"])
    before = files_below(project.root)
    stale = mvlock("install")
    assert stale.code == 1
    assert stale.err.startswith("error: mv.lock is stale")
    assert files_below(project.root) == before
    assert "+ a 1.0" in mvlock("install", "--frozen").err


def test_install_makes_the_lock_that_is_missing_and_says_so(mvlock: Mvlock, project: ProjectFolder) -> None:
    outcome = mvlock("install")
    assert outcome.code == 0
    missing, locked, *_, installed = outcome.told
    assert missing == "mv.lock is missing: resolving"
    assert locked == "Locked 1 distribution in mv.lock in 0.0 s (1 changed)"
    assert installed.startswith("Installed 1 distribution: 1 downloaded")
    assert mvlock("resolve", "--check").code == 0
    assert mvlock("install").err == "Nothing to do: py_modules/ and app/ match mv.lock\n"


def test_a_dry_run_of_install_writes_no_lock(mvlock: Mvlock, project: ProjectFolder) -> None:
    before = files_below(project.root)
    assert "create a\n  + a 1.0\n" in mvlock("install", "--dry-run").out
    assert files_below(project.root) == before


@pytest.mark.parametrize("command", ["install", "run"])
@pytest.mark.parametrize("option", ["--locked", "MVLOCK_LOCKED", "--frozen", "MVLOCK_FROZEN"])
def test_nothing_is_resolved_where_that_is_refused(
    project: ProjectFolder, index: LocalIndex, monkeypatch: pytest.MonkeyPatch, command: str, option: str
) -> None:
    """Without a lock neither does anything; a stale one is installed only as it is."""
    if option.startswith("MVLOCK_"):
        monkeypatch.setenv(option, "1")
    place = ("--project", str(project.root), "--cache-dir", str(project.cache))
    words = [command, *([option] if option.startswith("--") else []), *(["true"] if command == "run" else [])]
    before = files_below(project.root)
    assert run_main(*place, *words) == 1
    assert (files_below(project.root), index.requests) == (before, [])
    if "FROZEN" not in option.upper():
        assert run_main(*place, "resolve") == 0
        project.write(["a>=2"])
        index.clear_requests()
        before = files_below(project.root)
        assert run_main(*place, *words) == 1
        assert (files_below(project.root), index.requests) == (before, [])


def test_the_stricter_option_wins_over_a_variable(
    mvlock: Mvlock, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    mvlock("resolve")
    project.write(["a>=2"])
    monkeypatch.setenv("MVLOCK_FROZEN", "1")
    assert mvlock("install", "--locked").code == 1
    assert mvlock("install").code == 0
    assert mvlock("install", "--locked", "--frozen").code == 2


def test_a_dry_run_of_install_shows_the_plan(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    outcome = mvlock("install", "--dry-run")
    assert "create a\n  + a 1.0\n" in outcome.out
    assert not (project.root / "py_modules").exists()


def test_run_resolves_installs_and_becomes_the_command(project: ProjectFolder) -> None:
    (project.root / "main.py").write_text(
        "import sys, os, a\nprint(a.__version__ if hasattr(a, '__version__') else 'a', sys.argv[1:])\n"
        "print(os.environ['VIRTUAL_ENV'])\nsys.exit(7)\n",
        encoding="utf-8",
    )
    first = run(project, "main.py", "-v", "--check")
    assert first.returncode == 7, first.stderr
    assert first.stdout.splitlines()[0].endswith("['-v', '--check']")
    assert first.stdout.splitlines()[1] == str(project.root / "app")
    assert "mv.lock is missing: resolving" in first.stderr

    again = run(project, "-q", "--", "python", "-c", "import sys; print(sys.prefix)")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.strip() == str(project.root / "app")


def one(project: ProjectFolder, pattern: str) -> Path:
    """What of the application's environment matches."""
    (found,) = (project.root / "app").glob(pattern)
    return found


def folder_for_file(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[ProjectFolder], object]] = {
    "no interpreter": lambda project: one(project, "bin/python").unlink(),
    "no pyvenv.cfg": lambda project: one(project, "pyvenv.cfg").unlink(),
    "no packages": lambda project: shutil.rmtree(one(project, "lib")),
    "no importshim": lambda project: shutil.rmtree(one(project, "lib/*/site-packages/importshim")),
    "a file of importshim": lambda project: one(project, "lib/*/site-packages/importshim/__init__.py").unlink(),
    "no map": lambda project: one(project, "lib/*/site-packages/importshim/import_map.json").unlink(),
    "a folder for the map": lambda project: folder_for_file(
        one(project, "lib/*/site-packages/importshim/import_map.json")
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("words", [("install",), ("install", "--repair"), ("run",)], ids=" ".join)
def test_a_damaged_environment_of_the_application_is_made_again(
    mvlock: Mvlock, project: ProjectFolder, damage: Callable[[ProjectFolder], object], words: tuple[str, ...]
) -> None:
    (project.root / "main.py").write_text("import a, sys; print(sys.prefix)\n", encoding="utf-8")
    mvlock("resolve")
    mvlock("install")
    damage(project)
    if words != ("run",):
        assert mvlock(*words).code == 0
    outcome = run(project, "main.py")
    assert (outcome.returncode, outcome.stdout) == (0, f"{project.root / 'app'}\n"), outcome.stderr
    assert mvlock("verify").code == 0


def test_no_other_python_is_run_where_the_environment_has_none(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="so nothing was run"):
        exec_command(["python", "main.py"], tmp_path / "app", {})


def test_run_of_a_command_that_is_not_there_is_code_2(project: ProjectFolder) -> None:
    outcome = run(project, "no-such-command")
    assert outcome.returncode == 2
    assert outcome.stderr.endswith("error: there is no program 'no-such-command', neither in app/bin nor on PATH\n")
    (project.root / "odd").write_text("#!/no/such/interpreter\n", encoding="utf-8")
    (project.root / "odd").chmod(0o755)
    assert run(project, "./odd").stderr.endswith("cannot be run: the interpreter in its first line is missing\n")
    assert run(project, "./none").stderr.endswith("error: there is no program './none'\n")


def test_a_file_that_is_no_program_gets_a_hint(project: ProjectFolder) -> None:
    for name, hint in (
        ("told.ipynb", "`mvlock run jupyter execute told.ipynb` runs a notebook"),
        ("./told.ipynb", "`mvlock run jupyter execute ./told.ipynb` runs a notebook"),
        (
            "notes.txt",
            "`mvlock run python notes.txt` runs a file of Python; for others, name the program that opens it",
        ),
    ):
        project.add_file(name, "{}")
        error, _, last = run(project, name).stderr.splitlines()[-3:]
        assert (error.startswith(f"error: '{name}' cannot be run: "), last) == (True, f"hint: {hint}")


def test_a_lock_for_only_this_machine_says_how_to_lock_for_more(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("resolve", "--only-host").code == 0
    lock = project.root / "mv.lock"
    lock.write_text(re.sub(r"(?m)^environments = .*$", _OTHER, lock.read_text("utf-8")), encoding="utf-8")
    for command in ("install", "verify"):
        outcome = mvlock(command)
        assert outcome.code == 1
        assert outcome.err.endswith(
            "\n\nhint: the lock was limited by `--only-host`; "
            "run `mvlock resolve` to lock for every environment of the project\n"
        )
    assert mvlock("resolve").code == 0
    assert mvlock("install").code == 0


def test_a_file_that_the_index_has_replaced_can_be_locked_again(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    project.write(["fresh"])
    index.publish("fresh", "1.0")
    assert mvlock("resolve").code == 0
    index.publish("fresh", "1.0", files={"fresh/__init__.py": "x = 1"})
    outcome = mvlock("install")
    assert (outcome.code, "`mvlock resolve --upgrade-package fresh`" in outcome.err) == (4, True)
    assert mvlock("resolve", "--upgrade-package", "fresh").code == 0
    assert mvlock("install").code == 0


@pytest.mark.parametrize("command", [("install",), ("verify",)])
def test_the_default_group_can_be_left_out_where_there_is_none(mvlock: Mvlock, command: tuple[str, ...]) -> None:
    mvlock("resolve")
    mvlock("install")
    assert mvlock(*command, "--no-group", "dev").code == 0
    slip = mvlock(*command, "--no-group", "devv")
    assert slip.code == 2
    assert slip.err.startswith("error: there is no dependency group 'devv'")


def test_doctor_prints_what_the_runtime_lacks_on_this_machine(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0", "2.0"):
        index.publish("lib", version)
    index.publish("old", "1.0", requires=["lib<2"])
    index.publish("new", "1.0", requires=["lib>=2"])
    project.write(["old", "new"])
    mvlock("resolve")
    mvlock("install")
    sentence = "warning  an import made by native code is attributed to the Python code that called it"
    assert sentence not in mvlock("doctor").out
    monkeypatch.setenv("IMPORTSHIM_NATIVE", "nothing")
    assert sentence in mvlock("doctor").out


def test_undeclared_imports_are_reported_once_by_install_and_always_by_doctor(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("b", "1.0", requires=["a<2"])
    project.write(["b"], files={"main.py": "import b, a\nimport nothing\n"})
    mvlock("resolve")
    text = "1 import is not declared: a (main.py:1, from b); run `mvlock add a`"
    assert f"note: {text}" in mvlock("install").err
    assert text not in mvlock("install").err
    assert text not in mvlock("install", "--repair").err
    output = mvlock("doctor").out
    assert f"warning  {text}" in output
    assert "warning  no tree provides nothing (main.py:2); add the project that does" in output

"""The command line itself: options, exit codes, and what goes wrong before a command begins."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import platformdirs
import pytest

from mvlock import __version__
from mvlock.commands.console import Console
from mvlock.commands.failure import report
from mvlock.commands.options import read_options
from mvlock.errors import LocalError
from mvlock.operations.machine import default_cache
from tests.commands.command_line import Mvlock, loaded, run_main
from tests.support.project import ProjectFolder


@pytest.mark.parametrize("words", [("--version",), ("resolve", "--version")])
def test_the_version_is_data(words: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    assert run_main(*words) == 0
    assert capfd.readouterr().out == f"mvlock {__version__}\n"


@pytest.mark.parametrize("words", [("--help",), ("-h", "install"), ("-qh", "install"), ("--project", "run", "--help")])
def test_help_names_every_command(words: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    assert run_main(*words) == 0
    text = capfd.readouterr().out
    for command in ("init", "add", "remove", "resolve", "install", "run", "tree", "why", "cache", "doctor"):
        assert f"  {command} " in text


def test_without_a_command_help_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_main() == 2
    out, err = capfd.readouterr()
    assert (out, err.startswith("usage: mvlock")) == ("", True)


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("reslove",), "there is no command 'reslove'", "did you mean `mvlock resolve`?"),
        (("xyzzy",), "there is no command 'xyzzy'", "commands are init, add,"),
        (("resolve", "--chek"), "unrecognized arguments: --chek", "`mvlock resolve --help`"),
        (("--chek",), "unrecognized arguments: --chek", "`mvlock --help`"),
        (("why",), "the following arguments are required: NAME", "`mvlock why --help`"),
        (("--color", "purple", "tree"), "argument --color: invalid choice: 'purple'", "`mvlock --help`"),
        (("install", "--link-mode", "magic"), "argument --link-mode: invalid choice: 'magic'", ""),
        (("tree", "--depth", "-1"), "argument --depth: '-1' is not a number of levels", ""),
        (("run",), "run: no command was given", "for example `mvlock run python main.py`"),
        (("resolve", "--exclude-newer", "soon"), "--exclude-newer: 'soon' is not a time", ""),
        (("add", "a=>1"), "'a=>1' is not a requirement", ""),
        (("remove", "a b"), "'a b' is not the name of a project", ""),
    ],
)
def test_a_mistake_on_the_command_line_is_one_message_and_code_2(
    mvlock: Mvlock, words: tuple[str, ...], message: str, hint: str
) -> None:
    outcome = mvlock(*words)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {message}")
    assert f"\n\nhint: {hint}" in outcome.err or not hint
    assert "Traceback" not in outcome.err


def test_global_options_stand_before_or_after_the_command(project: ProjectFolder) -> None:
    place = ["--project", str(project.root), "-q", "--cache-dir", str(project.cache)]
    assert run_main(*place, "resolve") == 0
    assert run_main("resolve", "--check", *place) == 0
    assert run_main(*place[:2], "resolve", "--check", *place[2:]) == 0


def test_every_global_option_has_a_variable(tmp_path: Path) -> None:
    options = read_options(
        Namespace(),
        {
            "MVLOCK_PROJECT": str(tmp_path),
            "MVLOCK_QUIET": "1",
            "MVLOCK_VERBOSE": "yes",
            "MVLOCK_COLOR": "never",
            "MVLOCK_NO_PROGRESS": "TRUE",
            "MVLOCK_CACHE_DIR": str(tmp_path / "cache"),
        },
    )
    assert (options.project, options.cache) == (tmp_path, tmp_path / "cache")
    assert (options.quiet, options.verbose, options.color, options.progress) == (True, True, "never", False)


@pytest.mark.parametrize("cache", ["/somewhere", "relative", ""])
@pytest.mark.parametrize("home", ["/home/someone", "relative"])
def test_the_cache_is_where_platformdirs_puts_it(cache: str, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    monkeypatch.setenv("HOME", home)
    assert default_cache(os.environ) == platformdirs.user_cache_path("mvlock", appauthor=False)


def test_the_command_line_wins_over_variables(tmp_path: Path) -> None:
    given = Namespace(color="always", cache_dir=str(tmp_path))
    options = read_options(given, {"MVLOCK_COLOR": "never", "MVLOCK_CACHE_DIR": "/elsewhere"})
    assert (options.color, options.cache) == ("always", tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MVLOCK_COLOR", "purple", "MVLOCK_COLOR must be one of auto, always, never, not 'purple'"),
        ("MVLOCK_QUIET", "perhaps", "MVLOCK_QUIET must be 1 or 0, not 'perhaps'"),
        ("MVLOCK_PROJECT", "/no/such/folder", "--project: there is no folder '/no/such/folder'"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(LocalError) as caught:
        read_options(Namespace(), {name: value})
    assert caught.value.message == message


def test_our_own_bug_is_code_70_without_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    assert report(KeyError("x"), Console(), as_json=False) == 70
    err = capfd.readouterr().err
    assert err.startswith("error: this is a bug in mvlock (KeyError: 'x')\n\nhint: report it")
    assert "Traceback" not in err


def test_our_own_bug_shows_its_traceback_with_v(capfd: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.configure(read_options(Namespace(verbose=True), {}))
    assert report(KeyError("x"), console, as_json=False) == 70
    assert "KeyError: 'x'" in capfd.readouterr().err


def test_what_the_system_refuses_is_not_our_bug(capfd: pytest.CaptureFixture[str]) -> None:
    full = OSError(28, "No space left on device", "/x/mv.lock")
    assert report(full, Console(), as_json=False) == 2
    assert capfd.readouterr().err == "error: /x/mv.lock: No space left on device\n"


def test_a_reader_that_goes_away_is_met_quietly(project: ProjectFolder) -> None:
    """``mvlock … | true``: no traceback, and not success either."""
    line = f'"{sys.executable}" -m mvlock --help | true; exit "${{PIPESTATUS[0]}}"'
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=variables, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


_HEAVY = {
    *("pydantic", "rich", "packaging", "resolvelib", "urllib3", "tomlkit", "msgspec", "installer", "argcomplete"),
    *("email", "importlib.metadata", "difflib", "subprocess", "threading", "mvlock.commands.words"),
}


@pytest.mark.parametrize("words", ["--version", "--help", "lock --help", "help", "help show", "version", ""])
def test_the_start_imports_nothing_heavy(words: str) -> None:
    code = (
        f"import sys; before = set(sys.modules); from mvlock.commands import main\n"
        f"try: main({words.split()!r})\n"
        "except SystemExit: pass\n"
        f"print(sorted({_HEAVY!r} & sys.modules.keys() - before))"
    )
    folder = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_list_imports_what_reads_a_lock_and_no_more(project: ProjectFolder, mvlock: Mvlock) -> None:
    mvlock("resolve")
    rare = {"pydantic", "rich", "resolvelib", "urllib3", "tomlkit", "installer", "build", "difflib"}
    for words in (("list",), ("list", "--json")):
        assert rare.intersection(ast.literal_eval(loaded(project, *words)[1].splitlines()[-1])) == set()


@pytest.mark.parametrize("module", ["mvlock.commands.console", "mvlock.commands.arguments", "mvlock.commands.resolve"])
def test_an_interrupt_while_modules_load_is_one_line(module: str) -> None:
    code = (
        "import sys; from mvlock.commands import main\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.exit(main(['resolve']))"
    )
    folder = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_colour_is_for_terminals_and_on_request(mvlock: Mvlock) -> None:
    assert "\x1b[" not in mvlock("resolve").err
    assert "\x1b[" in mvlock("--color", "always", "why", "x").err


def test_text_from_outside_cannot_steer_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    Console().error("name \x1b[2J\x07\x9b1m\tend\nnext")
    assert capfd.readouterr().err == "name \ufffd[2J\ufffd\ufffd1m\tend\nnext\n"

"""Help: of mvlock and of each command, at every width, as a manual page, and the words that lead to a command."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest

from mvlock import __version__
from mvlock.commands.arguments import command_parser, parse, parser_of
from mvlock.commands.command_table import COMMANDS, SYNONYMS
from mvlock.commands.help_pages import HEADINGS, PAGES
from mvlock.commands.help_text import guide
from mvlock.commands.manual import manual
from mvlock.commands.words import INSTEAD
from tests.commands.command_line import Mvlock, run_main
from tests.commands.golden_help import FOLDER, golden_texts
from tests.e2e.markdown import read_page
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Help is for a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def test_help_is_what_the_files_say() -> None:
    """If a change is meant: ``python -m tests.commands.golden_help``."""
    assert golden_texts() == {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}


def test_every_command_is_below_one_heading_and_has_a_page() -> None:
    listed = [name for names in HEADINGS.values() for name in names]
    assert sorted(listed) == sorted(COMMANDS) == sorted(PAGES)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_a_sentence_examples_that_work_and_a_page_of_the_docs(command: str) -> None:
    page = PAGES[command]
    assert page.text.endswith(".")
    assert 2 <= len(page.examples) <= 3
    for example in page.examples:
        assert parse(shlex.split(re.sub(r" (\||>>?) .*", "", example))) is not None
        assert example.split()[0] == command
    path, _, anchor = guide(command).partition("#")
    assert anchor in read_page(path).anchors


@pytest.mark.parametrize("columns", ["40", "41", "60", "79", "100", "120"])
def test_help_fits_the_terminal(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    texts = [parser_of([]).format_help(), *(command_parser(name).format_help() for name in COMMANDS)]
    assert [line for text in texts for line in text.splitlines() if len(line) > int(columns)] == []


@pytest.mark.parametrize(("columns", "limit"), [("10", "40"), ("500", "120")])
def test_help_is_40_to_120_columns_wide(columns: str, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    helps = []
    for value in (columns, limit):
        monkeypatch.setenv("COLUMNS", value)
        helps.append(command_parser("install").format_help())
    assert helps[0] == helps[1]


@pytest.mark.parametrize("words", [(), ("resolve",), ("sync",), ("help",)])
def test_the_command_help_prints_what_the_option_prints(
    words: tuple[str, ...], mvlock: Mvlock, project: ProjectFolder
) -> None:
    by_command, by_option = mvlock("help", *words), mvlock(*words, "--help")
    assert (by_command.code, by_command.err) == (0, "")
    assert by_command.out == by_option.out != ""
    assert not project.cache.exists()


@pytest.mark.parametrize(("word", "command"), SYNONYMS.items())
def test_a_synonym_is_its_command_in_everything_but_the_name(
    word: str, command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    helps = []
    for name in (word, command):
        assert run_main(name, "--help") == 0
        helps.append(capfd.readouterr().out)
    assert helps[0].partition("\n\n")[2] == helps[1].partition("\n\n")[2]
    assert re.search(rf"\(also: .*\b{word}\b.*\)", " ".join(helps[1].split()))
    arguments = parse([word, *(["name"] if command == "remove" else [])])
    assert arguments is not None
    assert arguments.command == command


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("freeze", "`mvlock list` prints names and versions, `mvlock export --format requirements` writes files"),
        ("activate", "`. app/bin/activate` puts the application's commands on PATH; `mvlock run CMD` runs"),
        ("venv", "`. app/bin/activate` puts"),
        ("shell", "`. app/bin/activate` puts"),
        ("publish", "mvlock does not publish distributions: `python -m build` makes them"),
        ("import", "`mvlock init --from SOURCE` takes over a project of another tool"),
        ("new", "`mvlock init DIR` starts a project"),
        ("test", "`mvlock run pytest` runs the tests"),
        ("exec", "`mvlock run CMD` runs a command"),
        ("status", "`mvlock check` says whether"),
        ("syn", "did you mean `mvlock sync`?"),
        ("upgarde", "did you mean `mvlock upgrade`?"),
        ("xyzzy", "commands are init, add, remove, resolve,"),
    ],
)
@pytest.mark.parametrize("before", [(), ("help",), ("--project", "run")])
def test_a_word_that_is_no_command_leads_to_one(
    word: str, hint: str, before: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_main(*before, word) == 2
    out, err = capfd.readouterr()
    assert (out, err.startswith(f"error: there is no command '{word}'\n\nhint: {hint}")) == ("", True), err


def test_hints_are_command_lines_that_work() -> None:
    words = [word for key in INSTEAD for word in key.split()]
    assert sorted({*words}) == sorted(words)
    assert {*words} & {*COMMANDS, *SYNONYMS} == set()
    for typed in (line for hint in INSTEAD.values() for line in re.findall(r"`mvlock ([^`]+)`", hint)):
        assert parse(typed.split()) is not None


def test_version_is_that_of_mvlock_and_with_v_of_what_it_runs_on(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("version").out == f"mvlock {__version__}\n"
    lines = mvlock("version", "-v").out.splitlines()
    assert [line.split()[0] for line in lines] == ["mvlock", "Python", "platform", "cache"]
    assert lines[-1] == f"cache in {project.cache}"
    assert not project.cache.exists()


# The manual page


def test_the_manual_has_every_command_and_every_option() -> None:
    page = manual()
    for command in COMMANDS:
        section = page.partition(f'.SS "mvlock {command} ')[2].partition("\n.SS")[0]
        options = re.findall(r"^  +(-.*?)(?:  .*)?$", command_parser(command).format_help(), re.MULTILINE)
        own = [option for option in options if option not in parser_of([]).format_help()]
        assert [option for option in own if option.replace("-", r"\-") not in section] == []
    assert page.isascii()


@pytest.mark.parametrize("program", ["mandoc", "man"])
def test_programs_that_show_manuals_have_nothing_to_object_to(program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"no {program} on this machine")
    page = tmp_path / "mvlock.1"
    page.write_text(manual(), encoding="utf-8")
    command = {"mandoc": ["mandoc", "-T", "lint", "-W", "warning"], "man": ["man", "--warnings", "-l"]}[program]
    environment = {"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([*command, str(page)], capture_output=True, text=True, check=False, env=environment)
    lines = done.stdout.splitlines()
    assert done.stderr == ""
    if program == "man":
        assert "   mvlock resolve [OPTION …]" in lines
        assert max(map(len, lines)) <= 80
    else:
        assert [line for line in lines if "missing date" not in line] == []  # builds are reproducible


def test_an_installed_mvlock_has_the_manual_where_man_looks() -> None:
    files = distribution("mvlock").files or []
    assert [path.as_posix()[-24:] for path in files if path.name == "mvlock.1"] == ["/share/man/man1/mvlock.1"]

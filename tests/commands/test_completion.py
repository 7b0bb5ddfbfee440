"""Completion of command lines in real shells: commands, options, and names of the project."""

from __future__ import annotations

import os
import select
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.commands.command_table import SHELLS
from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

Complete = Callable[[str], list[str]]
"""What a shell offers for a command line, sorted."""

_BASH = """
source <(mvlock completion bash)
read -ra COMP_WORDS <<< "$1"; [ "${1: -1}" = " " ] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_LINE=$1; COMP_POINT=${#1}; COMP_TYPE=63
_python_argcomplete mvlock; printf '%s\\n' "${COMPREPLY[@]}"
"""
_TYPED = {"mvlock resol": "resolve", "mvlock why st": "why style", "mvlock sync --only-g": "--only-group"}
_CLEAR_LINE = b"\x15"
_PATIENCE = 60.0
"""Seconds, after which a shell that shows nothing has failed."""
_FISH = "mvlock completion fish | source; complete -C $argv[1]"


@pytest.fixture
def variables(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock, tmp_path: Path) -> dict[str, str]:
    """Where a shell finds ``mvlock``, and a project with two trees, groups and extras."""
    for name in ("web", "data", "style", "speed"):
        index.publish(name, "1.0", scripts={f"{name}-go": f"{name}:main"})
    tables = '[dependency-groups]\ndev = []\nlint = ["style"]\n[project.optional-dependencies]\nfast = ["speed"]\n'
    project.write(["web", "data"], tool='alias.old_web = "web"', extra=tables)
    assert mvlock("resolve").code == 0
    program = tmp_path / "bin" / "mvlock"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mvlock "$@"\n', "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "MVLOCK_PROJECT": str(project.root),
        "MVLOCK_CACHE_DIR": str(project.cache),
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture(params=["bash", "fish"])
def complete(request: pytest.FixtureRequest, variables: dict[str, str], project: ProjectFolder) -> Complete:
    """Completes command lines as a shell does when Tab is pressed."""
    if shutil.which(request.param) is None:
        pytest.skip(f"no {request.param} on this machine")
    script = {"bash": [_BASH, "bash"], "fish": [_FISH]}[request.param]

    def offered(line: str) -> list[str]:
        command = [request.param, "-c", *script, line]
        done = subprocess.run(
            command, capture_output=True, text=True, env=variables, cwd=project.root, check=True, timeout=60
        )
        assert done.stderr == ""
        return sorted(text.partition("\t")[0].strip() for text in done.stdout.splitlines() if text.strip())

    return offered


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mvlock res", ["resolve"]),
        ("mvlock up", ["update", "upgrade"]),
        ("mvlock install --only-", ["--only-dev", "--only-group"]),
        ("mvlock --proj", ["--project"]),
        ("mvlock tree ", ["data", "old_web", "style", "speed", "web"]),
        ("mvlock install --only w", ["web"]),
        ("mvlock sync --group ", ["dev", "lint"]),
        ("mvlock add --group ", ["dev", "lint"]),
        ("mvlock add --alias ", ["old_web"]),
        ("mvlock add --tree da", ["data"]),
        ("mvlock run --extra ", ["fast"]),
        ("mvlock why s", ["speed", "style"]),
        ("mvlock upgrade web d", ["data"]),
        ("mvlock remove w", ["web"]),
        ("mvlock export --format ", ["cyclonedx", "pylock", "requirements"]),
        ("mvlock completion z", ["zsh"]),
        ("mvlock help out", ["outdated"]),
    ],
)
def test_a_shell_completes_commands_options_and_names(complete: Complete, line: str, words: list[str]) -> None:
    assert complete(line) == sorted(words)


def test_commands_of_the_application_are_completed_after_run(complete: Complete, mvlock: Mvlock) -> None:
    mvlock("install")
    assert complete("mvlock run web") == ["web-go"]


def test_files_are_completed_where_one_is_named(complete: Complete, project: ProjectFolder) -> None:
    (project.root / "archive.zip").touch()
    for line in ("mvlock pack --output arch", "mvlock add -r arch", "mvlock init --from arch"):
        assert complete(line) == ["archive.zip"]


def test_outside_a_project_commands_are_completed(
    complete: Complete, variables: dict[str, str], tmp_path: Path
) -> None:
    variables["MVLOCK_PROJECT"] = str(tmp_path)
    assert complete("mvlock verif") == ["verify"]
    assert complete("mvlock tree ") in ([], ["mv.lock", "pyproject.toml"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_zsh_completes_when_tab_is_pressed(variables: dict[str, str]) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("no zsh on this machine")
    keyboard, screen = os.openpty()
    with subprocess.Popen(
        ["zsh", "-f", "-i"], stdin=screen, stdout=screen, stderr=screen, env=variables, start_new_session=True
    ) as shell:
        os.close(screen)
        typed = "autoload -Uz compinit; compinit -u -D; source <(mvlock completion zsh); print rea''dy\n"
        os.write(keyboard, typed.encode())
        _read_until(keyboard, "ready")
        for line, completed in _TYPED.items():
            os.write(keyboard, f"{line}\t".encode())
            _read_until(keyboard, completed)
            os.write(keyboard, _CLEAR_LINE)
        os.write(keyboard, b"exit\n")
        shell.wait(timeout=_PATIENCE)
        os.close(keyboard)


def _read_until(keyboard: int, text: str) -> None:
    """Read what a terminal shows until it shows ``text``."""
    shown = ""
    while text not in shown:
        ready, _, _ = select.select([keyboard], [], [], _PATIENCE)
        assert ready, f"{text!r} is not in {shown!r}"
        shown += os.read(keyboard, 65536).decode(errors="replace")


def test_powershell_is_told_what_to_ask(mvlock: Mvlock, variables: dict[str, str], tmp_path: Path) -> None:
    """There is no PowerShell to try it with: the script is read, and asked what it would ask."""
    script = mvlock("completion", "powershell").out
    assert script.startswith("Register-ArgumentCompleter -Native -CommandName mvlock -ScriptBlock {")
    answer = tmp_path / "answer"
    line = "mvlock sync --group l"
    asked = {
        "ARGCOMPLETE_USE_TEMPFILES": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "0",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SHELL": "powershell",
    }
    assert [name for name in asked if name not in script] == []
    subprocess.run(["mvlock"], env=variables | asked, check=True)
    assert answer.read_text().split() == ["lint"]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_data(mvlock: Mvlock, project: ProjectFolder, shell: str) -> None:
    outcome = mvlock("completion", shell)
    assert (outcome.code, outcome.err) == (0, "")
    assert "mvlock" in outcome.out
    assert not project.cache.exists()


def test_an_unknown_shell_is_a_usage_error(mvlock: Mvlock) -> None:
    outcome = mvlock("completion", "tcsh")
    assert (outcome.code, outcome.err.splitlines()[0][:59]) == (
        2,
        "error: argument SHELL: invalid choice: 'tcsh' (choose from ",
    )

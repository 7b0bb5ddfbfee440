"""``app/bin/activate*``: the environment can be activated and left in real shells, wherever it was moved to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.install.test_application import install_tool
from tests.install.world import World

_SH = """
before=$PATH; cd /; . "$1/app/bin/activate"; tool x; command -v python; echo "$VIRTUAL_ENV ${PYTHONHOME:-}"
deactivate; [ "$PATH" = "$before" ] && echo "left ${VIRTUAL_ENV:-nothing} $PYTHONHOME"
command -v deactivate || echo gone
"""
_FISH = """
set before "$PATH"; cd /; source "$argv[1]/app/bin/activate.fish"; tool x; command -v python
echo "$VIRTUAL_ENV $PYTHONHOME"
deactivate; test "$PATH" = "$before"; and set -q VIRTUAL_ENV; or echo "left nothing $PYTHONHOME"
functions -q deactivate; or echo gone
"""
_CSH = """
set before = "$PATH"
source app/bin/activate.csh
cd /
tool x
which python
echo "$VIRTUAL_ENV" `printenv PYTHONHOME`
deactivate
if ("$PATH" == "$before" && ! $?VIRTUAL_ENV) echo "left nothing $PYTHONHOME"
if ("`alias deactivate`" == "") echo gone
"""
_SCRIPTS = {"sh": _SH, "bash": _SH, "zsh": _SH, "dash": _SH, "fish": _FISH, "tcsh": _CSH}


def run_in(shell: str, script: str, place: Path, home: Path) -> list[str]:
    """The lines that a script prints, in the project's folder ``place``, its first argument."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} on this machine")
    arguments = {"fish": ["--no-config", "-c", script], "tcsh": ["-f"]}.get(shell, ["-c", script, "shell"])
    done = subprocess.run(
        [program, *arguments, *([] if shell == "tcsh" else [str(place)])],
        input=script if shell == "tcsh" else "",
        capture_output=True,
        text=True,
        check=True,
        cwd=place,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "PYTHONHOME": "/before", "LC_ALL": "C.UTF-8"},
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", _SCRIPTS)
@pytest.mark.parametrize("name", ["", "my moved app"])
def test_the_environment_can_be_activated_and_left_in_a_shell(
    world: World, tmp_path: Path, shell: str, name: str
) -> None:
    install_tool(world)
    place = tmp_path / name if name else world.root
    if name and shell in {"sh", "dash"}:
        pytest.skip(f"{shell} does not tell which file it reads, so the environment may not be moved")
    if name:
        shutil.move(world.root, place)
    assert run_in(shell, _SCRIPTS[shell], place, tmp_path) == [
        "2.0 ['x']",
        f"{place}/app/bin/python",
        f"{place}/app" + ("" if shell == "tcsh" else " "),
        "left nothing /before",
        "gone",
    ]


@pytest.mark.parametrize(
    ("shell", "script", "plain"),
    [
        ("bash", 'PS1="> "; . app/bin/activate; echo "$PS1"; deactivate; echo "$PS1"', "> "),
        ("zsh", 'PS1="> "; . app/bin/activate; echo "$PS1"; deactivate; echo "$PS1"', "> "),
        (
            "fish",
            "function fish_prompt; echo '>' $status; end; source app/bin/activate.fish; "
            "false; fish_prompt; deactivate; false; fish_prompt",
            "> 1",
        ),
        ("tcsh", 'set prompt = "> "\nsource app/bin/activate.csh\necho "$prompt"\ndeactivate\necho "$prompt"\n', "> "),
    ],
)
def test_the_prompt_names_the_environment(world: World, tmp_path: Path, shell: str, script: str, plain: str) -> None:
    world.install({})
    assert run_in(shell, script, world.root, tmp_path) == [f"(my-app) {plain}", plain]


@pytest.mark.parametrize("shell", ["bash", "fish", "tcsh"])
def test_activating_twice_is_left_once(world: World, tmp_path: Path, shell: str) -> None:
    world.install({})
    suffix = {"bash": "", "fish": ".fish", "tcsh": ".csh"}[shell]
    activate = f"source app/bin/activate{suffix}\n"
    lines = run_in(shell, f'echo "$PATH"\n{activate}{activate}deactivate\necho "$PATH"\n', world.root, tmp_path)
    assert len(lines) == 2
    assert lines[0] == lines[1]


def test_powershell_has_a_script_of_its_own(world: World) -> None:
    """There is no PowerShell to try it with: this reads the script."""
    world.install({})
    text = (world.root / "app/bin/Activate.ps1").read_text("utf-8")
    assert text.count("{") == text.count("}")
    assert "@" not in text
    assert "$env:VIRTUAL_ENV = Split-Path -Parent $PSScriptRoot\n$env:VIRTUAL_ENV_PROMPT = 'my-app'\n" in text
    for undone in ("$env:PATH = $global:_MVLOCK_PATH", "$env:PYTHONHOME = $global:_MVLOCK_HOME", "env:VIRTUAL_ENV,"):
        assert undone in text.partition("deactivate -Again")[0]
    assert str(world.root) not in text

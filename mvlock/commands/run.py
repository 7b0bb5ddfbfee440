"""``mvlock run CMD …``: a command in the application's environment, which is updated first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from mvlock.commands.install import asked, show_report
from mvlock.commands.options import Shell, given
from mvlock.errors import UsageError
from mvlock.install.up_to_date import remember, settled

if TYPE_CHECKING:
    from mvlock.commands.workspace import Workspace
    from mvlock.lock.model import Lock


def execute(arguments: Namespace, shell: Shell) -> int:
    """Resolve if stale, install if needed, then exec the command: its exit code is ours."""
    words = _words(arguments.words)
    question = asked(arguments, shell)
    there = settled(question) if question is not None else None
    app = question.root / there.app if question is not None and there is not None else _prepared(arguments, shell)
    shell.console.flush()
    return become(words, app)


def _prepared(arguments: Namespace, shell: Shell) -> Path:
    """The application's environment, brought up to date."""
    from mvlock.commands.installing import install, install_request
    from mvlock.commands.workspace import open_workspace

    workspace = open_workspace(shell.options)
    lock = _up_to_date(workspace, arguments, shell)
    question = asked(arguments, shell)
    request = install_request(given(arguments), workspace.project, lock)
    report = install(workspace.project, lock, request, shell)
    if report.changed:
        show_report(report, shell)
    if question is not None and report.left is not None:
        remember(question, report.left)
    return workspace.project.root / workspace.project.app


def _words(given_words: list[str]) -> list[str]:
    words = given_words[1:] if given_words[:1] == ["--"] else given_words
    if not words:
        raise UsageError("usage", "run: no command was given", hint="for example `mvlock run python main.py`")
    return ["python", *words] if words[0].endswith(".py") else words


def _up_to_date(workspace: Workspace, arguments: Namespace, shell: Shell) -> Lock:
    if arguments.frozen or not workspace.is_stale:
        return workspace.current_lock(frozen=arguments.frozen)
    from mvlock.commands.lock_request import lock_request
    from mvlock.commands.locking import make_lock
    from mvlock.commands.workspace import LOCK_FILE
    from mvlock.lock.lockfile import write_lock

    shell.console.talk(f"{LOCK_FILE} is {'stale' if workspace.lock else 'missing'}: resolving")
    lock = make_lock(workspace.project, workspace.lock, lock_request(given(arguments)), shell)
    write_lock(workspace.lock_path, lock)
    return lock


def environment(app: Path, outer: dict[str, str]) -> dict[str, str]:
    """The command's environment variables: the application's commands come first on PATH, as in an active venv."""
    inner = {key: value for key, value in outer.items() if key != "PYTHONHOME"}
    inner["VIRTUAL_ENV"] = str(app)
    inner["PATH"] = os.pathsep.join([str(_scripts(app)), *filter(None, [outer.get("PATH", "")])])
    return inner


def _scripts(app: Path) -> Path:
    return app / ("Scripts" if os.name == "nt" else "bin")


def application_python(app: Path) -> Path:
    """The interpreter of the application's environment."""
    return _scripts(app) / ("python.exe" if os.name == "nt" else "python")


def become(words: list[str], app: Path) -> int:
    """Replace this process by the command, or wait for it where the system has no exec.

    :raises UsageError: ``command-missing``
    """
    python = application_python(app)
    if not python.exists():  # another Python on PATH would not see the trees
        hint = "`mvlock install --repair` restores it"
        raise UsageError("command-missing", f"{python} does not exist, so nothing was run", hint=hint)
    variables = environment(app, dict(os.environ))
    try:
        if os.name == "nt":
            return subprocess.run(words, env=variables, check=False).returncode
        sys.stderr.flush()
        os.execvpe(words[0], words, variables)
    except FileNotFoundError as error:
        raise _missing(words[0], app, variables["PATH"]) from error
    except OSError as error:
        raise UsageError("command-missing", f"'{words[0]}' cannot be run: {error.strerror}") from error


def _missing(program: str, app: Path, path: str) -> UsageError:
    if shutil.which(program, path=path):
        return UsageError("command-missing", f"'{program}' cannot be run: the interpreter in its first line is missing")
    if os.path.dirname(program):  # noqa: PTH120 - as typed, not as a path
        return UsageError("command-missing", f"there is no program '{program}'")
    where = f"neither in {app.name}/{_scripts(app).name} nor on PATH"
    return UsageError("command-missing", f"there is no program '{program}', {where}")

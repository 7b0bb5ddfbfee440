"""``mvlock run CMD …``: a command in the application's environment, which is updated first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from mvlock.commands.install import install_inputs
from mvlock.commands.options import Context
from mvlock.commands.project_lock import locked_project
from mvlock.errors import LocalError
from mvlock.install.up_to_date import unchanged_state


def execute(arguments: Namespace, context: Context) -> int:
    """Resolve if stale, install if needed, then exec the command: its exit code is ours."""
    command = _command(arguments.words)
    inputs = install_inputs(arguments, context)
    state = unchanged_state(inputs) if inputs is not None else None
    app = (
        inputs.root / state.app
        if inputs is not None and state is not None
        else _updated_environment(arguments, context)
    )
    context.console.flush()
    return exec_command(command, app)


def _updated_environment(arguments: Namespace, context: Context) -> Path:
    """The application's environment, brought up to date."""
    from mvlock.commands.install_report import show_report
    from mvlock.commands.installing import update

    with locked_project(context):
        workspace, _, report = update(arguments, context, renews=True)
    if report.changed:
        show_report(report, context)
    return workspace.project.root / workspace.project.app


def _command(words: list[str]) -> list[str]:
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        raise LocalError("usage", "run: no command was given", hint="for example `mvlock run python main.py`")
    return ["python", *command] if command[0].endswith(".py") else command


def command_environment(app: Path, parent: dict[str, str]) -> dict[str, str]:
    """The command's environment variables: the application's commands come first on PATH, as in an active venv."""
    variables = {key: value for key, value in parent.items() if key != "PYTHONHOME"}
    variables["VIRTUAL_ENV"] = str(app)
    variables["PATH"] = os.pathsep.join([str(_scripts(app)), *filter(None, [parent.get("PATH", "")])])
    return variables


def _scripts(app: Path) -> Path:
    return app / ("Scripts" if os.name == "nt" else "bin")


def application_python(app: Path) -> Path:
    """The interpreter of the application's environment."""
    return _scripts(app) / ("python.exe" if os.name == "nt" else "python")


def exec_command(command: list[str], app: Path) -> int:
    """Replace this process by the command, or wait for it where the system has no exec.

    :raises LocalError: ``command-missing``
    """
    python = application_python(app)
    if not python.exists():  # another Python on PATH would not see the trees
        hint = "`mvlock install --repair` restores it"
        raise LocalError("command-missing", f"{python} does not exist, so nothing was run", hint=hint)
    variables = command_environment(app, dict(os.environ))
    try:
        if os.name == "nt":
            return subprocess.run(command, env=variables, check=False).returncode
        sys.stderr.flush()
        os.execvpe(command[0], command, variables)
    except FileNotFoundError as error:
        raise _missing(command[0], app, variables["PATH"]) from error
    except OSError as error:
        raise LocalError("command-missing", f"'{command[0]}' cannot be run: {error.strerror}") from error


def _missing(program: str, app: Path, path: str) -> LocalError:
    if shutil.which(program, path=path):
        return LocalError("command-missing", f"'{program}' cannot be run: the interpreter in its first line is missing")
    if os.path.dirname(program):  # noqa: PTH120 - as typed, not as a path
        return LocalError("command-missing", f"there is no program '{program}'")
    where = f"neither in {app.name}/{_scripts(app).name} nor on PATH"
    return LocalError("command-missing", f"there is no program '{program}', {where}")

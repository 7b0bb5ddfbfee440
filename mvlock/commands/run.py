"""``mvlock run CMD …``: a command in the environment of the application or of a script, which is updated first."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from mvlock.base import umask
from mvlock.commands.cached_environments import (
    CachedEnvironment,
    bare_environment,
    inputs_of,
    project_environment,
    script_environment,
)
from mvlock.commands.options import Context
from mvlock.errors import LocalError
from mvlock.install.up_to_date import unchanged_state
from mvlock.operations.project_lock import locked_project
from mvlock.project.script import Script, read_script, script_of

_STANDARD_INPUT, _MODULE = "-", "-m"


def execute(arguments: Namespace, context: Context) -> int:
    """Resolve if stale, install if needed, then exec the command: its exit code is ours."""
    words = _words(arguments)
    variables = _variables(arguments.env_file)
    script = _script(words[0])
    environment = _environment(script, arguments, context)
    inputs = inputs_of(environment, arguments, context)
    state = unchanged_state(inputs) if inputs is not None else None
    app = (
        Path(inputs.home, state.app)
        if inputs is not None and state is not None
        else _updated_environment(environment, arguments, context)
    )
    command = ["python", *words] if _is_for_python(words[0]) else words
    if environment is None:
        _note_program_elsewhere(command[0], app, variables, context)
    context.console.flush()
    if script is not None and words[0] == _STANDARD_INPUT:
        _replace_standard_input(script.content)
    return exec_command(command, app, variables)


def _words(arguments: Namespace) -> list[str]:
    words: list[str] = arguments.words
    if arguments.module:
        return [_MODULE, *arguments.module, *words]
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        raise LocalError("usage", "run: no command was given", hint="for example `mvlock run python main.py`")
    return command


def _is_for_python(word: str) -> bool:
    """Whether a command line that begins with it is for Python: a script, or one of its options."""
    return word.endswith(".py") or word in {_STANDARD_INPUT, _MODULE}


def _variables(files: list[str]) -> dict[str, str]:
    """The variables of this process, and those that it lacks from files; later files win."""
    if not files:
        return dict(os.environ)
    from mvlock.commands.variable_files import read_variables

    return {**read_variables(files), **os.environ}


def _script(word: str) -> Script | None:
    """The script that ``word`` names; None: it is something else, or there is no such file, as Python will say."""
    if word == _STANDARD_INPUT and not sys.stdin.isatty():
        return script_of(Path.cwd() / _STANDARD_INPUT, sys.stdin.buffer.read())
    return read_script(Path(word)) if word.endswith(".py") and Path(word).is_file() else None


def _environment(script: Script | None, arguments: Namespace, context: Context) -> CachedEnvironment | None:
    """Where the command runs; None: in the project's own environment."""
    cache, more = context.options.cache, tuple(arguments.more)
    if script is not None and script.block is not None:
        return script_environment(cache, script, more)
    if arguments.no_project:
        return bare_environment(cache, more)
    return project_environment(cache, context.options.root, more) if more else None


def _updated_environment(environment: CachedEnvironment | None, arguments: Namespace, context: Context) -> Path:
    """The application's environment, brought up to date."""
    from mvlock.commands.addition import read_requirement
    from mvlock.commands.install_report import show_report
    from mvlock.commands.installing import update

    for text in arguments.more:
        read_requirement(text)
    if environment is not None:
        environment.create()
    folder = environment.home if environment is not None else context.options.root
    with locked_project(folder, context.machine):
        opened, _, report = update(arguments, context, environment, renews=True)
    if report.changed:
        show_report(report, context, environment.declared_in if environment is not None else None)
    return opened.project.home / opened.project.app


def _note_program_elsewhere(program: str, app: Path, variables: Mapping[str, str], context: Context) -> None:
    from mvlock.commands.programs import program_elsewhere

    place = program_elsewhere(program, _scripts(app), variables.get("PATH", ""))
    if place is not None:
        text = f"{program} is not of this project: {place} runs, which does not have its dependencies"
        context.console.note(f"{text}; `mvlock add --dev {program}`")


def _replace_standard_input(content: bytes) -> None:
    """Give the next program what was read from standard input."""
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        os.dup2(file.fileno(), 0)


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


def exec_command(command: list[str], app: Path, parent: dict[str, str]) -> int:
    """Replace this process by the command, or wait for it where the system has no exec.

    ``parent``: environment variables, of which the command's are made.

    :raises LocalError: ``command-missing``
    """
    python = application_python(app)
    if not python.exists():  # another Python on PATH would not see the trees
        hint = "`mvlock install --repair` restores it"
        raise LocalError("command-missing", f"{python} does not exist, so nothing was run", hint=hint)
    variables = command_environment(app, parent)
    try:
        if os.name == "nt":
            import subprocess

            return subprocess.run(command, env=variables, check=False).returncode
        if sys.stderr is not None:
            sys.stderr.flush()
        umask.restore()
        os.execvpe(command[0], command, variables)
    except FileNotFoundError as error:
        from mvlock.commands.programs import missing_program

        raise missing_program(command[0], _scripts(app), variables["PATH"]) from error
    except OSError as error:
        from mvlock.commands.programs import no_program

        raise no_program(command[0], error) from error

"""Options of every command, each also an ``MVLOCK_*`` variable; the command line wins."""

# Annotations are not postponed: each one would be compiled whenever a command starts.

import os
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mvlock.commands.console import Console
from mvlock.errors import LocalError
from mvlock.operations.machine import Machine, cache_folder
from mvlock.operations.user_settings import UserSettings, read_user_settings, variable
from mvlock.project.location import find_project

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mvlock.index.connections import Connections

COLORS = ("auto", "always", "never")
_TRUE = ("1", "true", "yes", "on")
_FALSE = ("", "0", "false", "no", "off")


class Options(NamedTuple):
    """The global options. ``project`` None: search upwards from the working directory."""

    project: Path | None
    quiet: bool
    verbose: bool
    color: str
    progress: bool
    cache: Path
    log: Path | None = None
    environ: Mapping[str, str] = {}
    """The variables of this process, and for those that are not set the user's settings."""
    user: UserSettings = UserSettings()
    packages: tuple[str, ...] = ()
    """Names of members of the workspace that the command is for."""

    @property
    def root(self) -> Path:
        """The project's folder: exactly ``--project``, else the first one found upwards.

        :raises LocalError: ``project-missing``
        """
        return self.project or find_project(Path.cwd())


class Context(NamedTuple):
    """What a command works with: its global options, its console, and connections that other commands share with it."""

    options: Options
    console: Console
    connections: "Connections | None" = None

    @property
    def machine(self) -> Machine:
        """What the layers below know of both."""
        options = self.options
        return Machine(options.cache, options.environ, options.user, self.console, self.connections)


def read_options(arguments: Namespace, environ: Mapping[str, str] | None = None) -> Options:
    """The global options from the command line, else from variables, else the defaults.

    :raises LocalError: ``variable-invalid``, ``project-missing``, ``name-not-utf8``, ``config-invalid``
    """
    variables = os.environ if environ is None else environ
    user = read_user_settings(variables)
    arguments.environ = user.completed(variables)
    values = option_values(arguments)
    return Options(
        project=_folder(values.text("project")),
        quiet=values.flag("quiet"),
        verbose=values.flag("verbose"),
        color=values.choice("color", COLORS) or "auto",
        progress=not values.flag("no_progress"),
        cache=cache_folder(values.text("cache_dir"), variables),
        log=Path(log) if (log := values.text("log_file")) else None,
        environ=values.environ,
        user=user,
        packages=tuple(getattr(arguments, "package", ())),
    )


class OptionValues(NamedTuple):
    """The options of a command: from the command line, else in ``MVLOCK_NAME``."""

    arguments: Namespace
    environ: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """A string option; an empty variable counts as not set."""
        value: str | None = getattr(self.arguments, name, None)
        return value if value is not None else self.environ.get(variable(name)) or None

    def flag(self, name: str) -> bool:
        """A boolean option.

        :raises LocalError: ``variable-invalid``
        """
        if getattr(self.arguments, name, False):
            return True
        text = self.environ.get(variable(name), "").strip().lower()
        if text not in (*_TRUE, *_FALSE):
            raise LocalError("variable-invalid", f"{variable(name)} must be 1 or 0, not '{text}'")
        return text in _TRUE

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """One of ``choices``.

        :raises LocalError: ``variable-invalid``
        """
        value = self.text(name)
        if value is not None and value not in choices:
            known = ", ".join(choices)
            raise LocalError("variable-invalid", f"{variable(name)} must be one of {known}, not '{value}'")
        return value


def option_values(arguments: Namespace) -> OptionValues:
    """The options of one command, with the variables that ``read_options`` has found."""
    return OptionValues(arguments, arguments.environ)


def changed_folder(arguments: Namespace, context: Context) -> Path:
    """The folder that a command changes: that of the script which its command line names, else the project's."""
    return context.options.root if arguments.script is None else Path(arguments.script).resolve().parent


def _folder(text: str | None) -> Path | None:
    if text is None:
        return None
    folder = Path(text).expanduser().absolute()
    if not folder.is_dir():
        raise LocalError("project-missing", f"--project: there is no folder '{text}'")
    return folder

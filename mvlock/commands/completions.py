"""What a command line may go on with, for shells: imported only when one of them asks (decision 21)."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

import argcomplete
from argcomplete.completers import BaseCompleter, DirectoriesCompleter, FilesCompleter

from mvlock.commands.command_table import COMMANDS
from mvlock.commands.opened_project import open_lock, open_project
from mvlock.commands.options import Options, read_options
from mvlock.commands.run import application_python
from mvlock.errors import MvlockError
from mvlock.project.workspace import workspace_around


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell, and end the process; return at once if no shell asks."""
    argcomplete.autocomplete(parser, always_complete_options=False, default_completer=_Values())


class _Values(BaseCompleter):
    """The values of an option or argument: names of the project, or files."""

    def __call__(
        self,
        *,
        prefix: str,
        action: argparse.Action,
        parser: argparse.ArgumentParser,
        parsed_args: argparse.Namespace,
    ) -> Iterable[str]:
        names = _NAMES.get(action.dest)
        if names is not None and (action.dest != "name" or not action.option_strings):  # `init --name` is a new one
            return _known(names, parsed_args)
        completer = _FILES.get(str(action.metavar))
        if completer is None:
            return ()
        return completer(prefix=prefix, action=action, parser=parser, parsed_args=parsed_args)


def _known(names: Callable[[Options], Iterable[str]], arguments: argparse.Namespace) -> Iterable[str]:
    try:
        return sorted(names(read_options(arguments)))
    except MvlockError:  # no project, no lock: nothing is known
        return ()


def _trees(options: Options) -> Iterable[str]:
    return {tree.name for tree in open_lock(options).trees}


def _aliases(options: Options) -> Iterable[str]:
    return {tree.name for tree in open_lock(options).trees if tree.alias}


def _projects(options: Options) -> Iterable[str]:
    return {package.name for package in open_lock(options).packages}


def _requirements(options: Options) -> Iterable[str]:
    return {name for tree in open_lock(options).trees for name in tree.requested}


def _groups(options: Options) -> Iterable[str]:
    return open_project(options).project.groups


def _extras(options: Options) -> Iterable[str]:
    return open_project(options).project.extras


def _members(options: Options) -> Iterable[str]:
    workspace = workspace_around(options.root)
    return () if workspace is None else workspace.members


def _commands(options: Options) -> Iterable[str]:
    project = open_project(options).project
    folder = application_python(project.root / project.app).parent
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


_NAMES: dict[str, Callable[[Options], Iterable[str]]] = {
    **dict.fromkeys(("trees", "only", "tree", "upgrade_tree"), _trees),
    "alias": _aliases,
    **dict.fromkeys(("name", "invert", "upgrade_package"), _projects),
    "names": _requirements,
    **dict.fromkeys(("group", "no_group", "only_group"), _groups),
    **dict.fromkeys(("extra", "no_extra"), _extras),
    "package": _members,
    "words": _commands,
    "topic": lambda _: COMMANDS,
}
"""By the name of a value in the parsed command line."""

_FILES = {
    **dict.fromkeys(("FILE", "SOURCE"), FilesCompleter()),
    **dict.fromkeys(("DIR", "PATH"), DirectoriesCompleter()),
}
"""By what help calls a value."""

"""From a lock to installed trees, for every command that needs them."""

from __future__ import annotations

from argparse import Namespace
from contextlib import AbstractContextManager, ExitStack

import msgspec

from mvlock.base.lazy import Lazy
from mvlock.commands.cached_environments import CachedEnvironment, inputs_of, keep_folder
from mvlock.commands.install_hints import adding_hints
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.needed_lock import needed_lock
from mvlock.commands.options import Context, OptionValues, option_values
from mvlock.commands.python import interpreter_for
from mvlock.commands.selection import Selected, read_selection
from mvlock.commands.workspace import Workspace, open_workspace
from mvlock.environment.link import LinkMode
from mvlock.index.model import FileIndex
from mvlock.install.options import InstallOptions, InstallReport
from mvlock.install.project import install_project
from mvlock.install.up_to_date import InstallInputs, record_state
from mvlock.lock.model import Lock
from mvlock.project.folders import missing_folders
from mvlock.project.model import Project

LINK_MODES = tuple(mode.value for mode in LinkMode)


class InstallRequest(msgspec.Struct, frozen=True):
    """What a command wants to install: its parsed options."""

    selected: Selected
    only: frozenset[str] = frozenset()
    link_mode: LinkMode = LinkMode.AUTO
    python: str | None = None
    offline: bool = False
    index_url: str | None = None
    dry_run: bool = False
    repair: bool = False


def update(
    arguments: Namespace, context: Context, environment: CachedEnvironment | None = None, *, renews: bool = False
) -> tuple[Workspace, Lock, InstallReport]:
    """Install the lock of the project, which is made if it has to be (see ``needed_lock``), and record the result.

    ``environment``: another one than the project's own.

    :raises MvlockError: see ``needed_lock``, ``install``
    """
    inputs, options = inputs_of(environment, arguments, context), option_values(arguments)
    workspace = environment.open(context.options.cache) if environment is not None else open_workspace(context.options)
    lock = needed_lock(workspace, options, context, renews=renews)
    if lock is not workspace.lock:
        inputs = inputs_of(environment, arguments, context)
    report = install(workspace.project, lock, install_request(options, workspace.project, lock), context)
    record(workspace.project, inputs, report)
    return workspace, lock, report


def record(project: Project, inputs: InstallInputs | None, report: InstallReport) -> None:
    """Record what was installed, so that the next install with these inputs has nothing to do.

    Not if a folder of the project is missing, which each install reports.
    """
    if inputs is not None and report.state is not None and not missing_folders(project):
        if project.own_home is not None:  # there, a folder for the record is made even if there are no trees
            keep_folder(project.home / project.modules)
        record_state(inputs, report.state)


def install_request(options: OptionValues, project: Project, lock: Lock) -> InstallRequest:
    """The request in a command line (and in ``MVLOCK_*`` variables).

    :raises LocalError: ``tree-unknown``, ``variable-invalid``, and see ``read_selection``
    """
    arguments = options.arguments
    only = getattr(arguments, "only", [])
    return InstallRequest(
        selected=read_selection(arguments, project),
        only=frozenset(tree.name for tree in chosen_trees(lock, only)) if only else frozenset(),
        link_mode=LinkMode(options.choice("link_mode", LINK_MODES) or LinkMode.AUTO),
        python=options.text("python"),
        offline=options.flag("offline"),
        index_url=options.text("index_url"),
        dry_run=getattr(arguments, "dry_run", False),
        repair=getattr(arguments, "repair", False),
    )


def install(project: Project, lock: Lock, request: InstallRequest, context: Context) -> InstallReport:
    """Make the trees and the application's environment what the lock says.

    :raises MvlockError: see ``install_project``
    """
    with ExitStack() as stack:
        stack.enter_context(context.console.task("Installing"))
        options = install_options(project, lock, request, context)
        index = Lazy(lambda: stack.enter_context(_index(project, request, context)))
        with adding_hints(project, lock, index):
            return install_project(project, lock, index, options=options, reporter=context.console)


def _index(project: Project, request: InstallRequest, context: Context) -> AbstractContextManager[FileIndex]:
    from mvlock.commands.opening_index import open_indexes

    return open_indexes(project, context, offline=request.offline, index_url=request.index_url)


def install_options(project: Project, lock: Lock, request: InstallRequest, context: Context) -> InstallOptions:
    """The complete options of the request, with defaults from this machine.

    :raises LocalError: ``python-missing``
    :raises UnmetRequest: ``python-not-locked``
    """
    return InstallOptions(
        interpreter=interpreter_for(project, lock, request.python, context),
        cache=context.options.cache,
        link_mode=request.link_mode,
        groups=request.selected.groups,
        extras=request.selected.extras,
        only_groups=request.selected.only_groups,
        only=request.only,
        offline=request.offline,
        dry_run=request.dry_run,
        repair=request.repair,
    )

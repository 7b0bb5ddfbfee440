"""From a lock to installed trees, for every command that needs them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack

import msgspec
from packaging.utils import canonicalize_name

from mvlock.base.lazy import Lazy
from mvlock.codes import Code
from mvlock.commands.cached_environments import CachedEnvironment, inputs_of, keep_folder
from mvlock.commands.install_hints import adding_hints
from mvlock.commands.needed_lock import needed_lock
from mvlock.commands.options import Context, OptionValues, option_values
from mvlock.commands.python import interpreter_for
from mvlock.commands.workspace import LOCK_FILE, Workspace, open_workspace
from mvlock.environment.link import LinkMode
from mvlock.errors import LocalError
from mvlock.index.model import FileIndex
from mvlock.install.options import DEFAULT_GROUP, InstallOptions, InstallReport
from mvlock.install.project import install_project
from mvlock.install.up_to_date import InstallInputs, record_state
from mvlock.lock.model import Lock
from mvlock.project.folders import missing_folders
from mvlock.project.model import Project
from mvlock.project.problem import did_you_mean

LINK_MODES = tuple(mode.value for mode in LinkMode)


class InstallRequest(msgspec.Struct, frozen=True):
    """What a command wants to install: its parsed options. ``groups`` None: the default groups."""

    groups: frozenset[str] | None = None
    extras: frozenset[str] = frozenset()
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

    :raises LocalError: ``group-unknown``, ``extra-unknown``, ``tree-unknown``, ``variable-invalid``
    """
    arguments = options.arguments
    only = frozenset(getattr(arguments, "only", ()))
    _check_known("tree-unknown", f"{LOCK_FILE} has no tree", only, [tree.name for tree in lock.trees])
    return InstallRequest(
        groups=_groups(arguments.group, arguments.no_group, project),
        extras=_names("extra-unknown", "there is no extra", arguments.extra, project.extras),
        only=only,
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
    from mvlock.index.client import open_index

    return open_index(
        project,
        cache=context.options.cache,
        offline=request.offline,
        index_url=request.index_url,
        reporter=context.console,
    )


def install_options(project: Project, lock: Lock, request: InstallRequest, context: Context) -> InstallOptions:
    """The complete options of the request, with defaults from this machine.

    :raises LocalError: ``python-missing``
    :raises UnmetRequest: ``python-not-locked``
    """
    return InstallOptions(
        interpreter=interpreter_for(project, lock, request.python, context),
        cache=context.options.cache,
        link_mode=request.link_mode,
        groups=request.groups,
        extras=request.extras,
        only=request.only,
        offline=request.offline,
        dry_run=request.dry_run,
        repair=request.repair,
    )


def _groups(with_: Iterable[str], without: Iterable[str], project: Project) -> frozenset[str] | None:
    message = "there is no dependency group"
    wanted = _names("group-unknown", message, with_, project.groups)
    # The default group is on wherever it exists, so switching it off where it does not is no mistake.
    unwanted = _names("group-unknown", message, without, {*project.groups, DEFAULT_GROUP})
    if not wanted and not unwanted:
        return None
    return (wanted | ({DEFAULT_GROUP} & set(project.groups))) - unwanted


def _names(code: Code, message: str, texts: Iterable[str], known: Iterable[str]) -> frozenset[str]:
    names = frozenset(canonicalize_name(text) for text in texts)
    _check_known(code, message, names, list(known))
    return names


def _check_known(code: Code, message: str, names: frozenset[str], known: list[str]) -> None:
    for name in sorted(names - set(known)):
        raise LocalError(code, f"{message} '{name}'{did_you_mean(name, known)}")

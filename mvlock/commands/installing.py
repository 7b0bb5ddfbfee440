"""What a command line says about installing, and the install that it asks for."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands.cached_environments import CachedEnvironment, inputs_of, keep_folder
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.needed_lock import needed_lock
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, OptionValues, option_values
from mvlock.commands.selection import read_selection
from mvlock.environment.link import LinkMode
from mvlock.install.generated_folders import check_application_folder
from mvlock.install.options import InstallReport
from mvlock.install.up_to_date import InstallInputs, record_state
from mvlock.lock.model import Lock
from mvlock.operations.installing import InstallRequest, install
from mvlock.operations.opened_project import OpenedProject
from mvlock.project.folders import missing_folders
from mvlock.project.model import Project

LINK_MODES = tuple(mode.value for mode in LinkMode)


def update(
    arguments: Namespace, context: Context, environment: CachedEnvironment | None = None, *, renews: bool = False
) -> tuple[OpenedProject, Lock, InstallReport]:
    """Install the lock of the project, which is made if it has to be (see ``needed_lock``), and record the result.

    ``environment``: another one than the project's own.

    :raises MvlockError: see ``check_application_folder``, ``needed_lock``, ``install``
    """
    inputs, options = inputs_of(environment, arguments, context), option_values(arguments)
    opened = environment.open(context.options.cache) if environment is not None else open_project(context.options)
    check_application_folder(opened.project)
    lock = needed_lock(opened, options, context, renews=renews)
    if lock is not opened.lock:
        inputs = inputs_of(environment, arguments, context)
    report = install(opened.project, lock, install_request(options, opened.project, lock), context.machine)
    record(opened.project, inputs, report)
    return opened, lock, report


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
    only, selected = getattr(arguments, "only", []), read_selection(arguments, project)
    return InstallRequest(
        groups=selected.groups,
        extras=selected.extras,
        only_groups=selected.only_groups,
        only=frozenset(tree.name for tree in chosen_trees(lock, only)) if only else frozenset(),
        link_mode=LinkMode(options.choice("link_mode", LINK_MODES) or LinkMode.AUTO),
        python=options.text("python"),
        offline=options.flag("offline"),
        index_url=options.text("index_url"),
        dry_run=getattr(arguments, "dry_run", False),
        repair=getattr(arguments, "repair", False),
        no_build=options.flag("no_build"),
        bytecode=not options.flag("no_bytecode"),
    )

"""``mvlock install``: mv.lock becomes py_modules/ and app/."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands.again import nothing_to_do
from mvlock.commands.option_groups import SELECTION
from mvlock.commands.options import Context, option_values
from mvlock.install.up_to_date import InstallInputs, unchanged_state
from mvlock.operations.project_lock import locked_project


def execute(arguments: Namespace, context: Context) -> int:
    """Install what the lock says, and report what changed.

    Nothing heavy is imported before it is clear that there may be something to do.
    """
    inputs = install_inputs(arguments, context)
    state = unchanged_state(inputs) if inputs is not None else None
    if state is not None:
        context.console.info(nothing_to_do(state.modules, state.app))
    elif arguments.dry_run:
        _show_plan(arguments, context)
    else:
        with locked_project(context.options.root, context.machine):
            _install(arguments, context)
    return 0


def install_inputs(arguments: Namespace, context: Context) -> InstallInputs | None:
    """The inputs of the requested install; None if its result is not recorded."""
    if any(getattr(arguments, name, None) for name in ("only", "dry_run", "repair")):
        return None
    return InstallInputs.read(context.options.root, install_choices(arguments))


def install_choices(arguments: Namespace) -> str:
    """The options that determine the result of an install, as text."""
    options = option_values(arguments)
    selected = {name: getattr(arguments, name) for name in SELECTION}
    selection = {name: value if isinstance(value, bool) else [*value] for name, value in selected.items()}
    texts = {name: options.text(name) for name in ("python", "link_mode")}
    flags = {name: options.flag(name) for name in ("frozen", "no_bytecode")}
    return repr({**selection, **texts, **flags})


def _install(arguments: Namespace, context: Context) -> None:
    from mvlock.commands.install_report import report_undeclared, show_report
    from mvlock.commands.installing import update
    from mvlock.operations.opened_project import report_missing_folders

    opened, lock, report = update(arguments, context)
    report_missing_folders(opened.project, context.console)
    show_report(report, context)
    report_undeclared(opened.project, lock, report, context)


def _show_plan(arguments: Namespace, context: Context) -> None:
    from mvlock.commands.install_report import show_plan
    from mvlock.commands.installing import update

    _, _, report = update(arguments, context)
    show_plan(report, context)
    context.console.info("Nothing to do" if report.plan.is_empty else "Nothing was changed (--dry-run)")

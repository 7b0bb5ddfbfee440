"""``mvlock install``: mv.lock becomes py_modules/ and app/."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from mvlock.commands.options import Context, option_values
from mvlock.install.up_to_date import InstallInputs, record_state, unchanged_state
from mvlock.project.location import find_project

if TYPE_CHECKING:
    from mvlock.commands.workspace import Workspace
    from mvlock.install.options import InstallReport
    from mvlock.lock.model import Lock


def execute(arguments: Namespace, context: Context) -> int:
    """Install what the lock says, and report what changed.

    Nothing heavy is imported before it is clear that there may be something to do.
    """
    inputs = install_inputs(arguments, context)
    state = unchanged_state(inputs) if inputs is not None else None
    if state is not None:
        _nothing_to_do(state.modules, state.app, context)
        return 0
    return _install(arguments, context, inputs)


def install_inputs(arguments: Namespace, context: Context) -> InstallInputs | None:
    """The inputs of the requested install; None if its result is not recorded."""
    if any(getattr(arguments, name, None) for name in ("only", "dry_run", "repair")):
        return None
    return InstallInputs.read(context.options.project or find_project(Path.cwd()), install_choices(arguments))


def install_choices(arguments: Namespace) -> dict[str, object]:
    """The options that determine the result of an install, as typed."""
    options = option_values(arguments)
    lists = {name: sorted(getattr(arguments, name)) for name in ("group", "no_group", "extra")}
    texts = {name: options.text(name) for name in ("python", "link_mode")}
    return {**lists, **texts, "frozen": arguments.frozen}


def _install(arguments: Namespace, context: Context, inputs: InstallInputs | None) -> int:
    from mvlock.commands.installing import install, install_request
    from mvlock.commands.workspace import open_workspace, report_missing_folders

    workspace = open_workspace(context.options)
    if report_missing_folders(workspace, context.console):
        inputs = None
    lock = workspace.current_lock(frozen=arguments.frozen)
    request = install_request(option_values(arguments), workspace.project, lock)
    report = install(workspace.project, lock, request, context)
    if request.dry_run:
        for line in report.plan.lines():
            context.console.data(line)
        context.console.info("Nothing to do" if report.plan.is_empty else "Nothing was changed (--dry-run)")
    else:
        show_report(report, context)
        _report_undeclared(workspace, lock, report, context)
    if inputs is not None and report.state is not None:
        record_state(inputs, report.state)
    return 0


def _report_undeclared(workspace: Workspace, lock: Lock, report: InstallReport, context: Context) -> None:
    """Report the application's imports that will fail, unless the last install reported the same."""
    from mvlock.commands.imports import undeclared_imports
    from mvlock.install.undeclared import is_new_report, undeclared_message

    project = workspace.project
    text = (
        undeclared_message(undeclared_imports(project, lock, report.interpreter))
        if report.interpreter is not None
        else None
    )
    if is_new_report(project.root / project.modules, text) and text is not None:
        context.console.note(text)


def show_report(report: InstallReport, context: Context, subject: str | None = None) -> None:
    """Show what was done, tree by tree, and a summary; or that nothing had to be done.

    ``subject``: what the environment in the cache is for; None: it is in the project.
    """
    console, state = context.console, report.state
    if state is None:
        return
    if not report.changed:
        _nothing_to_do(state.modules, state.app, context)
        return
    for line in report.plan.lines():
        console.info((line, _style(line)))
    trees = [step for step in report.plan.steps if step.action.value != "remove"]
    count = f"{len(trees)} {'tree' if len(trees) == 1 else 'trees'}"
    place = f"in {state.modules}/, application in {state.app}/" if subject is None else f"for {subject}"
    console.info(("Installed", "bold green"), f" {count} {place}")


def _nothing_to_do(modules: str, app: str, context: Context) -> None:
    context.console.info(f"Nothing to do: {modules}/ and {app}/ match mv.lock")


def _style(line: str) -> str:
    return {"+": "green", "~": "yellow", "-": "red"}.get(line.lstrip()[:1], "bold")

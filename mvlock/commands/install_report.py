"""What an install has done, or would do, for users."""

from __future__ import annotations

from mvlock.commands.again import nothing_to_do
from mvlock.commands.changes import show_lines
from mvlock.commands.imports import undeclared_imports
from mvlock.commands.installed import installed_text, plan_lines
from mvlock.commands.options import Context
from mvlock.install.options import InstallReport
from mvlock.install.undeclared import is_new_report, undeclared_message
from mvlock.lock.model import Lock
from mvlock.project.model import Project


def show_report(report: InstallReport, context: Context, subject: str | None = None) -> None:
    """Show what has changed, and a summary; or that nothing had to be done.

    ``subject``: what the environment in the cache is for; None: it is in the project.
    """
    if report.changed:
        show_lines(plan_lines(report.plan), context)
    show_installed(report, context, subject)


def show_installed(report: InstallReport, context: Context, subject: str | None = None) -> None:
    """The summary alone."""
    console, state = context.console, report.state
    if state is None:
        return
    if not report.changed:
        console.info(nothing_to_do(state.modules, state.app))
        return
    done, what = installed_text(report.plan, console.totals, state.app)
    console.info((done, "bold green"), f" {what} in {console.lap()}", "" if subject is None else f" for {subject}")


def show_plan(report: InstallReport, context: Context) -> None:
    """Print what an install would do to standard output, since it is the result of a dry run."""
    for line in report.plan.lines():
        context.console.data(line)


def report_undeclared(project: Project, lock: Lock, report: InstallReport, context: Context) -> None:
    """Report the application's imports that will fail, unless the last install reported the same."""
    interpreter = report.interpreter
    text = undeclared_message(undeclared_imports(project, lock, interpreter)) if interpreter is not None else None
    if is_new_report(project.root / project.modules, text) and text is not None:
        context.console.note(text)

"""``mvlock install``: mv.lock becomes py_modules/ and app/."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands.installing import install, install_request
from mvlock.commands.options import Shell, given
from mvlock.commands.workspace import open_workspace
from mvlock.install import InstallReport
from mvlock.project.model import Project


def execute(arguments: Namespace, shell: Shell) -> int:
    """Install what the lock says, and say what that changed."""
    workspace = open_workspace(shell.options)
    lock = workspace.current_lock(frozen=arguments.frozen)
    request = install_request(given(arguments), workspace.project, lock)
    report = install(workspace.project, lock, request, shell)
    if request.dry_run:
        for line in report.plan.lines():
            shell.console.data(line)
        shell.console.talk("Nothing to do" if report.plan.empty else "Nothing was changed (--dry-run)")
    else:
        show_report(workspace.project, report, shell)
    return 0


def show_report(project: Project, report: InstallReport, shell: Shell) -> None:
    """What was done, tree by tree, and a summary; or that nothing had to be."""
    console = shell.console
    if not report.changed:
        console.talk(f"Nothing to do: {project.modules}/ and {project.app}/ are as mv.lock says")
        return
    for line in report.plan.lines():
        console.talk((line, _style(line)))
    trees = [step for step in report.plan.steps if step.action.value != "remove"]
    count = f"{len(trees)} {'tree' if len(trees) == 1 else 'trees'}"
    console.talk(("Installed", "bold green"), f" {count} in {project.modules}/, application in {project.app}/")


def _style(line: str) -> str:
    return {"+": "green", "~": "yellow", "-": "red"}.get(line.lstrip()[:1], "bold")

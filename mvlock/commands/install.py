"""``mvlock install``: mv.lock becomes py_modules/ and app/."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from mvlock.commands.options import Shell, given
from mvlock.install.up_to_date import Question, remember, settled
from mvlock.project.place import find_project

if TYPE_CHECKING:
    from mvlock.commands.workspace import Workspace
    from mvlock.install.options import InstallReport
    from mvlock.lock.model import Lock


def execute(arguments: Namespace, shell: Shell) -> int:
    """Install what the lock says, and report what changed.

    Nothing heavy is imported before it is clear that there may be something to do.
    """
    question = asked(arguments, shell)
    there = settled(question) if question is not None else None
    if there is not None:
        _nothing_to_do(there.modules, there.app, shell)
        return 0
    return _install(arguments, shell, question)


def asked(arguments: Namespace, shell: Shell) -> Question | None:
    """The install that the command line asks for; None if its result is not to be remembered."""
    options = given(arguments)
    if any(getattr(arguments, name, None) for name in ("only", "dry_run", "repair")):
        return None
    answers = {name: sorted(getattr(arguments, name)) for name in ("group", "no_group", "extra")}
    root = shell.options.project or find_project(Path.cwd())
    texts = {name: options.text(name) for name in ("python", "link_mode")}
    return Question.ask(root, {**answers, **texts, "frozen": arguments.frozen})


def _install(arguments: Namespace, shell: Shell, question: Question | None) -> int:
    from mvlock.commands.installing import install, install_request
    from mvlock.commands.workspace import open_workspace, tells_missing_folders

    workspace = open_workspace(shell.options)
    if tells_missing_folders(workspace, shell.console):
        question = None
    lock = workspace.current_lock(frozen=arguments.frozen)
    request = install_request(given(arguments), workspace.project, lock)
    report = install(workspace.project, lock, request, shell)
    if request.dry_run:
        for line in report.plan.lines():
            shell.console.data(line)
        shell.console.talk("Nothing to do" if report.plan.empty else "Nothing was changed (--dry-run)")
    else:
        show_report(report, shell)
        _tell_undeclared(workspace, lock, report, shell)
    if question is not None and report.left is not None:
        remember(question, report.left)
    return 0


def _tell_undeclared(workspace: Workspace, lock: Lock, report: InstallReport, shell: Shell) -> None:
    """Report the application's imports that will fail, unless the last install reported the same."""
    from mvlock.commands.imports import undeclared_imports
    from mvlock.install.undeclared import is_news, told

    project = workspace.project
    text = told(undeclared_imports(project, lock, report.interpreter)) if report.interpreter is not None else None
    if is_news(project.root / project.modules, text) and text is not None:
        shell.console.note(text)


def show_report(report: InstallReport, shell: Shell) -> None:
    """Show what was done, tree by tree, and a summary; or that nothing had to be done."""
    console, left = shell.console, report.left
    if left is None:
        return
    if not report.changed:
        _nothing_to_do(left.modules, left.app, shell)
        return
    for line in report.plan.lines():
        console.talk((line, _style(line)))
    trees = [step for step in report.plan.steps if step.action.value != "remove"]
    count = f"{len(trees)} {'tree' if len(trees) == 1 else 'trees'}"
    console.talk(("Installed", "bold green"), f" {count} in {left.modules}/, application in {left.app}/")


def _nothing_to_do(modules: str, app: str, shell: Shell) -> None:
    shell.console.talk(f"Nothing to do: {modules}/ and {app}/ match mv.lock")


def _style(line: str) -> str:
    return {"+": "green", "~": "yellow", "-": "red"}.get(line.lstrip()[:1], "bold")

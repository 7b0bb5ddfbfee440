"""``mvlock verify``: whether py_modules/ and app/ are what mv.lock says, down to every file."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands.install_hints import adding_hints
from mvlock.commands.installing import install_options, install_request
from mvlock.commands.options import Context, option_values
from mvlock.commands.workspace import open_workspace
from mvlock.errors import UnmetRequest
from mvlock.install.findings import Findings
from mvlock.install.project import verify_project
from mvlock.project.model import Project

_SHOWN = 10


def execute(arguments: Namespace, context: Context) -> int:
    """Check every file; prints a single line if everything is right.

    :raises UnmetRequest: ``verification-failed``
    """
    workspace = open_workspace(context.options)
    lock = workspace.current_lock(frozen=option_values(arguments).flag("frozen"))
    request = install_request(option_values(arguments), workspace.project, lock)
    options = install_options(workspace.project, lock, request, context)
    with context.console.task("Verifying"), adding_hints(workspace.project, lock):
        findings = verify_project(workspace.project, lock, options=options)
    if findings.trees:
        raise failed(workspace.project, findings)
    context.console.info(f"Verified {workspace.project.modules}/ and {workspace.project.app}/: both match mv.lock")
    return 0


def failed(project: Project, findings: Findings) -> UnmetRequest:
    """The error that reports all ``findings``, and how to fix them."""
    lines = []
    for name, problems in findings.trees.items():
        lines.append(
            f"{project.modules}/{name} does not match mv.lock:" if name else f"{project.app}/ does not match mv.lock:"
        )
        lines += [f"  {problem}" for problem in problems[:_SHOWN]]
        lines += [f"  and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    return UnmetRequest(
        "verification-failed",
        "\n".join(lines),
        hint=findings.remedy,
        facts={"trees": {name: list(problems) for name, problems in findings.trees.items()}},
    )

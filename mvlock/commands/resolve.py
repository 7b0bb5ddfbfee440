"""``mvlock resolve``: pyproject.toml becomes mv.lock."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from mvlock.commands.lock_request import lock_request
from mvlock.commands.options import Shell, given
from mvlock.lock.current import Question, is_known_current
from mvlock.project.place import find_project


def execute(arguments: Namespace, shell: Shell) -> int:
    """Resolve, and write the lock if it has changed.

    Nothing heavy is imported before it is clear that there may be something to do.
    """
    request = lock_request(given(arguments))
    root = shell.options.project or find_project(Path.cwd())
    question = Question.ask(root, shell.options.cache) if request.is_plain and not arguments.dry_run else None
    if question is not None and is_known_current(question):
        return _nothing_to_do(root, arguments, shell)
    from mvlock.commands.resolving import resolve

    return resolve(arguments, request, question, shell)


def _nothing_to_do(root: Path, arguments: Namespace, shell: Shell) -> int:
    if arguments.json:
        facts = {"status": "up-to-date", "lock": str(root / "mv.lock"), "trees": []}
        shell.console.data(json.dumps(facts, indent=2))
    else:
        shell.console.talk("mv.lock is up to date")
    return 0

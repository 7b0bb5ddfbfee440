"""``mvlock resolve``: pyproject.toml becomes mv.lock."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from mvlock.commands.lock_request import lock_request
from mvlock.commands.options import Context, option_values
from mvlock.lock.current import LockInputs, is_known_current
from mvlock.project.location import find_project


def execute(arguments: Namespace, context: Context) -> int:
    """Resolve, and write the lock if it has changed.

    Nothing heavy is imported before it is clear that there may be something to do.
    """
    request = lock_request(option_values(arguments))
    if arguments.script is not None:
        from mvlock.commands.resolving import resolve

        return resolve(arguments, request, None, context)
    root = context.options.project or find_project(Path.cwd())
    inputs = LockInputs.read(root, context.options.cache) if request.is_default and not arguments.dry_run else None
    if inputs is not None and is_known_current(inputs):
        return _nothing_to_do(root, arguments, context)
    from mvlock.commands.resolving import resolve

    return resolve(arguments, request, inputs, context)


def _nothing_to_do(root: Path, arguments: Namespace, context: Context) -> int:
    if arguments.json:
        facts = {"status": "up-to-date", "lock": str(root / "mv.lock"), "trees": []}
        context.console.data(json.dumps(facts, indent=2))
    else:
        context.console.info("mv.lock is up to date")
    return 0

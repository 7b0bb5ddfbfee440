"""``mvlock resolve``: pyproject.toml becomes mv.lock."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from mvlock.commands.again import LOCK_IS_CURRENT
from mvlock.commands.lock_request import lock_request
from mvlock.commands.options import Context, changed_folder, option_values
from mvlock.lock.current import LockInputs, is_known_current
from mvlock.operations.project_lock import locked_project


def execute(arguments: Namespace, context: Context, *, with_policy: bool = True) -> int:
    """Resolve, and write the lock if it has changed; with ``--check``, compare it, and test what it has of the policy.

    Nothing heavy is imported before it is clear that there may be something to do.
    """
    request, inputs = lock_request(option_values(arguments)), lock_inputs(arguments, context)
    if inputs is not None and is_known_current(inputs):
        return _nothing_to_do(Path(inputs.root), arguments, context)
    from mvlock.commands.resolving import check, resolve

    if arguments.check:
        return check(arguments, request, inputs, context, with_policy=with_policy)
    if arguments.dry_run:
        return resolve(arguments, request, inputs, context)
    with locked_project(changed_folder(arguments, context), context.machine):
        return resolve(arguments, request, lock_inputs(arguments, context), context)


def lock_inputs(arguments: Namespace, context: Context) -> LockInputs | None:
    """The inputs of the requested lock; None if the result is not recorded."""
    if arguments.dry_run or arguments.script is not None or not lock_request(option_values(arguments)).is_default:
        return None
    return LockInputs.read(context.options.root, context.options.cache)


def _nothing_to_do(root: Path, arguments: Namespace, context: Context) -> int:
    if arguments.json:
        facts = {"status": "up-to-date", "lock": str(root / "mv.lock"), "trees": []}
        context.console.data(json.dumps(facts, indent=2))
    else:
        context.console.info(LOCK_IS_CURRENT)
    return 0

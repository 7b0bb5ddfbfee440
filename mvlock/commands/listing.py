"""``mvlock list``: every project of mv.lock with its versions, and the trees that have each."""

from __future__ import annotations

import json
from argparse import Namespace

from mvlock.commands.arguments import arguments_for
from mvlock.commands.columns import aligned
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.opened_project import note_if_stale, open_lock
from mvlock.commands.options import Context
from mvlock.lock.releases import trees_by_release


def execute(arguments: Namespace, context: Context) -> int:
    """Print a line per project and version, or what ``mvlock outdated`` prints."""
    if arguments.outdated:
        from mvlock.commands import outdated

        return outdated.execute(arguments_for("outdated", arguments), context)
    listed = trees_by_release(chosen_trees(open_lock(context.options), arguments.trees))
    if arguments.json:
        facts = [{"name": name, "version": version, "trees": trees} for (name, version), trees in listed.items()]
        context.console.data(json.dumps(facts, indent=2))
    elif listed:
        rows = [(name, version, ", ".join(trees)) for (name, version), trees in listed.items()]
        for line in aligned([("project", "version", "trees"), *rows]):
            context.console.data(line)
    note_if_stale(context.options, context.console)
    return 0

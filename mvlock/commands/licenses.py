"""``mvlock licenses``: which licence every locked distribution declares."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Mapping

from mvlock.commands.amounts import counted
from mvlock.commands.columns import aligned
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.opened_project import note_if_stale, open_project
from mvlock.commands.options import Context, option_values
from mvlock.lock.policy import UNKNOWN_LICENSE
from mvlock.lock.releases import LockedRelease, trees_by_release
from mvlock.operations.declared_licenses import declared_licenses


def execute(arguments: Namespace, context: Context) -> int:
    """Print a line per distribution; one that declares no licence is ``unknown``."""
    opened = open_project(context.options)
    lock = opened.current_lock(frozen=True)
    trees = chosen_trees(lock, arguments.trees)
    found = declared_licenses(lock, trees, opened.project, lock_request(option_values(arguments)), context.machine)
    holders = trees_by_release(trees)
    if arguments.json:
        facts = [
            {"name": name, "version": version, "license": found[name, version], "trees": names}
            for (name, version), names in holders.items()
        ]
        context.console.data(json.dumps(facts, indent=2))
    elif holders:
        rows = [(*release, found[release] or UNKNOWN_LICENSE, ", ".join(names)) for release, names in holders.items()]
        for line in aligned([("project", "version", "license", "trees"), *rows]):
            context.console.data(line)
    note_undeclared(found, "distributions", context)
    note_if_stale(context.options, context.console)
    return 0


def note_undeclared(licenses: Mapping[LockedRelease, str | None], unit: str, context: Context) -> None:
    """Say how many releases, called ``unit``, have no licence that is known."""
    unknown = sum(text is None for text in licenses.values())
    if unknown:
        context.console.note(f"{counted(unknown, unit)} of {len(licenses)} declare no license that can be read")

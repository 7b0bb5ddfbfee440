"""``mvlock why NAME``: the shortest dependency path from each tree's requirements to a project."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from packaging.version import Version

from mvlock.commands.duplicates_view import duplicate_facts, duplicate_lines, open_duplicates
from mvlock.commands.exclusions_view import exclusion_notes
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import locked_name
from mvlock.commands.opened_project import note_if_stale, open_lock, open_project
from mvlock.commands.options import Context, option_values
from mvlock.commands.tree_view import marker_part, soft_part
from mvlock.commands.worlds_view import named_first, world_report
from mvlock.errors import MvlockError, NetworkFailure
from mvlock.lock.declared_trees import RequirementOrigins
from mvlock.lock.duplicates import Duplicate
from mvlock.lock.model import Lock, LockedTree
from mvlock.lock.reasons import reasons
from mvlock.lock.tree_graph import tree_graphs
from mvlock.operations.lock_request import LockRequest

Users = Sequence[tuple[str, tuple[str, ...]]]
"""By version: the trees that may use it and do not have it."""


def execute(arguments: Namespace, context: Context) -> int:
    """Print a line per tree and version; exit code 1 if no tree has the project."""
    lock = open_lock(context.options)
    exclusions = exclusion_notes(context.options)
    name = locked_name(lock, arguments.name, context.options, exclusions)
    exclusion = exclusions.get(name)
    duplicate = _duplicate(lock, name, lock_request(option_values(arguments)), context)
    users = list(world_report(lock, option_values(arguments).text("python"), context).users(name))
    if arguments.json:
        context.console.data(json.dumps(_facts(lock, name, duplicate, users), indent=2))
    else:
        _show(lock, name, duplicate, users, context)
    if exclusion:
        context.console.note(exclusion)
    note_if_stale(context.options, context.console)
    return 0


def _origins(context: Context) -> RequirementOrigins | None:
    """Where requirements are in pyproject.toml; None if it cannot be read, since the lock alone is enough."""
    with suppress(MvlockError):
        return RequirementOrigins(open_project(context.options).project)
    return None


def _start(tree: LockedTree, requirement: str, origins: RequirementOrigins | None) -> str:
    """All requirements on the project at the start of a path, with their places unless that is ``[project]``."""
    by_project = (sorted(map(str, requirements)) for requirements in tree.direct_requirements.values())
    texts = next(texts for texts in by_project if requirement in texts)
    found = ((text, origins.group_or_extra(tree.name, text) if origins else "") for text in texts)
    return ", ".join(f"{text} ({place})" if place else text for text, place in found)


def _show(lock: Lock, name: str, duplicate: Duplicate | None, users: Users, context: Context) -> None:
    origins = _origins(context)
    for graph in tree_graphs(lock, lock.trees):
        tree = graph.tree
        for member, path in reasons(graph, name):
            head = (tree.name, "bold"), f": {name} {member.version}", marker_part(member), soft_part(tree, member)
            context.console.data(*head)
            start = [_start(tree, path[0], origins)] if len(path) > 1 else [path[0]]
            context.console.data(("    " + " → ".join([*start, *path[1:]]), "dim"))
            for override in origins.overrides_of(tree.name, name) if origins else ():
                context.console.data((f"    an override decides the version: {override}", "yellow"))
    for version, trees in users:
        if trees:
            context.console.data(
                f"{name} {version} is also available to (not required by): ",
                (named_first(trees, verbose=context.options.verbose), "bold"),
            )
    for line in duplicate_lines(duplicate) if duplicate and duplicate.tree_versions else ():
        context.console.data(*line)
    versions = _versions(lock, name)
    if len(versions) > 1:
        environments = "" if duplicate else ", for different environments"
        context.console.info(f"{len(versions)} versions of {name} are locked{environments}: {', '.join(versions)}")


def _facts(lock: Lock, name: str, duplicate: Duplicate | None, users: Users) -> dict[str, object]:
    trees = [
        {
            "tree": graph.tree.name,
            "version": member.version,
            "marker": member.marker,
            "soft": [
                {"by": soft_dependency.by, "extras": soft_dependency.extras}
                for soft_dependency in graph.tree.soft
                if soft_dependency.name == name
            ],
            "way": path,
        }
        for graph in tree_graphs(lock, lock.trees)
        for member, path in reasons(graph, name)
    ]
    return {
        "name": name,
        "trees": trees,
        "peers": [{"version": version, "trees": using} for version, using in users if using],
        "versions": duplicate_facts(duplicate)["versions"] if duplicate else [],
    }


def _duplicate(lock: Lock, name: str, request: LockRequest, context: Context) -> Duplicate | None:
    """Why there are several versions; None if there is only one. Has no reasons if no metadata is available."""
    if len(_versions(lock, name)) < 2:
        return None
    try:
        with open_duplicates(lock, request, context) as duplicates:
            return duplicates.duplicate(name)
    except NetworkFailure as error:
        context.console.note(
            f"could not find out which requirements keep the versions of {name} apart: {error.message}"
        )
        return Duplicate(name, ())


def _versions(lock: Lock, name: str) -> list[str]:
    return sorted({package.version for package in lock.packages if package.name == name}, key=Version)

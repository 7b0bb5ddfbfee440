"""``mvlock tree``: what every tree holds and what required it, or the other way round: what needs a project."""

from __future__ import annotations

import json
from argparse import Namespace

from mvlock.commands.duplicates_view import open_duplicates, show_duplicates
from mvlock.commands.exclusions_view import exclusion_notes
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees, locked_name
from mvlock.commands.members import workspace_here
from mvlock.commands.opened_project import note_if_stale, open_lock
from mvlock.commands.options import Context, option_values
from mvlock.commands.tree_marks import Marks, outdated_marks, shared_marks
from mvlock.commands.tree_view import TreeView, tree_facts
from mvlock.commands.worlds_view import WorldReport, world_facts, world_lines, world_report
from mvlock.errors import LocalError, UnmetRequest
from mvlock.lock.model import Lock, LockedTree
from mvlock.lock.tree_graph import tree_graphs
from mvlock.project.workspace import Workspace

_NOT_WITH = {
    "map": ("depth", "outdated", "sizes"),
    "duplicates": ("depth", "outdated", "sizes"),
    "json": ("depth",),
}
"""Options that another one would ignore."""


def execute(arguments: Namespace, context: Context) -> int:
    """Print all or the named trees, and which worlds they form; or one of the other views."""
    _check_combination(arguments)
    workspace = _compared_workspace(arguments, context)
    if workspace is not None:
        from mvlock.commands.workspace_duplicates import show_workspace_duplicates

        show_workspace_duplicates(workspace, arguments, context)
        return 0
    lock = open_lock(context.options)
    trees = chosen_trees(lock, arguments.trees)
    if arguments.duplicates:
        _show_duplicates(lock, trees, arguments, context)
    elif arguments.map:
        _show_map(lock, trees, arguments, context)
    elif arguments.invert is not None:
        _show_inverted(lock, trees, arguments, context)
    else:
        _show(lock, trees, arguments, context)
    note_if_stale(context.options, context.console)
    return 0


def _check_combination(arguments: Namespace) -> None:
    for view, others in _NOT_WITH.items():
        for option in others:
            value = getattr(arguments, option)
            if getattr(arguments, view) and value is not None and value is not False:
                raise LocalError("usage", f"argument --{option}: not allowed with argument --{view}")


def _compared_workspace(arguments: Namespace, context: Context) -> Workspace | None:
    """The workspace with the project's folder as its root, if the trees of all members are to be compared."""
    is_for_one = bool(context.options.packages or arguments.trees)
    return workspace_here(context.options.root) if arguments.duplicates and not is_for_one else None


def _show(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> None:
    worlds = world_report(lock, option_values(arguments).text("python"), context)
    names, marks = [tree.name for tree in trees], _marks(lock, trees, arguments, context)
    graphs = tree_graphs(lock, trees)
    if arguments.json:
        facts = {"trees": tree_facts(graphs, marks), "worlds": world_facts(worlds, names)}
        context.console.data(json.dumps(facts, indent=2))
    else:
        _show_trees([TreeView(graph, arguments.depth, marks) for graph in graphs], context)
        _show_worlds(worlds, names, context)
    for note in exclusion_notes(context.options).values():
        context.console.note(note)


def _show_inverted(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> None:
    """What needs a project: in each tree that has it, up to what pyproject.toml requires."""
    name = locked_name(lock, arguments.invert, context.options, exclusion_notes(context.options))
    parts = [part for graph in tree_graphs(lock, trees) if (part := graph.leading_to(name)).tree.packages]
    if not parts:
        raise UnmetRequest("project-not-locked", f"'{name}' is not in {', '.join(arguments.trees)}")
    marks = _marks(lock, trees, arguments, context)
    if arguments.json:
        context.console.data(json.dumps({"trees": tree_facts(parts, marks)}, indent=2))
    else:
        _show_trees([TreeView(part, arguments.depth, marks, needed=name) for part in parts], context)


def _marks(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> list[Marks]:
    """What else is printed of each distribution; sharing only where nothing else was asked for."""
    marks = []
    if arguments.outdated:
        marks.append(outdated_marks(arguments, context))
    if arguments.sizes:
        from mvlock.commands.tree_sizes import size_marks

        marks.append(size_marks(lock, trees, option_values(arguments).text("python"), context))
    return marks or [shared_marks(lock, context.options)]


def _show_trees(views: list[TreeView], context: Context) -> None:
    for line in (line for view in views for line in view.lines()):
        context.console.data(*line)


def _show_worlds(worlds: WorldReport, names: list[str], context: Context) -> None:
    lines = list(world_lines(worlds, names, verbose=context.options.verbose))
    for line in ([("",)] if lines else []) + lines:
        context.console.data(*line)


def _show_map(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> None:
    from mvlock.commands.picture_facts import map_picture
    from mvlock.pictures.model import facts_json
    from mvlock.pictures.text_map import map_lines

    found = map_picture(lock, trees, option_values(arguments).text("python"), context)
    for line in [facts_json(found)] if arguments.json else map_lines(found):
        context.console.data(line)


def _show_duplicates(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> None:
    """Compares all trees; ``trees`` limits what is shown."""
    named = {tree.name for tree in trees}
    with open_duplicates(lock, lock_request(option_values(arguments)), context) as duplicates:
        found = [duplicate for duplicate in map(duplicates.duplicate, duplicates.names()) if duplicate is not None]
    shown = [
        duplicate for duplicate in found if named & {tree_version.tree for tree_version in duplicate.tree_versions}
    ]
    show_duplicates(shown, context, as_json=arguments.json, none="no environment has two versions of a project")

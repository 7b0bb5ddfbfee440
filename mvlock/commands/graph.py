"""``mvlock graph``: the dependency graph of each tree, for other programs; and as a page or an image, for people."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from mvlock.base import atomic
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.opened_project import note_if_stale, open_lock
from mvlock.commands.options import Context, option_values
from mvlock.commands.tree_view import edges, tree_facts
from mvlock.errors import LocalError
from mvlock.lock.model import Lock, LockedTree
from mvlock.lock.tree_graph import TreeGraph, tree_graphs


def execute(arguments: Namespace, context: Context) -> int:
    """Print the graph as Graphviz dot, Mermaid or JSON; or write a page or an image."""
    lock = open_lock(context.options)
    trees = chosen_trees(lock, arguments.trees)
    if arguments.memory and arguments.html is None:
        raise LocalError("usage", "--memory needs --html: only the page shows what imports take")
    if arguments.html is not None or arguments.svg is not None:
        return _write_picture(lock, trees, arguments, context)
    writer = {"dot": _dot, "mermaid": _mermaid, "json": _json}[arguments.format]
    for line in writer(tree_graphs(lock, trees)):
        context.console.data(line)
    return 0


def _write_picture(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> int:
    draw, file = (_page, arguments.html) if arguments.html is not None else (_svg, arguments.svg)
    text = draw(lock, trees, arguments, context)
    if file == "-":
        context.console.data(text.rstrip("\n"))
    else:
        path = Path(file).absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        changed = atomic.update(path, text.encode())
        context.console.info(f"{'Wrote' if changed else 'Unchanged'} {file}")
    note_if_stale(context.options, context.console)
    return 0


def _svg(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> str:
    from mvlock.commands.picture_facts import map_picture
    from mvlock.pictures.svg_map import map_svg

    return map_svg(map_picture(lock, trees, option_values(arguments).text("python"), context))


def _page(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> str:
    from mvlock.commands.picture_facts import map_picture, with_weights
    from mvlock.commands.picture_memory import with_memory
    from mvlock.commands.picture_reasons import with_reasons
    from mvlock.pictures.page import page_html

    request = lock_request(option_values(arguments))
    found = with_weights(map_picture(lock, trees, request.python, context), context)
    if arguments.memory:
        found = with_memory(found, trees, context)
    return page_html(with_reasons(found, lock, request, context))


def _dot(graphs: list[TreeGraph]) -> Iterator[str]:
    yield "digraph trees {"
    for graph in graphs:
        tree = graph.tree
        yield f'  subgraph "cluster_{tree.name}" {{'
        yield f'    label = "{tree.name}";'
        nodes = {tree.name: tree.name} | {
            f"{member.name} {member.version}": f"{member.name}\\n{member.version}" for member in tree.packages
        }
        for node, label in nodes.items():
            yield f'    "{tree.name}: {node}" [label="{label}"];'
        for start, end in edges(graph):
            yield f'    "{tree.name}: {start}" -> "{tree.name}: {end}";'
        yield "  }"
    yield "}"


def _mermaid(graphs: list[TreeGraph]) -> Iterator[str]:
    yield "flowchart LR"
    for graph in graphs:
        tree = graph.tree
        nodes = [tree.name, *dict.fromkeys(f"{member.name} {member.version}" for member in tree.packages)]
        numbers = {node: f"{tree.name}_{number}" for number, node in enumerate(nodes)}
        yield f"  subgraph {tree.name}"
        yield from (f'    {number}["{node}"]' for node, number in numbers.items())
        yield from (f"    {numbers[start]} --> {numbers[end]}" for start, end in edges(graph))
        yield "  end"


def _json(graphs: list[TreeGraph]) -> Iterator[str]:
    yield json.dumps(tree_facts(graphs), indent=2)

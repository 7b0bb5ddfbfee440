"""``mvlock graph``: the dependency graph of each tree, for other programs."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator

from mvlock.commands.options import Context
from mvlock.commands.tree import chosen_trees, edges, tree_facts
from mvlock.commands.workspace import open_lock
from mvlock.lock.model import LockedTree


def execute(arguments: Namespace, context: Context) -> int:
    """Print the graph as Graphviz dot, Mermaid or JSON."""
    trees = chosen_trees(open_lock(context.options), arguments.trees)
    writer = {"dot": _dot, "mermaid": _mermaid, "json": _json}[arguments.format]
    for line in writer(trees):
        context.console.data(line)
    return 0


def _dot(trees: list[LockedTree]) -> Iterator[str]:
    yield "digraph trees {"
    for tree in trees:
        yield f'  subgraph "cluster_{tree.name}" {{'
        yield f'    label = "{tree.name}";'
        nodes = {tree.name: tree.name} | {
            f"{member.name} {member.version}": f"{member.name}\\n{member.version}" for member in tree.packages
        }
        for node, label in nodes.items():
            yield f'    "{tree.name}: {node}" [label="{label}"];'
        for start, end in edges(tree):
            yield f'    "{tree.name}: {start}" -> "{tree.name}: {end}";'
        yield "  }"
    yield "}"


def _mermaid(trees: list[LockedTree]) -> Iterator[str]:
    yield "flowchart LR"
    for tree in trees:
        nodes = [tree.name, *dict.fromkeys(f"{member.name} {member.version}" for member in tree.packages)]
        numbers = {node: f"{tree.name}_{number}" for number, node in enumerate(nodes)}
        yield f"  subgraph {tree.name}"
        yield from (f'    {number}["{node}"]' for node, number in numbers.items())
        yield from (f"    {numbers[start]} --> {numbers[end]}" for start, end in edges(tree))
        yield "  end"


def _json(trees: list[LockedTree]) -> Iterator[str]:
    yield json.dumps(tree_facts(trees), indent=2)

"""``mvlock graph``: who needs whom, tree by tree, for programs that draw or count."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mvlock.commands.options import Shell
from mvlock.commands.tree import chosen_trees, needed_by
from mvlock.commands.workspace import open_lock
from mvlock.lock.model import LockedTree

Edge = tuple[str, str]


def execute(arguments: Namespace, shell: Shell) -> int:
    """Print the graph as Graphviz dot, Mermaid or JSON."""
    trees = chosen_trees(open_lock(shell.options), arguments.trees)
    writer = {"dot": _dot, "mermaid": _mermaid, "json": _json}[arguments.format]
    for line in writer(trees):
        shell.console.data(line)
    return 0


def edges(tree: LockedTree) -> Iterator[Edge]:
    """From the tree to what it was asked for, from each member to what is there for it; ends are ``name version``."""
    labels: dict[str, list[str]] = {}
    for member in tree.packages:
        labels.setdefault(member.name, []).append(f"{member.name} {member.version}")
    for name in sorted({str(canonicalize_name(Requirement(text).name)) for text in tree.requires}):
        yield from ((tree.name, label) for label in labels.get(name, ()))
    for member in tree.packages:
        for name in needed_by(tree, member):
            for label in labels.get(name, ()):
                yield f"{member.name} {member.version}", label


def _dot(trees: list[LockedTree]) -> Iterator[str]:
    yield "digraph trees {"
    for tree in trees:
        yield f'  subgraph "cluster_{tree.name}" {{'
        yield f'    label = "{tree.name}";'
        nodes = {tree.name: tree.name} | {f"{m.name} {m.version}": f"{m.name}\\n{m.version}" for m in tree.packages}
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
    facts = {
        tree.name: {
            "requires": list(tree.requires),
            "packages": [one.model_dump(exclude_none=True) for one in tree.packages],
            **({"soft": [one.model_dump() for one in tree.soft]} if tree.soft else {}),
            "edges": [list(edge) for edge in edges(tree)],
        }
        for tree in trees
    }
    yield json.dumps(facts, indent=2)

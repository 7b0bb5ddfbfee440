"""A tree as indented lines, and as values for programs; what it requires first, or what needs a project first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from mvlock.commands.console import Part
from mvlock.commands.tree_marks import Marks
from mvlock.lock.model import LockedTree, LockedWish, TreePackage
from mvlock.lock.tree_graph import TreeGraph

Edge = tuple[str, str]


class TreeView:
    """One tree as indented lines. A distribution that was already shown with what is below it is marked ``(*)``.

    ``needed``: show what needs this project, not what each needs; ``graph`` is then the part that leads to it.
    """

    def __init__(
        self, graph: TreeGraph, depth: int | None = None, marks: Sequence[Marks] = (), *, needed: str | None = None
    ) -> None:
        self._graph = graph
        self._tree = graph.tree
        self._depth = depth
        self._marks = marks
        self._needed = needed
        self._below = graph.dependencies if needed is None else graph.dependents
        self._shown: set[TreePackage] = set()

    def lines(self) -> Iterator[tuple[Part, ...]]:
        """The tree's name, then its requirements and what they lead to; or ``needed`` and what needs it."""
        note = installed_when(self._tree)
        yield ((self._tree.name, "bold"), (f"  ({note})" if note else "", "dim"), *self._mark_parts("", ""))
        if self._depth != 0:
            starts = sorted(self._tree.direct_requirements) if self._needed is None else [self._needed]
            yield from self._branches([*self._graph.named(starts)], "", 1)

    def _branches(self, members: Sequence[TreePackage], indent: str, level: int) -> Iterator[tuple[Part, ...]]:
        for number, member in enumerate(members):
            last = number == len(members) - 1
            below = self._below[member]
            again = bool(below) and member in self._shown
            yield (
                (indent + ("└── " if last else "├── "), "dim"),
                f"{member.name} {member.version}",
                marker_part(member),
                soft_part(self._tree, member),
                self._requirement_part(member),
                *self._mark_parts(member.name, member.version),
                ("  (*)" if again else "", "dim"),
            )
            if not again and (self._depth is None or level < self._depth):
                self._shown.add(member)
                yield from self._branches(below, indent + ("    " if last else "│   "), level + 1)

    def _requirement_part(self, member: TreePackage) -> Part:
        """What pyproject.toml requires, where lines lead there."""
        found = self._tree.direct_requirements.get(member.name, ()) if self._needed is not None else ()
        return (f"  (pyproject.toml: {', '.join(sorted(map(str, found)))})" if found else "", "green")

    def _mark_parts(self, name: str, version: str) -> Iterator[Part]:
        key = (self._tree.name, name, version)
        yield from ((f"  ({marks[key].text})", marks[key].style) for marks in self._marks if key in marks)


def marker_part(member: TreePackage) -> Part:
    """The condition under which a distribution is in its tree, if there is one."""
    return (f"  ; {member.marker}" if member.marker else "", "dim")


def soft_part(tree: LockedTree, member: TreePackage) -> Part:
    """The library for which a soft dependency is in its tree."""
    reasons = tree.reasons(member.name)
    return (f"  (soft dependency: {'; '.join(reasons)})" if reasons else "", "dim")


def edges(graph: TreeGraph) -> Iterator[Edge]:
    """Edges from the tree to its requirements, and from each member to its dependencies; ends are ``name version``."""
    for member in graph.named(sorted(graph.tree.direct_requirements)):
        yield graph.tree.name, _label(member)
    for member, dependencies in graph.dependencies.items():
        for dependency in dependencies:
            yield _label(member), _label(dependency)


def _label(member: TreePackage) -> str:
    return f"{member.name} {member.version}"


def tree_facts(graphs: Iterable[TreeGraph], marks: Sequence[Marks] = ()) -> dict[str, object]:
    """The trees as JSON-serialisable values, by name."""
    return {graph.tree.name: _tree_facts(graph, marks) for graph in graphs}


def _tree_facts(graph: TreeGraph, marks: Sequence[Marks]) -> dict[str, object]:
    tree = graph.tree
    return {
        "requires": list(tree.requires),
        **_mark_facts(marks, (tree.name, "", "")),
        "packages": [
            {**_facts(package), **_mark_facts(marks, (tree.name, package.name, package.version))}
            for package in tree.packages
        ],
        **({"soft": [_facts(dependency) for dependency in tree.soft]} if tree.soft else {}),
        "edges": [list(edge) for edge in edges(graph)],
    }


def _facts(table: msgspec.Struct) -> dict[str, object]:
    return {key: value for key, value in msgspec.to_builtins(table).items() if value is not None}


def _mark_facts(marks: Sequence[Marks], key: tuple[str, str, str]) -> dict[str, object]:
    return {name: fact for some in marks if key in some for name, fact in some[key].facts.items()}


def installed_when(tree: LockedTree) -> str:
    """What is special about a tree: its alias, the groups and extras that it is for, why it is separate; or ""."""
    notes = [f"alias of {tree.module}"] if tree.alias else []
    if tree.wishes:
        notes += map(_wish_text, tree.wishes)
    elif not tree.always:
        notes += [f"group {name}" for name in tree.groups] + [f"extra {name}" for name in tree.extras]
    notes += dict.fromkeys(f"separate: {conflict.reason}" for conflict in tree.conflicts)
    return ", ".join(notes)


def _wish_text(wish: LockedWish) -> str:
    who = f"group {wish.group} " if wish.group else f"extra {wish.extra} " if wish.extra else ""
    return f"{who}where {wish.marker}" if wish.marker else who.strip()

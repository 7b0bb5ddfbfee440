"""``mvlock tree``: what every tree holds, and what required it."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType

import msgspec

from mvlock.commands.console import Part
from mvlock.commands.duplicates_view import advice, duplicate_facts, duplicate_lines, open_duplicates
from mvlock.commands.exclusions_view import exclusion_notes
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees, dependencies_of
from mvlock.commands.options import Context, Options, option_values
from mvlock.commands.workspace import note_if_stale, open_lock, open_workspace
from mvlock.commands.worlds_view import WorldReport, world_facts, world_lines, world_report
from mvlock.errors import MvlockError
from mvlock.importmap.file import installed_map
from mvlock.lock.model import Lock, LockedTree, LockedWish, TreePackage

_MAX_NAMED = 3
Edge = tuple[str, str]
Shared = Mapping[tuple[str, str, str], tuple[str, ...]]
"""The trees that share a distribution, by tree, project and version."""


def execute(arguments: Namespace, context: Context) -> int:
    """Print all or the named trees, and which worlds they form; or the projects with several versions."""
    lock = open_lock(context.options)
    if arguments.duplicates:
        return _show_duplicates(lock, arguments, context)
    trees = chosen_trees(lock, arguments.trees)
    if arguments.map:
        return _show_map(lock, trees, arguments, context)
    worlds = world_report(lock, option_values(arguments).text("python"), context)
    if arguments.json:
        facts = {"trees": tree_facts(trees), "worlds": world_facts(worlds, [tree.name for tree in trees])}
        context.console.data(json.dumps(facts, indent=2))
    else:
        _show(trees, arguments.depth, worlds, context)
    for note in exclusion_notes(context.options).values():
        context.console.note(note)
    note_if_stale(context.options, context.console)
    return 0


def _show(trees: list[LockedTree], depth: int | None, worlds: WorldReport, context: Context) -> None:
    shared = _shared(context.options)
    for line in (line for tree in trees for line in TreeView(tree, depth, shared).lines()):
        context.console.data(*line)
    lines = list(world_lines(worlds, [tree.name for tree in trees]))
    for line in ([("",)] if lines else []) + lines:
        context.console.data(*line)


def _show_map(lock: Lock, trees: list[LockedTree], arguments: Namespace, context: Context) -> int:
    from mvlock.commands.picture_facts import map_picture
    from mvlock.pictures.model import facts_json
    from mvlock.pictures.text_map import map_lines

    found = map_picture(lock, trees, option_values(arguments).text("python"), context)
    for line in [facts_json(found)] if arguments.json else map_lines(found):
        context.console.data(line)
    note_if_stale(context.options, context.console)
    return 0


def _show_duplicates(lock: Lock, arguments: Namespace, context: Context) -> int:
    """Compares all trees; named trees limit what is shown."""
    named = {tree.name for tree in chosen_trees(lock, arguments.trees)}
    with open_duplicates(lock, lock_request(option_values(arguments)), context) as duplicates:
        found = [duplicate for duplicate in map(duplicates.duplicate, duplicates.names()) if duplicate is not None]
    shown = [
        duplicate for duplicate in found if named & {tree_version.tree for tree_version in duplicate.tree_versions}
    ]
    if arguments.json:
        context.console.data(json.dumps([duplicate_facts(duplicate) for duplicate in shown], indent=2))
    else:
        for line in (line for duplicate in shown for line in duplicate_lines(duplicate)):
            context.console.data(*line)
        message = advice(shown) if shown else "no environment has two versions of a project"
        if message:
            context.console.info(message)
    note_if_stale(context.options, context.console)
    return 0


def _shared(options: Options) -> Shared:
    """The installed distributions that are shared."""
    with suppress(MvlockError):
        project = open_workspace(options).project
        found = installed_map(project.root / project.app)
        domains = found.served() if found is not None else {}
        return {key: domain.trees for key, domain in domains.items() if len(domain.trees) > 1}
    return {}


class TreeView:
    """One tree as indented lines. A distribution that was already shown with its dependencies is marked ``(*)``."""

    def __init__(self, tree: LockedTree, depth: int | None = None, shared: Shared = MappingProxyType({})) -> None:
        self._tree = tree
        self._depth = depth
        self._shared = shared
        self._members: dict[str, list[TreePackage]] = {}
        for package in tree.packages:
            self._members.setdefault(package.name, []).append(package)
        self._shown: set[tuple[str, str]] = set()

    def lines(self) -> Iterator[tuple[Part, ...]]:
        """The tree's name, then its requirements and what they lead to."""
        note = installed_when(self._tree)
        yield ((self._tree.name, "bold"), (f"  ({note})" if note else "", "dim"))
        if self._depth != 0:
            yield from self._branches(sorted(self._tree.direct_requirements), "", 1)

    def _branches(self, names: list[str], indent: str, level: int) -> Iterator[tuple[Part, ...]]:
        members = [member for name in names for member in self._members.get(name, ())]
        for number, member in enumerate(members):
            last = number == len(members) - 1
            dependencies = dependencies_of(self._tree, member)
            again = bool(dependencies) and (member.name, member.version) in self._shown
            yield (
                (indent + ("└── " if last else "├── "), "dim"),
                f"{member.name} {member.version}",
                marker_part(member),
                soft_part(self._tree, member),
                (self._shared_with(member), "cyan"),
                ("  (*)" if again else "", "dim"),
            )
            if not again and (self._depth is None or level < self._depth):
                self._shown.add((member.name, member.version))
                yield from self._branches(dependencies, indent + ("    " if last else "│   "), level + 1)

    def _shared_with(self, member: TreePackage) -> str:
        trees = self._shared.get((self._tree.name, member.name, member.version), ())
        others = [name for name in trees if name != self._tree.name]
        if not others:
            return ""
        return f"  (shared with {', '.join(others) if len(others) <= _MAX_NAMED else f'{len(others)} other trees'})"


def marker_part(member: TreePackage) -> Part:
    """The condition under which a distribution is in its tree, if there is one."""
    return (f"  ; {member.marker}" if member.marker else "", "dim")


def soft_part(tree: LockedTree, member: TreePackage) -> Part:
    """The library for which a soft dependency is in its tree."""
    reasons = tree.reasons(member.name)
    return (f"  (soft dependency: {'; '.join(reasons)})" if reasons else "", "dim")


def edges(tree: LockedTree) -> Iterator[Edge]:
    """Edges from the tree to its requirements, and from each member to its dependencies; ends are ``name version``."""
    labels: dict[str, list[str]] = {}
    for member in tree.packages:
        labels.setdefault(member.name, []).append(f"{member.name} {member.version}")
    for name in sorted(tree.direct_requirements):
        yield from ((tree.name, label) for label in labels.get(name, ()))
    for member in tree.packages:
        for name in dependencies_of(tree, member):
            for label in labels.get(name, ()):
                yield f"{member.name} {member.version}", label


def tree_facts(trees: Iterable[LockedTree]) -> dict[str, object]:
    """The trees as JSON-serialisable values, by name."""
    return {
        tree.name: {
            "requires": list(tree.requires),
            "packages": [_facts(package) for package in tree.packages],
            **({"soft": [_facts(dependency) for dependency in tree.soft]} if tree.soft else {}),
            "edges": [list(edge) for edge in edges(tree)],
        }
        for tree in trees
    }


def _facts(table: msgspec.Struct) -> dict[str, object]:
    return {key: value for key, value in msgspec.to_builtins(table).items() if value is not None}


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

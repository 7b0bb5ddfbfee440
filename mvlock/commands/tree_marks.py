"""What ``mvlock tree`` says of a distribution besides its version: who shares it, and what is newer."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, Options
from mvlock.commands.outdated import Outdated, find_outdated
from mvlock.errors import MvlockError
from mvlock.importmap.file import installed_map
from mvlock.lock.model import Lock

_MAX_NAMED = 3


class Mark(NamedTuple):
    """A remark on one distribution, or on a tree: for people with a rich style, and for programs."""

    text: str
    style: str
    facts: Mapping[str, Any] = {}


Marks = Mapping[tuple[str, str, str], Mark]
"""By tree, project and version; both are "" for the tree itself."""


def shared_marks(lock: Lock, options: Options) -> Marks:
    """With which other trees that contain them the installed distributions are shared."""
    holders: dict[tuple[str, str], set[str]] = {}
    for tree in lock.trees:
        for member in tree.packages:
            holders.setdefault((member.name, member.version), set()).add(tree.name)
    with suppress(MvlockError):
        project = open_project(options).project
        found = installed_map(project.root / project.app)
        domains = found.served() if found is not None else {}
        others = {
            key: sorted(holders[key[1:]].intersection(one.trees) - {key[0]})
            for key, one in domains.items()
            if key[1:] in holders
        }
        return {key: _shared(trees) for key, trees in others.items() if trees}
    return {}


def _shared(others: Sequence[str]) -> Mark:
    named = ", ".join(others) if len(others) <= _MAX_NAMED else f"{len(others)} other trees"
    return Mark(f"shared with {named}", "cyan")


def outdated_marks(arguments: Namespace, context: Context) -> Marks:
    """Which version an upgrade would choose, and which is the newest, where that is not the locked one."""
    marks = {}
    for entry in find_outdated(arguments, context):
        facts = {"upgrade": entry.upgrade, "newest": entry.newest}
        marks[entry.tree, entry.name, entry.locked] = Mark(_outdated_text(entry), "yellow", facts)
    return marks


def _outdated_text(entry: Outdated) -> str:
    if not entry.upgrade:
        return "an upgrade removes it"
    change = f"upgrade {entry.upgrade}, " if entry.upgrade != entry.locked else ""
    return f"{change}newest {entry.newest}"

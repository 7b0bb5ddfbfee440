"""What projects in folders set for themselves, and what is therefore not in the lock of a project that uses them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from mvlock.commands.amounts import listed
from mvlock.commands.options import Context
from mvlock.errors import MvlockError
from mvlock.project.document import parse_document, read_text
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Project
from mvlock.project.pep621 import table_in

_OTHERS = ("exclude-dependencies", "overrides", "trees")
"""Settings besides aliases with which the same dependencies become another lock."""

Settings = Mapping[str, object]


def note_settings_of_sources(project: Project, context: Context) -> None:
    """Note which settings of its path sources a project has not itself: those of the project that is run apply."""
    if project.is_script:
        return
    own = _settings(project.root)
    for name, source in project.sources.items():
        if isinstance(source, PathSource):
            for text in _differences(name, _settings(source.path), own):
                context.console.note(text)


def _settings(folder: Path) -> Settings:
    """``[tool.mvlock]`` of the project in a folder; empty if there is none."""
    with suppress(MvlockError):
        return table_in(table_in(parse_document(read_text(folder / FILE_NAME)), "tool"), "mvlock")
    return {}


def _differences(name: str, theirs: Settings, own: Settings) -> Iterator[str]:
    aliases, known = table_in(theirs, "alias"), table_in(own, "alias")
    missing = {alias: value for alias, value in aliases.items() if alias not in known}
    if missing:
        commands = " and ".join(f"`mvlock add --alias {alias} {_required(value)}`" for alias, value in missing.items())
        one = len(missing) == 1
        what, here = ("alias", "adds it here") if one else ("aliases", "add them here")
        where = f"{'is' if one else 'are'} not in this lock: aliases are of the project that is run"
        yield f"{name}'s own {what} {listed([*missing])} {where}; {commands} {here}"
    others = [key for key in _OTHERS if key in theirs and theirs[key] != own.get(key)]
    if others:
        yield f"{name}'s own {listed(others)} in [tool.mvlock] are not for this lock, but for its own"


def _required(alias: object) -> str:
    """The requirement of an alias as a word of a command line; one with more settings, or several, is not written."""
    return shlex.quote(alias) if isinstance(alias, str) else "…"

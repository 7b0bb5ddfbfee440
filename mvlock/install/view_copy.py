"""Copies of libraries in the view, for a library that imports itself by a name that means another version there.

As a link, ``pandas_old`` would show the types of the view's ``pandas``, since its modules say ``from pandas.core
import …``. So it is a folder of links, and of copies of those modules that import one of ``names``, with these renamed
as in the view: ``from pandas_old.core import …``. Line by line, so that line numbers are those of the library.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

_SOURCES = (".py", ".pyi")
_AS_THEY_ARE = frozenset({"tests", "test", "__pycache__"})
"""Folders that are irrelevant to types."""


class Copy(msgspec.Struct, frozen=True):
    """The module at ``source``, a folder or a file; ``names`` maps top-level names to those in the view."""

    source: Path
    names: Mapping[str, str]


def fill_copy(place: Path, copy: Copy, final: Path) -> None:
    """Make ``place`` the copy; its links are relative as seen from ``final``, where it will be."""
    rewritten = {path: text for path in _sources(copy.source) if (text := _rewritten(path, copy.names)) is not None}
    folders = frozenset(folder for path in rewritten for folder in path.parents)
    _fill(copy.source, place, final, rewritten, folders)


def _fill(source: Path, place: Path, final: Path, rewritten: Mapping[Path, bytes], folders: frozenset[Path]) -> None:
    """``folders``: those above what is ``rewritten``."""
    if source in rewritten:
        place.write_bytes(rewritten[source])
        place.chmod(0o444)  # read-only: someone who gets here in an editor must not take it for the library
    elif source in folders:
        place.mkdir()
        for child in sorted(source.iterdir()):
            if child.name != "__pycache__":
                _fill(child, place / child.name, final / child.name, rewritten, folders)
    else:
        os.symlink(Path(os.path.relpath(source, final.parent)).as_posix(), place)  # noqa: PTH211  # exactly this text


def _sources(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
        return
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in _AS_THEY_ARE]
        yield from (Path(folder, name) for name in files if name.endswith(_SOURCES))


def _rewritten(path: Path, names: Mapping[str, str]) -> bytes | None:
    """The text of a module with other names in its imports, or None if it imports none of ``names``."""
    try:
        text = path.read_bytes().decode("latin-1")  # whatever the encoding, names and keywords are ASCII
    except OSError:
        return None
    new = renamed(text, names)
    return new.encode("latin-1") if new != text else None


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Source code that imports each of ``names`` (keys) by its new name (values); line numbers stay the same."""
    choice = "|".join(map(re.escape, sorted(names)))
    text = re.sub(
        rf"^([ \t]*from[ \t]+)({choice})(?=[. \t])", lambda found: found[1] + names[found[2]], text, flags=re.MULTILINE
    )
    return re.sub(
        rf"^([ \t]*import[ \t]+)([^\n#;\\]*\b(?:{choice})\b[^\n#;\\]*?)(?=[ \t]*(?:$|[#;\\]))",
        lambda found: found[1] + ", ".join(_parts(found[2], names)),
        text,
        flags=re.MULTILINE,
    )


def _parts(listed: str, names: Mapping[str, str]) -> Iterator[str]:
    for part in listed.split(","):
        name, _, given = (word.strip() for word in part.partition(" as "))
        top, point, rest = name.partition(".")
        new = names.get(top, top) + point + rest
        if top not in names:
            yield part.strip()
        elif given:
            yield f"{new} as {given}"
        else:
            yield from ([new] if point else [])
            yield f"{names[top]} as {top}"

"""The view on disk: made as a whole beside its place, left alone if it is already what it should be."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from mvlock.base.folders import staging
from mvlock.install.view import APPLICATION, BEHIND, TREES, View
from mvlock.install.view_copy import fill_copy
from mvlock.plan.receipt import TREE_RECEIPT

DESCRIPTION = "view.json"
_FORMAT = 2
"""Changing this number rebuilds all views."""
_MARKS = ("__init__.py", "py.typed")
"""Makes ``py_modules`` a package of the view alone, although the project has a folder of that name."""


def description(content: View, view: Path, movable: Path) -> dict[str, object]:
    """Everything that determines the folder ``view``: links as written there, copies and the state of their trees.

    Links are relative if they stay in ``movable``, which may be moved as a whole.
    """
    links = {path: _seen(target, (view / path).parent, movable) for path, target in content.links.items()}
    copies = {
        path: [_seen(copy.source, view, movable), _state(copy.source), dict(copy.names)]
        for path, copy in content.copies.items()
    }
    return {"format": _FORMAT, "links": links, "copies": copies}


def view_problem(view: Path, expected: Mapping[str, object]) -> str | None:
    """What is wrong with the view, or None; the contents of copies are not checked."""
    try:
        found = json.loads((view / DESCRIPTION).read_bytes())
        if found != expected:
            return "it was made for other trees"
        wrong = [at for at, target in found["links"].items() if _target(view / at) != target]
        wrong += [at for at in found["copies"] if not os.path.lexists(view / at)]
        wrong += sorted(_unknown_files(view, {*found["links"], *found["copies"]}))
    except (OSError, ValueError) as error:
        return f"it cannot be read: {error}"
    return f"{wrong[0]} is missing or was changed" if wrong else None


def write_view(view: Path, content: View, movable: Path) -> bool:
    """Put the view in place as a whole; returns whether that changed anything.

    :raises OSError: links cannot be made here
    """
    described = description(content, view, movable)
    if view_problem(view, described) is None:
        return False
    with staging() as folders:
        _fill(folders.open(view), content, described, view)
        folders.move_into_place()
    return True


def _fill(staged: Path, content: View, described: Mapping[str, object], view: Path) -> None:
    for folder in {APPLICATION, BEHIND, *(at.rpartition("/")[0] for at in (*content.links, *content.copies))}:
        (staged / folder).mkdir(parents=True, exist_ok=True)
    links = described["links"]
    for at, target in links.items() if isinstance(links, dict) else ():
        os.symlink(target, staged / at)  # noqa: PTH211  # a Path would change the text
    for at, copy in content.copies.items():
        fill_copy(staged / at, copy, view / at)
    for folder in {folder for folder in map(_tree_package, (*content.links, *content.copies)) if folder}:
        for place in (staged / folder, (staged / folder).parent):
            for name in _MARKS:
                (place / name).touch()
    (staged / DESCRIPTION).write_text(json.dumps(described), "utf-8")


def _tree_package(at: str) -> str | None:
    """The package ``py_modules.<tree>`` that a path of the view is in, if any."""
    parts = at.split("/")
    return "/".join(parts[:3]) if parts[:2] == [APPLICATION, TREES] else None


def _seen(target: Path, folder: Path, movable: Path) -> str:
    if not target.is_relative_to(movable):
        return target.as_posix()
    return Path(os.path.relpath(target, folder)).as_posix()


def _target(path: Path) -> str | None:
    with suppress(OSError):
        return path.readlink().as_posix()
    return None


def _unknown_files(view: Path, known: set[str]) -> Iterator[str]:
    """Files and links that we did not put into the view."""
    for folder, folders, files in os.walk(view):
        paths = {name: Path(folder, name).relative_to(view).as_posix() for name in (*folders, *files)}
        folders[:] = [name for name in folders if paths[name] not in known]
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        ours = {DESCRIPTION, *_MARKS}
        yield from (paths[name] for name in (*linked, *files) if paths[name] not in known and name not in ours)


def _state(source: Path) -> list[int]:
    """Changes when the tree that contains ``source`` is rebuilt."""
    for folder in source.parents:
        with suppress(OSError):
            status = (folder / TREE_RECEIPT).stat()
            return [status.st_ino, status.st_mtime_ns]
    return []

"""Whether an install has nothing to do, according to what the last one left, without parsing lock or project.

After an install ``.settled.json`` in the folder of the trees records its options, the hashes of all files that
determined what is installed, and time and size of what it left: receipts, each tree's interpreter and
site-packages, everything in the application's folders. While all of that is the same, there is nothing to do. Any
difference, and any doubt, means a full check. Standard library only: the answer must take less time than importing
most modules would.
"""

# Annotations are not postponed: each one would be compiled whenever a command starts.

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mvlock import __version__
from mvlock.base import atomic
from mvlock.base.freshness import content_hash, folder_fingerprint, read_record, stamp
from mvlock.interpreter.pinned import version_file

RECORD_FILE = ".settled.json"
"""In the folder of the trees: what the last install left."""
REPORTED_FILE = ".told.json"
"""Beside it: what the last install reported about the application's imports (``undeclared``)."""
_FORMAT = 3
_RECEIPT = ".mvlock.json"
_INPUTS = ("pyproject.toml", "mv.lock")
_SEARCHED = ("PATH", "PYENV_ROOT", "HOME")


class InstallInputs(NamedTuple):
    """An install of the project in ``root`` with these options (as typed), and its inputs as they are now.

    ``home``: the folder that its environments are in.
    """

    root: Path
    home: Path
    options: Mapping[str, object]
    inputs: Mapping[str, str | None]

    @classmethod
    def read(cls, root: Path, options: Mapping[str, object]) -> "InstallInputs":
        """The inputs now; reads files of the project, so call this before anything else reads them."""
        return cls(root, root, options, hashes_of(root, *(root / name for name in _INPUTS)))

    def key(self) -> str:
        """A hash of everything that must be equal for the answer to be the same."""
        parts = {
            "root": str(self.root),
            "home": str(self.home),
            "format": _FORMAT,
            "version": __version__,
            "by": os.path.realpath(sys.executable),
            "options": dict(self.options),
            "inputs": dict(self.inputs),
            "variables": {name: os.environ.get(name) for name in _SEARCHED},
            "importshim": _importshim(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def hashes_of(root: Path, *files: Path) -> dict[str, str | None]:
    """The hashes of these files, and of the one that may say which Python the project in ``root`` is for."""
    version = version_file(root)
    return {
        **{file.name: content_hash(file) for file in files},
        str(version): content_hash(version) if version else None,
    }


class InstalledState(NamedTuple):
    """What an install left behind: the folders of trees and application, relative to their home.

    ``folders``: those of the application in which every file must be unchanged. ``parts``: what each tree cannot do
    without, relative to it. ``files``: other files that the result depends on, absolute or relative to the root.
    ``sources``: folders that were built, with whether as editable, and their fingerprints. ``listings``: folders whose
    modules are in the map.
    """

    modules: str
    app: str
    interpreter: str
    folders: tuple[str, ...]
    parts: tuple[str, ...]
    files: tuple[str, ...] = ()
    sources: tuple[tuple[str, bool, str], ...] = ()
    listings: tuple[str, ...] = ()


def unchanged_state(inputs: InstallInputs) -> InstalledState | None:
    """What the last install left behind, if it is all unchanged and the inputs are the same; else None."""
    for folder in _candidates(inputs.home):
        data = read_record(inputs.home / folder / RECORD_FILE)
        with suppress(OSError, ValueError, KeyError, TypeError):
            if data["key"] == inputs.key():
                state = InstalledState(**{**data["settled"], "sources": tuple(map(tuple, data["settled"]["sources"]))})
                if data["state"] == _current_state(inputs, state):
                    return state
    return None


def record_state(inputs: InstallInputs, state: InstalledState) -> None:
    """Record what an install left behind; if that cannot be written, the next install does a full check.

    It also does if there are no trees and no folder for them, or if a source has changed since.
    """
    with suppress(OSError, ValueError):
        record = {"key": inputs.key(), "settled": state._asdict(), "state": _current_state(inputs, state)}
        path = inputs.home / state.modules / RECORD_FILE
        atomic.remove_drafts_of(path)
        atomic.write(path, json.dumps(record).encode(), mode=atomic.OWNER_ONLY)


def _candidates(home: Path) -> Iterator[str]:
    """Folders that may hold the trees: the usual one first, then any that has our record."""
    yield "py_modules"
    with suppress(OSError):
        yield from sorted(entry.name for entry in os.scandir(home) if entry.is_dir() and entry.name != "py_modules")


def _current_state(inputs: InstallInputs, state: InstalledState) -> object:
    root, home = inputs.root, inputs.home
    modules = home / state.modules
    trees = [name for name in _names(modules) if not name.startswith((RECORD_FILE, REPORTED_FILE))]
    siblings = [name for name in _names((home / state.app).parent) if name.startswith(".mvlock-tmp-")]
    receipts = [modules / name / part for name in trees for part in (_RECEIPT, *state.parts)]
    receipts += [home / state.app / name for name in (_RECEIPT, "pyvenv.cfg")]
    current = {
        "trees": trees,
        "siblings": siblings,
        "receipts": [stamp(path) for path in receipts],
        "folders": [[stamp(home / folder), *_stamps(home / folder)] for folder in state.folders],
        "interpreter": stamp(Path(state.interpreter)),
        "files": [content_hash(root / name) for name in state.files],
        "sources": [folder_fingerprint(root / path, editable=editable) for path, editable, _ in state.sources],
        "expected": [fingerprint for _, _, fingerprint in state.sources],
        "listings": [_names(home / folder) for folder in state.listings],
    }
    if current["sources"] != current["expected"]:
        raise ValueError("a source has changed")
    return current


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder) if entry.name != "__pycache__")


def _stamps(folder: Path) -> list[list[object]]:
    """Name, time, size and mode of everything in a folder; of links the name alone.

    A view has thousands of links. One that is replaced changes the time of its folder, so none of them has to be
    looked at.
    """
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if entry.name != "__pycache__"]
        return sorted([item.name, *(() if item.is_symlink() else stamp(item) or ())] for item in found)


def _importshim() -> list[list[object]]:
    """Time and size of the importshim files that would go into the application's environment."""
    folder = Path(__file__).parents[2] / "importshim"
    with suppress(OSError):
        return _stamps(folder)
    return []
